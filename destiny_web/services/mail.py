"""Delivery of an email to the mail server."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from destiny_web.services.loopback import is_loopback

TIMEOUT: Final = 20.0
"""Seconds for each step of the SMTP exchange."""

_PORTS: Final = {"smtp": 25, "smtps": 465}


class MailError(Exception):
    """The server did not accept the email. The text is one line, for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Server that emails are delivered to.

    ``smtps://`` is encrypted from the first byte; ``smtp://`` from STARTTLS on, if the server
    offers it.
    """

    host: str
    port: int
    encrypted: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, address: str) -> Self:
        """Parse ``smtps://user:password@mail.example.org:465``; user and password are quoted.

        Raises:
            ValueError: *address* is not valid. The text does not repeat it.
        """
        try:
            url = urlsplit(address)
            port = url.port
        except ValueError:
            raise ValueError("must hold a port from 1 to 65535, if any") from None
        if url.scheme not in _PORTS or not url.hostname or port == 0:
            raise ValueError("must be like smtp://127.0.0.1:25 or smtps://user:password@host:465")
        if url.path.strip("/") or url.query or url.fragment:
            raise ValueError("must end after host and port")
        if bool(url.username) != bool(url.password):
            raise ValueError("must hold both a user and a password, or neither")
        return cls(
            host=url.hostname,
            port=port or _PORTS[url.scheme],
            encrypted=url.scheme == "smtps",
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
        )

    @property
    def is_local(self) -> bool:
        """The server is on this machine, so the connection crosses no network."""
        return is_loopback(self.host)


def mail_address(text: str) -> str:
    """Return *text* if it is one email address, with or without a display name.

    Raises:
        ValueError: *text* is not an email address.
    """
    address = parseaddr(text)[1]
    local, _, host = address.rpartition("@")
    if not local or not host or not text.isprintable() or not address.isascii() or " " in address:
        raise ValueError("must be an email address like xur@example.org")
    return text


def deliver(message: EmailMessage, server: MailServer) -> None:
    """Deliver *message* once.

    Raises:
        MailError: the server cannot be reached, cannot be trusted, or refuses.
    """
    try:
        with _connect(server) as session:
            _authenticate(session, server)
            session.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        reply = "; ".join(_format_reply(*refusal) for refusal in error.recipients.values())
        raise MailError(f"{server.host} does not take mail for that address: {reply}") from error
    except smtplib.SMTPAuthenticationError as error:
        reply = _format_reply(error.smtp_code, error.smtp_error)
        raise MailError(f"{server.host} does not accept user and password: {reply}") from error
    except smtplib.SMTPResponseException as error:
        reply = _format_reply(error.smtp_code, error.smtp_error)
        raise MailError(f"{server.host} refused the email: {reply}") from error
    except ssl.SSLError as error:
        raise MailError(f"{server.host} has no certificate to trust: {error.reason}") from error
    except (smtplib.SMTPException, OSError) as error:
        line = " ".join(str(error).split()) or type(error).__name__
        raise MailError(f"{server.host}:{server.port} cannot be reached: {line}") from error


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.encrypted:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def _authenticate(session: smtplib.SMTP, server: MailServer) -> None:
    """Start encryption if the server offers it, then log in; send no readable password."""
    session.ehlo_or_helo_if_needed()
    encrypted = server.encrypted
    if not encrypted and session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
        session.ehlo()
        encrypted = True
    if not server.user:
        return
    if not encrypted and not server.is_local:
        raise MailError(f"{server.host} offers no encryption: the password was not sent")
    session.login(server.user, server.password)


def _format_reply(code: int, raw_text: bytes | str) -> str:
    text = raw_text.decode(errors="replace") if isinstance(raw_text, bytes) else raw_text
    return f"{code} {' '.join(text.split())}"
