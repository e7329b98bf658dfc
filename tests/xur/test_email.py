"""His stock by email, handed to a real server, with and without TLS."""

import re
import smtplib
import subprocess
import sys
from urllib.parse import quote

import pytest

from bungie_sandbox.server import running
from destiny_web.config import ROOT
from destiny_web.services.mail import MailServer, mail_address
from tests.browsing import _Builder
from tests.serving import free_port
from tests.xur.conftest import LEFT, SUNDAY, THURSDAY, WEEK_ON
from tests.xur.mailing import PASSWORD, USER, Box, certificate, mail_server
from tests.xur.test_odd_stock import answer, sale

ONE, OTHER = "one@example.org", "other@example.org"
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"


@pytest.fixture
def box():
    """What the server has taken."""
    return Box()


@pytest.fixture
def email(site, box):
    """Run ``flask xur email`` against a server without TLS."""
    with mail_server(box) as address:
        application = site(smtp_url=f"smtp://{address}", mail_from="Vault <xur@example.org>")
        yield lambda *words: application.test_cli_runner().invoke(args=["xur", "email", *words])


def parts(message):
    return (
        message.get_body(("plain",)).get_content(),
        message.get_body(("html",)).get_content(),
    )


def test_an_email_has_a_subject_a_text_and_the_same_as_html(email, box):
    ended = email("--to", ONE)
    assert (ended.exit_code, ended.output) == (0, f"{ONE}: sent\n")
    (message,) = box.mail
    assert message["Subject"] == "Xûr is here until Tuesday 30 June, 17:00 UTC: 41 offers"
    assert message["To"] == ONE
    assert message["From"] == "Vault <xur@example.org>"
    assert message["Date"].datetime == SUNDAY
    assert message["Message-ID"].endswith("@example.org>")
    assert "List-Unsubscribe" not in message
    text, html = parts(message)
    assert "Xûr is here. Leaves on Tuesday 30 June, 17:00 UTC." in text
    assert text.count("\n* ") == 41
    assert html.count("Strange Coin") == text.count("Strange Coin")


def test_the_html_of_an_email_is_whole_and_needs_no_picture(email, box, bungie):
    email("--to", ONE)
    html = parts(box.mail[0])[1]
    builder = _Builder()
    builder.feed(html)
    assert not builder.faults
    assert not builder.open[1:]
    page = builder.root
    assert all(one.attributes["alt"] == "" for one in page.all("img"))
    assert all(one.attributes["src"].startswith(f"{bungie.root}/") for one in page.all("img"))
    assert "prefers-color-scheme: dark" in html
    assert [one.attributes["href"] for one in page.all("a")] == ["http://127.0.0.1:5000/xur/"]


def test_every_reader_gets_an_email_of_their_own(email, box):
    assert email("--to", ONE, "--to", OTHER, "--to", ONE).exit_code == 0
    assert [one["To"] for one in box.mail] == [ONE, OTHER]
    assert len({one["Message-ID"] for one in box.mail}) == 2


def test_a_list_that_can_be_left_says_where(site, box):
    with mail_server(box) as address:
        application = site(
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
            mail_unsubscribe="https://example.org/leave",
        )
        application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    assert box.mail[0]["List-Unsubscribe"] == "<https://example.org/leave>"
    assert all("https://example.org/leave" in part for part in parts(box.mail[0]))


def test_a_dry_run_prints_the_email_and_sends_nothing(site):
    ended = site().test_cli_runner().invoke(args=["xur", "email", "--to", ONE, "--dry-run"])
    assert ended.exit_code == 0
    assert f"To: {ONE}" in ended.output
    assert "Leaves on Tuesday 30 June, 17:00 UTC" in ended.output
    assert "<h1" in ended.output


def test_nobody_gets_the_same_stock_twice(email, box, at):
    assert "sent" in email("--to", ONE, "--only-if-new").output
    again = email("--to", ONE, "--to", OTHER, "--only-if-new")
    assert again.output == f"{ONE}: has this stock already\n{OTHER}: sent\n"
    assert email("--to", ONE.upper(), "--only-if-new").output.endswith("already\n")
    at(WEEK_ON)
    assert "sent" in email("--to", ONE, "--only-if-new").output
    assert "sent" in email("--to", ONE).output  # asked for without that: again
    assert [one["To"] for one in box.mail] == [ONE, OTHER, ONE, ONE]


def test_what_was_refused_counts_as_not_sent(email, box):
    box.full = True
    assert email("--to", ONE, "--only-if-new").exit_code == 1
    box.full = False
    assert "sent" in email("--to", ONE, "--only-if-new").output


def test_a_timer_sends_nothing_while_he_is_away(email, box, at):
    for moment in (THURSDAY, LEFT):
        at(moment)
        ended = email("--to", ONE, "--only-if-new")
        assert (ended.exit_code, ended.output) == (0, "Xûr is away: nothing new to send.\n")
    assert box.mail == []


def test_an_email_while_he_is_away_says_that_its_stock_is_past(email, box, at):
    email("--to", ONE, "--dry-run")
    at(LEFT)
    email("--to", ONE)
    (message,) = box.mail
    assert message["Subject"] == "Xûr is away until Friday 3 July, 17:00 UTC"
    assert all("It cannot be bought any more." in part for part in parts(message))


def test_without_a_stock_nothing_is_sent_and_the_reason_is_told(email, box, bungie):
    bungie.fail_next("GetPublicVendors", "maintenance", times=-1)
    ended = email("--to", ONE)
    assert ended.exit_code == 1
    assert "nothing was sent. Bungie is in maintenance." in ended.output
    assert box.mail == []


def test_a_refused_reader_is_named_and_the_others_get_theirs(email, box):
    box.refused[ONE] = "550 5.1.1 No such user here"
    ended = email("--to", ONE, "--to", OTHER)
    assert ended.exit_code == 1
    assert (
        f"Error: {ONE}: 127.0.0.1 does not take mail for that address: 550 5.1.1 No such user here"
    ) in ended.output
    assert [one["To"] for one in box.mail] == [OTHER]


def test_a_server_that_takes_nothing_is_quoted_in_one_line(email, box):
    box.full = True
    ended = email("--to", ONE)
    assert ended.exit_code == 1
    assert ended.output == (
        f"Error: {ONE}: 127.0.0.1 refused the email: 452 4.3.1 Insufficient system storage\n"
    )


def test_a_server_that_is_not_there_is_told_in_one_line(site):
    application = site(smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_from="xur@example.org")
    ended = application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    assert ended.exit_code == 1
    assert re.fullmatch(
        rf"Error: {ONE}: 127.0.0.1:\d+ cannot be reached: .*refused\n", ended.output
    )


def test_without_a_server_there_is_one_line(site):
    ended = site().test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    assert ended.exit_code == 1
    assert ended.output == "Error: SMTP_URL is not set: there is no server to send by\n"


@pytest.mark.parametrize("reader", ["nobody", "a@", "@b", "a@b\nBcc: c@d", "a b@c"])
def test_what_is_no_address_is_refused_before_anything_is_sent(email, box, reader):
    ended = email("--to", ONE, "--to", reader)
    assert ended.exit_code == 2
    assert "must be an email address" in ended.output
    assert box.mail == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_with_tls_and_a_password_the_email_goes_encrypted(site, box, tmp_path, monkeypatch, scheme):
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    way = {"tls_context": context, "require_starttls": True}
    options = way if scheme == "smtp" else {"ssl_context": context, "auth_require_tls": False}
    with mail_server(box, authenticator=box.authenticate, **options) as address:
        application = site(smtp_url=f"{scheme}://{LOGIN}{address}", mail_from="xur@example.org")
        ended = application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    assert ended.output == f"{ONE}: sent\n"
    assert box.users == [USER]
    assert box.encrypted == [True]


def test_a_wrong_password_is_told_without_repeating_it(site, box, tmp_path, monkeypatch):
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with mail_server(
        box, authenticator=box.authenticate, tls_context=context, require_starttls=True
    ) as address:
        wrong = f"smtp://{quote(USER, safe='')}:hunter2hunter2@{address}"
        application = site(smtp_url=wrong, mail_from="xur@example.org")
        ended = application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    assert ended.exit_code == 1
    assert "does not accept user and password: 535" in ended.output
    assert "hunter2" not in ended.output
    assert box.mail == []


# In a process of its own: 0.0.0.0 leads to this machine too, but does not say so.
HAND_IN = """
import sys
from email.message import EmailMessage
from destiny_web.services.mail import MailError, MailServer, deliver
message = EmailMessage()
message["From"] = message["To"] = "xur@example.org"
try:
    deliver(message, MailServer.of(sys.argv[1]))
except MailError as error:
    print(error)
"""


def test_a_password_goes_to_no_other_machine_without_encryption(box):
    with mail_server(box) as address:
        port = address.rpartition(":")[2]
        ended = subprocess.run(
            [sys.executable, "-c", HAND_IN, f"smtp://{LOGIN}0.0.0.0:{port}"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert ended.stdout == "0.0.0.0 offers no encryption: the password was not sent\n"
    assert box.users == []
    assert box.mail == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(site, box, tmp_path, scheme):
    _, context = certificate(tmp_path)
    options = {"tls_context": context} if scheme == "smtp" else {"ssl_context": context}
    try:
        with mail_server(box, **options) as address:
            application = site(smtp_url=f"{scheme}://{address}", mail_from="xur@example.org")
            ended = application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE])
    except smtplib.SMTPException:  # the server's own, on its way down
        pass
    assert ended.exit_code == 1
    assert "has no certificate to trust" in ended.output
    assert box.mail == []


def test_markup_in_names_is_text_and_steers_no_terminal(site, tmp_path, box):
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil/manifest.looked").touch()
    with running(hostile=True, vault=5) as evil, mail_server(box) as address:
        evil.clock.set(SUNDAY)
        application = site(
            tmp_path / "evil",
            bungie_root=evil.root,
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
        )
        runner = application.test_cli_runner()
        assert runner.invoke(args=["xur", "email", "--to", ONE]).exit_code == 0
        shown = runner.invoke(args=["xur", "show"])
    text, html = parts(box.mail[0])
    assert "<script>alert" not in html
    assert "\u202e" not in text + shown.output
    assert shown.exit_code == 0


def test_show_prints_a_table_of_every_offer(site):
    ended = site().test_cli_runner().invoke(args=["xur", "show"])
    assert ended.exit_code == 0
    lines = ended.output.splitlines()
    assert lines[0] == "Xûr is here. Leaves in 2 days 5 hours: Tuesday 30 June, 17:00 UTC."
    assert sum(line.startswith("  ") for line in lines) == 41
    assert {"Xûr", "Strange Gear Offers", "More Strange Offers"} <= set(lines)
    priced = [line.rindex("41 Strange Coin") for line in lines if "  41 Strange Coin" in line]
    assert len(set(priced)) == 1


def test_show_says_when_nothing_is_known(site, at):
    at(THURSDAY)
    ended = site().test_cli_runner().invoke(args=["xur", "show"])
    assert ended.exit_code == 1
    assert "Xûr is away. Comes back in 1 day 5 hours" in ended.output
    assert "not known yet" in ended.output


def test_an_email_about_things_that_nobody_knows_is_sent_too(site, told, box):
    with mail_server(box) as address:
        application = site(
            bungie_root=told(**answer(sale(4_000_000_001), {"itemHash": None})),
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
        )
        assert (
            application.test_cli_runner().invoke(args=["xur", "email", "--to", ONE]).exit_code == 0
        )
    assert all("Unknown item 4000000001" in part for part in parts(box.mail[0]))


@pytest.mark.parametrize(
    ("address", "host", "port", "encrypted"),
    [
        ("smtp://127.0.0.1", "127.0.0.1", 25, False),
        ("smtp://localhost:8025", "localhost", 8025, False),
        ("smtps://mail.example.org", "mail.example.org", 465, True),
        ("smtps://mail.example.org:2465/", "mail.example.org", 2465, True),
        ("smtp://[::1]:25", "::1", 25, False),
    ],
)
def test_an_address_of_a_server_is_read(address, host, port, encrypted):
    server = MailServer.of(address)
    assert (server.host, server.port, server.encrypted) == (host, port, encrypted)


def test_user_and_password_are_unquoted_and_kept_out_of_sight():
    server = MailServer.of(f"smtps://{LOGIN}mail.example.org")
    assert (server.user, server.password) == (USER, PASSWORD)
    assert PASSWORD not in repr(server)


@pytest.mark.parametrize(
    "address",
    ["http://x", "smtp://", "smtp://x:99999", "smtp://u@x", "smtp://x/y", "x", "smtp://x:0"],
)
def test_what_is_no_server_is_refused(address):
    with pytest.raises(ValueError, match="must"):
        MailServer.of(address)


def test_a_reader_may_have_a_name():
    assert mail_address("Ikora <ikora@example.org>") == "Ikora <ikora@example.org>"
