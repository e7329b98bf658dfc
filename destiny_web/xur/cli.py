"""``flask xur``: Xûr's stock in the terminal and by email."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from destiny_web.web.presentation import format_number
from destiny_web.web.services import current_services
from destiny_web.xur.email import EmailSettings, build_email
from destiny_web.xur.loader import load_stock_state
from destiny_web.xur.presence import summarize_presence
from destiny_web.xur.presenter import (
    SaleItemView,
    ScreenView,
    build_screens,
    list_buyable_items,
)
from destiny_web.xur.text import strip_control_characters

xur = AppGroup("xur", help="Show Xûr's stock, or send it by email.")

_WAIT_SECONDS: Final = 40.0
"""How long a command waits for Bungie: longer than a page, since no browser is waiting."""

_SENT_NAMESPACE: Final = "xur mailed"
_LEASE_SECONDS: Final = 120.0


@xur.command("show")
def show() -> None:
    """Show Xûr's stock as a table."""
    state = _load_state()
    presence = summarize_presence(state, current_services().now())
    click.secho(presence.title, bold=True, nl=False)
    if presence.until:
        click.echo(f". {presence.next_change} in {presence.time_left}: {presence.until_text}.")
    else:
        click.echo(".")
    for line in (presence.remark, presence.trouble):
        if line:
            click.echo(line)
    if presence.is_stock_past:
        click.echo(f"This is the stock of {presence.stock_dates}. It cannot be bought any more.")
    screens = build_screens(state.stock.screens, "") if state.stock else ()
    if not screens:
        raise click.ClickException("Xûr's stock is not known yet")
    _print_table(screens)


def _print_table(screens: Sequence[ScreenView]) -> None:
    rows = [_cells_of(sale_item) for sale_item in list_buyable_items(screens)]
    widths = tuple(max(map(_display_width, column)) for column in zip(*rows, strict=True))
    for screen in screens:
        click.echo()
        click.secho(strip_control_characters(screen.name), bold=True)
        for sale_item in screen.buyable_items:
            click.echo("  " + _format_row(_cells_of(sale_item), widths))


@xur.command("email")
@click.option("--to", "addresses", multiple=True, required=True, help="A reader; repeatable.")
@click.option("--dry-run", is_flag=True, help="Print the email, and send nothing.")
@click.option("--only-if-new", is_flag=True, help="Never send the same stock to a reader twice.")
def send_emails(addresses: tuple[str, ...], *, dry_run: bool, only_if_new: bool) -> None:
    """Send Xûr's stock by email."""
    settings = current_services().settings
    readers = tuple(dict.fromkeys(_parse_reader(address) for address in addresses))
    if not dry_run and not settings.smtp_url:
        raise click.ClickException("SMTP_URL is not set, so there is no mail server")
    state = _load_state()
    if only_if_new and not state.presence.here:
        click.echo("Xûr is away: nothing new to send.")
        return
    _require_current_stock(state)
    email_settings = EmailSettings(
        sender=settings.mail_from or "destiny_web <xur@localhost>",
        site=settings.public_url,
        image_root=settings.bungie_root,
        unsubscribe_url=settings.mail_unsubscribe,
    )
    if dry_run:
        _print_emails(state, email_settings, readers)
    else:
        mailing = _Mailing(
            state=state,
            settings=email_settings,
            server=MailServer.of(settings.smtp_url),
            only_if_new=only_if_new,
        )
        _send_to_all(mailing, readers)


def _require_current_stock(state: StockState) -> None:
    """End the command when the stock to send is missing or from the visit before."""
    if state.stock is None or (state.past and state.presence.here):
        reason = state.trouble or "Bungie has not sent it."
        raise click.ClickException(f"Xûr's stock is not known yet, so nothing was sent. {reason}")
    visits = current_services().stocks.visits
    if state.stock.is_provisional and visits.is_repeat(state.stock.visit):
        raise click.ClickException(
            "Bungie still shows the stock of the visit before, so nothing was sent."
        )


def _print_emails(state: StockState, settings: EmailSettings, readers: Sequence[str]) -> None:
    now = current_services().now()
    for reader in readers:
        message = build_email(state, settings, reader, now, transfer_encoding="8bit")
        click.echo(message.as_bytes().decode(errors="replace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mailing:
    """What all emails of one command have in common."""

    state: StockState
    settings: EmailSettings
    server: MailServer
    only_if_new: bool


def _send_to_all(mailing: _Mailing, readers: Sequence[str]) -> None:
    """Send an email to each reader; a failure does not stop the emails to other readers."""
    has_failed = False
    for reader in readers:
        try:
            click.echo(f"{reader}: {_send_to(reader, mailing)}")
        except LockTimeout:
            click.echo(f"Error: {reader}: another process is sending to this reader", err=True)
            has_failed = True
        except MailError as error:
            click.echo(f"Error: {reader}: {error}", err=True)
            has_failed = True
    if has_failed:
        raise SystemExit(1)


def _send_to(reader: str, mailing: _Mailing) -> str:
    """Send an email to one reader; return the result in words."""
    store, now = current_services().store, current_services().now()
    stock = mailing.state.stock
    visit_key = stock.visit.key if stock else ""
    reader_key = sha256(reader.casefold().encode()).hexdigest()
    with store.lock(f"{_SENT_NAMESPACE} {reader_key}", ttl=_LEASE_SECONDS, wait=0):
        if mailing.only_if_new and store.get(_SENT_NAMESPACE, reader_key) == visit_key.encode():
            return "has this stock already"
        deliver(build_email(mailing.state, mailing.settings, reader, now), mailing.server)
        store.put(_SENT_NAMESPACE, reader_key, visit_key.encode())
    return "sent"


def _parse_reader(address: str) -> str:
    try:
        return mail_address(address.strip())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error


def _load_state() -> StockState:
    """Load what is known about Xûr; end the command with one line when that is impossible."""
    try:
        return load_stock_state(WaitBudget(_WAIT_SECONDS))
    except (ManifestError, StoreError) as error:
        raise click.ClickException(str(error)) from error


def _cells_of(sale_item: SaleItemView) -> tuple[str, str, str]:
    quantity = f" x{format_number(sale_item.quantity)}" if sale_item.quantity > 1 else ""
    return (
        strip_control_characters(sale_item.name) + quantity,
        strip_control_characters(sale_item.traits),
        strip_control_characters(sale_item.cost_text),
    )


def _format_row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    padded_cells = (
        cell + " " * (width - _display_width(cell))
        for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded_cells).rstrip()


def _display_width(text: str) -> int:
    """Count the terminal columns of a text: wide East Asian characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
