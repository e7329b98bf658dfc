"""``flask xur``: his stock in the terminal, and by email."""

from hashlib import sha256
from typing import Final
from unicodedata import east_asian_width

import click
from flask.cli import AppGroup

from destiny_web.manifest.errors import ManifestError
from destiny_web.services.background import WaitBudget
from destiny_web.services.mail import MailError, MailServer, deliver, mail_address
from destiny_web.services.xur.stock import StockState
from destiny_web.storage.store import LockTimeout, StoreError
from destiny_web.web.services import current_services
from destiny_web.xur import reading
from destiny_web.xur.dates import plain
from destiny_web.xur.email import Sender, build
from destiny_web.xur.page import Offer, shelves
from destiny_web.xur.presence import standing

xur = AppGroup("xur", help="What Xûr sells, and telling people about it.")

_PATIENCE: Final = 40.0
"""Seconds that a command waits for Bungie: nobody looks at a page meanwhile."""

_SENT: Final = "xur mailed"
_LEASE: Final = 120.0


@xur.command("show")
def show() -> None:
    """Show his stock as a table."""
    known = _known()
    him = standing(known, current_services().now())
    click.secho(him.title, bold=True, nl=False)
    click.echo(f". {him.turn} in {him.left}: {him.until_words}." if him.until else ".")
    for line in (him.remark, him.trouble):
        if line:
            click.echo(line)
    if him.past:
        click.echo(f"This is what he sold on {him.stock_of}. It cannot be bought any more.")
    made = shelves(known.stock.screens, "") if known.stock else ()
    if not made:
        raise click.ClickException("what he sells is not known yet")
    wares = [one for shelf in made for one in shelf.wares]
    widths = tuple(max(map(_width, column)) for column in zip(*map(_cells, wares), strict=True))
    for shelf in made:
        click.echo()
        click.secho(plain(shelf.name), bold=True)
        for one in shelf.wares:
            click.echo("  " + _row(_cells(one), widths))


@xur.command("email")
@click.option("--to", "addresses", multiple=True, required=True, help="A reader; repeatable.")
@click.option("--dry-run", is_flag=True, help="Print the email, and send nothing.")
@click.option("--only-if-new", is_flag=True, help="Never send the same stock to a reader twice.")
def email(addresses: tuple[str, ...], *, dry_run: bool, only_if_new: bool) -> None:
    """Send his stock by email."""
    settings = current_services().settings
    readers = tuple(dict.fromkeys(_reader(one) for one in addresses))
    if not dry_run and not settings.smtp_url:
        raise click.ClickException("SMTP_URL is not set: there is no server to send by")
    known = _known()
    if only_if_new and not known.presence.here:
        click.echo("Xûr is away: nothing new to send.")
        return
    if known.stock is None or (known.past and known.presence.here):
        why = known.trouble or "Bungie has not told it."
        raise click.ClickException(f"what he sells is not known yet, so nothing was sent. {why}")
    if known.stock.is_provisional and current_services().stocks.visits.is_repeat(known.stock.visit):
        raise click.ClickException(
            "Bungie still shows the stock of the visit before, so nothing was sent."
        )
    sender = Sender(
        address=settings.mail_from or "destiny_web <xur@localhost>",
        site=settings.public_url,
        images=settings.bungie_root,
        unsubscribe=settings.mail_unsubscribe,
    )
    if dry_run:
        for reader in readers:
            message = build(known, sender, reader, current_services().now(), cte="8bit")
            click.echo(message.as_bytes().decode(errors="replace"))
        return
    _send(known, sender, readers, only_if_new=only_if_new)


def _send(
    known: StockState, sender: Sender, readers: tuple[str, ...], *, only_if_new: bool
) -> None:
    """Send to each reader; a refusal does not keep the others from theirs."""
    server = MailServer.of(current_services().settings.smtp_url)
    failed = False
    for reader in readers:
        try:
            click.echo(f"{reader}: {_send_one(known, sender, reader, server, only_if_new)}")
        except (MailError, LockTimeout) as error:
            told = "another process is sending to it" if isinstance(error, LockTimeout) else error
            click.echo(f"Error: {reader}: {told}", err=True)
            failed = True
    if failed:
        raise SystemExit(1)


def _send_one(
    known: StockState,
    sender: Sender,
    reader: str,
    server: MailServer,
    only_if_new: bool,  # noqa: FBT001 (handed through)
) -> str:
    store, now = current_services().store, current_services().now()
    visit = known.stock.visit.key if known.stock else ""
    key = sha256(reader.casefold().encode()).hexdigest()
    with store.lock(f"{_SENT} {key}", ttl=_LEASE, wait=0):
        if only_if_new and store.get(_SENT, key) == visit.encode():
            return "has this stock already"
        deliver(build(known, sender, reader, now), server)
        store.put(_SENT, key, visit.encode())
    return "sent"


def _reader(text: str) -> str:
    try:
        return mail_address(text.strip())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error


def _known() -> StockState:
    """Return what is known; ends the command with one line when nothing can be."""
    try:
        return reading.known(WaitBudget(_PATIENCE))
    except (ManifestError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _cells(one: Offer) -> tuple[str, str, str]:
    count = f" x{one.quantity:,}" if one.quantity > 1 else ""
    return plain(one.name) + count, plain(one.traits), plain(one.price)


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Count the columns that text takes in a terminal: two for each sign of East Asia."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
