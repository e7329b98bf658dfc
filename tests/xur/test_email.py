"""Xûr's stock by email, sent to an SMTP server with and without TLS."""

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
from tests.xur.conftest import AFTER_DEPARTURE, NEXT_SUNDAY, SUNDAY, THURSDAY
from tests.xur.mail_server import PASSWORD, USER, Mailbox, create_certificate, run_mail_server
from tests.xur.test_unusual_stock import answer, sale

READER, SECOND_READER = "one@example.org", "other@example.org"
LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"


@pytest.fixture
def mailbox():
    """The emails that the server has received."""
    return Mailbox()


@pytest.fixture
def send(build_site, mailbox):
    """Run ``flask xur email`` with a server without TLS."""
    with run_mail_server(mailbox) as address:
        application = build_site(smtp_url=f"smtp://{address}", mail_from="Vault <xur@example.org>")
        yield lambda *options: application.test_cli_runner().invoke(args=["xur", "email", *options])


def bodies_of(message):
    return (
        message.get_body(("plain",)).get_content(),
        message.get_body(("html",)).get_content(),
    )


def test_an_email_has_a_subject_a_text_and_html(send, mailbox):
    result = send("--to", READER)
    assert (result.exit_code, result.output) == (0, f"{READER}: sent\n")
    (message,) = mailbox.messages
    assert message["Subject"] == "Xûr is here until Tuesday 30 June, 17:00 UTC: 41 offers"
    assert message["To"] == READER
    assert message["From"] == "Vault <xur@example.org>"
    assert message["Date"].datetime == SUNDAY
    assert message["Message-ID"].endswith("@example.org>")
    assert "List-Unsubscribe" not in message
    text, html = bodies_of(message)
    assert "Xûr is here. Leaves on Tuesday 30 June, 17:00 UTC." in text
    assert text.count("\n* ") == 41
    assert html.count("Strange Coin") == text.count("Strange Coin")


def test_the_html_of_an_email_is_valid_and_images_are_decorative(send, mailbox, bungie):
    send("--to", READER)
    html = bodies_of(mailbox.messages[0])[1]
    builder = _Builder()
    builder.feed(html)
    assert not builder.faults
    assert not builder.open[1:]
    page = builder.root
    assert all(image.attributes["alt"] == "" for image in page.all("img"))
    assert all(image.attributes["src"].startswith(f"{bungie.root}/") for image in page.all("img"))
    assert "prefers-color-scheme: dark" in html
    assert [link.attributes["href"] for link in page.all("a")] == ["http://127.0.0.1:5000/xur/"]


def test_every_reader_gets_a_separate_email(send, mailbox):
    assert send("--to", READER, "--to", SECOND_READER, "--to", READER).exit_code == 0
    assert [message["To"] for message in mailbox.messages] == [READER, SECOND_READER]
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2


def test_an_email_has_the_address_for_unsubscribing(build_site, mailbox):
    with run_mail_server(mailbox) as address:
        application = build_site(
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
            mail_unsubscribe="https://example.org/leave",
        )
        application.test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    assert mailbox.messages[0]["List-Unsubscribe"] == "<https://example.org/leave>"
    assert all("https://example.org/leave" in body for body in bodies_of(mailbox.messages[0]))


def test_a_dry_run_prints_the_email_and_sends_nothing(build_site):
    result = (
        build_site().test_cli_runner().invoke(args=["xur", "email", "--to", READER, "--dry-run"])
    )
    assert result.exit_code == 0
    assert f"To: {READER}" in result.output
    assert "Leaves on Tuesday 30 June, 17:00 UTC" in result.output
    assert "<h1" in result.output


def test_only_if_new_sends_the_same_stock_once_to_each_reader(send, mailbox, set_clock):
    assert "sent" in send("--to", READER, "--only-if-new").output
    second_result = send("--to", READER, "--to", SECOND_READER, "--only-if-new")
    assert second_result.output == f"{READER}: has this stock already\n{SECOND_READER}: sent\n"
    assert send("--to", READER.upper(), "--only-if-new").output.endswith("already\n")
    set_clock(NEXT_SUNDAY)
    assert "sent" in send("--to", READER, "--only-if-new").output
    assert "sent" in send("--to", READER).output  # without --only-if-new
    assert [message["To"] for message in mailbox.messages] == [
        READER,
        SECOND_READER,
        READER,
        READER,
    ]


def test_a_refused_email_counts_as_not_sent(send, mailbox):
    mailbox.is_full = True
    assert send("--to", READER, "--only-if-new").exit_code == 1
    mailbox.is_full = False
    assert "sent" in send("--to", READER, "--only-if-new").output


def test_only_if_new_sends_nothing_while_xur_is_away(send, mailbox, set_clock):
    for moment in (THURSDAY, AFTER_DEPARTURE):
        set_clock(moment)
        result = send("--to", READER, "--only-if-new")
        assert (result.exit_code, result.output) == (0, "Xûr is away: nothing new to send.\n")
    assert mailbox.messages == []


def test_an_email_while_xur_is_away_says_that_the_stock_is_past(send, mailbox, set_clock):
    send("--to", READER, "--dry-run")
    set_clock(AFTER_DEPARTURE)
    send("--to", READER)
    (message,) = mailbox.messages
    assert message["Subject"] == "Xûr is away until Friday 3 July, 17:00 UTC"
    assert all("It cannot be bought any more." in body for body in bodies_of(message))


def test_without_a_stock_nothing_is_sent_and_the_reason_is_printed(send, mailbox, bungie):
    bungie.fail_next("GetPublicVendors", "maintenance", times=-1)
    result = send("--to", READER)
    assert result.exit_code == 1
    assert "nothing was sent. Bungie is in maintenance." in result.output
    assert mailbox.messages == []


def test_a_refused_reader_does_not_stop_the_emails_to_other_readers(send, mailbox):
    mailbox.refusals[READER] = "550 5.1.1 No such user here"
    result = send("--to", READER, "--to", SECOND_READER)
    assert result.exit_code == 1
    reply = "550 5.1.1 No such user here"
    error = f"Error: {READER}: 127.0.0.1 does not take mail for that address: {reply}"
    assert error in result.output
    assert [message["To"] for message in mailbox.messages] == [SECOND_READER]


def test_the_reply_of_a_full_mailbox_is_printed_in_one_line(send, mailbox):
    mailbox.is_full = True
    result = send("--to", READER)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {READER}: 127.0.0.1 refused the email: 452 4.3.1 Insufficient system storage\n"
    )


def test_an_unreachable_server_is_reported_in_one_line(build_site):
    application = build_site(
        smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_from="xur@example.org"
    )
    result = application.test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    assert result.exit_code == 1
    assert re.fullmatch(
        rf"Error: {READER}: 127.0.0.1:\d+ cannot be reached: .*refused\n", result.output
    )


def test_a_missing_smtp_url_is_reported_in_one_line(build_site):
    result = build_site().test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    assert result.exit_code == 1
    assert result.output == "Error: SMTP_URL is not set, so there is no mail server\n"


@pytest.mark.parametrize("reader", ["nobody", "a@", "@b", "a@b\nBcc: c@d", "a b@c"])
def test_an_invalid_address_is_refused_before_anything_is_sent(send, mailbox, reader):
    result = send("--to", READER, "--to", reader)
    assert result.exit_code == 2
    assert "must be an email address" in result.output
    assert mailbox.messages == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_with_tls_and_a_password_the_email_goes_encrypted(
    build_site, mailbox, tmp_path, monkeypatch, scheme
):
    trusted_file, context = create_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted_file))
    starttls_options = {"tls_context": context, "require_starttls": True}
    smtps_options = {"ssl_context": context, "auth_require_tls": False}
    options = starttls_options if scheme == "smtp" else smtps_options
    with run_mail_server(mailbox, authenticator=mailbox.authenticate, **options) as address:
        application = build_site(
            smtp_url=f"{scheme}://{LOGIN}{address}", mail_from="xur@example.org"
        )
        result = application.test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    assert result.output == f"{READER}: sent\n"
    assert mailbox.users == [USER]
    assert mailbox.encrypted == [True]


def test_a_wrong_password_is_reported_but_not_printed(build_site, mailbox, tmp_path, monkeypatch):
    trusted_file, context = create_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted_file))
    with run_mail_server(
        mailbox, authenticator=mailbox.authenticate, tls_context=context, require_starttls=True
    ) as address:
        url_with_wrong_password = f"smtp://{quote(USER, safe='')}:hunter2hunter2@{address}"
        application = build_site(smtp_url=url_with_wrong_password, mail_from="xur@example.org")
        result = application.test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    assert result.exit_code == 1
    assert "does not accept user and password: 535" in result.output
    assert "hunter2" not in result.output
    assert mailbox.messages == []


# 0.0.0.0 reaches this machine, but is not one of its local addresses. The script runs in a
# separate process, because the tests may not connect to 0.0.0.0.
SEND_SCRIPT = """
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


def test_a_password_is_not_sent_to_another_machine_without_encryption(mailbox):
    with run_mail_server(mailbox) as address:
        port = address.rpartition(":")[2]
        result = subprocess.run(
            [sys.executable, "-c", SEND_SCRIPT, f"smtp://{LOGIN}0.0.0.0:{port}"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert result.stdout == "0.0.0.0 offers no encryption: the password was not sent\n"
    assert mailbox.users == []
    assert mailbox.messages == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_unknown_certificate_is_not_trusted(build_site, mailbox, tmp_path, scheme):
    _, context = create_certificate(tmp_path)
    options = {"tls_context": context} if scheme == "smtp" else {"ssl_context": context}
    try:
        with run_mail_server(mailbox, **options) as address:
            application = build_site(smtp_url=f"{scheme}://{address}", mail_from="xur@example.org")
            result = application.test_cli_runner().invoke(args=["xur", "email", "--to", READER])
    except smtplib.SMTPException:  # raised by the server while it stops
        pass
    assert result.exit_code == 1
    assert "has no certificate to trust" in result.output
    assert mailbox.messages == []


def test_markup_and_control_characters_in_names_are_harmless(build_site, tmp_path, mailbox):
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile/manifest.looked").touch()
    with running(hostile=True, vault=5) as hostile, run_mail_server(mailbox) as address:
        hostile.clock.set(SUNDAY)
        application = build_site(
            tmp_path / "hostile",
            bungie_root=hostile.root,
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
        )
        runner = application.test_cli_runner()
        assert runner.invoke(args=["xur", "email", "--to", READER]).exit_code == 0
        show_result = runner.invoke(args=["xur", "show"])
    text, html = bodies_of(mailbox.messages[0])
    assert "<script>alert" not in html
    assert "\u202e" not in text + show_result.output
    assert show_result.exit_code == 0


def test_show_prints_a_table_of_every_offer(build_site):
    result = build_site().test_cli_runner().invoke(args=["xur", "show"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "Xûr is here. Leaves in 2 days 5 hours: Tuesday 30 June, 17:00 UTC."
    assert sum(line.startswith("  ") for line in lines) == 41
    assert {"Xûr", "Strange Gear Offers", "More Strange Offers"} <= set(lines)
    cost_columns = [line.rindex("41 Strange Coin") for line in lines if "  41 Strange Coin" in line]
    assert len(set(cost_columns)) == 1


def test_show_says_when_the_stock_is_not_known(build_site, set_clock):
    set_clock(THURSDAY)
    result = build_site().test_cli_runner().invoke(args=["xur", "show"])
    assert result.exit_code == 1
    assert "Xûr is away. Comes back in 1 day 5 hours" in result.output
    assert "not known yet" in result.output


def test_an_email_with_unknown_items_is_sent(build_site, serve_payload, mailbox):
    with run_mail_server(mailbox) as address:
        application = build_site(
            bungie_root=serve_payload(**answer(sale(4_000_000_001), {"itemHash": None})),
            smtp_url=f"smtp://{address}",
            mail_from="xur@example.org",
        )
        assert (
            application.test_cli_runner().invoke(args=["xur", "email", "--to", READER]).exit_code
            == 0
        )
    assert all("Unknown item 4000000001" in body for body in bodies_of(mailbox.messages[0]))


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
def test_a_server_address_is_parsed(address, host, port, encrypted):
    server = MailServer.of(address)
    assert (server.host, server.port, server.encrypted) == (host, port, encrypted)


def test_user_and_password_are_unquoted_and_not_in_the_repr():
    server = MailServer.of(f"smtps://{LOGIN}mail.example.org")
    assert (server.user, server.password) == (USER, PASSWORD)
    assert PASSWORD not in repr(server)


@pytest.mark.parametrize(
    "address",
    ["http://x", "smtp://", "smtp://x:99999", "smtp://u@x", "smtp://x/y", "x", "smtp://x:0"],
)
def test_an_invalid_server_address_is_refused(address):
    with pytest.raises(ValueError, match="must"):
        MailServer.of(address)


def test_an_address_may_contain_a_name():
    assert mail_address("Ikora <ikora@example.org>") == "Ikora <ikora@example.org>"
