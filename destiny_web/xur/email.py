"""His stock as an email: a subject, a text, and the same as HTML."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from flask import render_template

from destiny_web.services.xur.stock import StockState
from destiny_web.xur import dates
from destiny_web.xur.page import shelves
from destiny_web.xur.presence import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes, and from where.

    Attributes:
        address: The sender, e.g. ``Vault <xur@example.org>``.
        site: ``PUBLIC_URL``, which the email leads to.
        images: ``BUNGIE_ROOT``.
        unsubscribe: Where readers leave the list; ``""`` when there is none.
    """

    address: str
    site: str
    images: str
    unsubscribe: str = ""


def build(
    known: StockState, sender: Sender, to: str, now: datetime, *, cte: str | None = None
) -> EmailMessage:
    """Write the email for one reader.

    Args:
        known: What is known about him.
        sender: Who writes.
        to: The reader's address; each gets an email of their own, so nobody sees the others.
        now: The date of the email.
        cte: How the parts are encoded; as Python finds fit when not given.
    """
    made = shelves(known.stock.screens, sender.images) if known.stock else ()
    told = {
        "him": standing(known, now),
        "shelves": made,
        "count": sum(len(shelf.wares) for shelf in made),
        "plain": dates.plain,
        "page": f"{sender.site}/xur/",
        "unsubscribe": sender.unsubscribe,
    }
    message = EmailMessage()
    message["Subject"] = " ".join(render_template("email/xur/subject.txt", **told).split())
    message["From"] = sender.address
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=parseaddr(sender.address)[1].rpartition("@")[2])
    # Nobody is to get an absence notice of each reader's back.
    message["Auto-Submitted"] = "auto-generated"
    if sender.unsubscribe:
        message["List-Unsubscribe"] = f"<{sender.unsubscribe}>"
    message.set_content(render_template("email/xur/body.txt", **told), cte=cte)
    message.add_alternative(render_template("email/xur/body.html", **told), subtype="html", cte=cte)
    return message
