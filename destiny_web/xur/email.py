"""Xûr's stock as an email: a subject, a plain text, and the same as HTML."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from flask import render_template

from destiny_web.services.xur.stock import StockState
from destiny_web.xur.presence import summarize_presence
from destiny_web.xur.presenter import build_screens, list_buyable_items
from destiny_web.xur.text import strip_control_characters


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """The settings of this site that an email contains.

    Attributes:
        sender: Address in ``From``, e.g. ``Vault <xur@example.org>``.
        site: ``PUBLIC_URL``, for the link to the page.
        image_root: ``BUNGIE_ROOT``.
        unsubscribe_url: Where readers leave the mailing list; ``""`` when there is none.
    """

    sender: str
    site: str
    image_root: str
    unsubscribe_url: str = ""


def build_email(
    state: StockState,
    settings: EmailSettings,
    reader: str,
    now: datetime,
    *,
    transfer_encoding: str | None = None,
) -> EmailMessage:
    """Write the email for one reader.

    Args:
        state: What is known about Xûr.
        settings: The sender and the addresses of this site.
        reader: The reader's address. Each reader gets a separate email, so readers do not see
            each other's addresses.
        now: The date of the email.
        transfer_encoding: ``Content-Transfer-Encoding`` of both parts; Python selects one when
            not given.
    """
    screens = build_screens(state.stock.screens, settings.image_root) if state.stock else ()
    context = {
        "presence": summarize_presence(state, now),
        "screens": screens,
        "item_count": len(list_buyable_items(screens)),
        "strip_control_characters": strip_control_characters,
        "page_url": f"{settings.site}/xur/",
        "unsubscribe_url": settings.unsubscribe_url,
    }
    subject = render_template("email/xur/subject.txt", **context)
    text = render_template("email/xur/body.txt", **context)
    html = render_template("email/xur/body.html", **context)
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = settings.sender
    message["To"] = reader
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.sender)[1].rpartition("@")[2])
    # RFC 3834: mail programs send no absence notice in reply.
    message["Auto-Submitted"] = "auto-generated"
    if settings.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{settings.unsubscribe_url}>"
    message.set_content(text, cte=transfer_encoding)
    message.add_alternative(html, subtype="html", cte=transfer_encoding)
    return message
