"""Handing an email to the server that sends it on."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import unquote, urlsplit

TIMEOUT: Final = 20.0
"""Seconds for each step of the exchange."""

_PORTS: Final = {"smtp": 25, "smtps": 465}


class MailError(Exception):
    """The server did not take the email. The text is one line, for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where emails are handed in, as an address says it.

    ``smtps://`` is encrypted from the first byte; ``smtp://`` from STARTTLS on, where the
    server offers that.
    """

    host: str
    port: int
    encrypted: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, address: str) -> Self:
        """Read ``smtps://user:password@mail.example.org:465``; user and password are quoted.

        Raises:
            ValueError: it is no such address. The text does not repeat it.
        """
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            raise ValueError("must hold a port from 1 to 65535, if any") from None
        if parts.scheme not in _PORTS or not parts.hostname or port == 0:
            raise ValueError("must be like smtp://127.0.0.1:25 or smtps://user:password@host:465")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must end after host and port")
        if bool(parts.username) != bool(parts.password):
            raise ValueError("must hold both a user and a password, or neither")
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            encrypted=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @property
    def is_here(self) -> bool:
        """It is on this machine: nobody listens on the way."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def mail_address(text: str) -> str:
    """Return *text* if it is one bare address, or a name with one.

    Raises:
        ValueError: it is not.
    """
    address = parseaddr(text)[1]
    local, _, host = address.rpartition("@")
    if not local or not host or not text.isprintable() or not address.isascii() or " " in address:
        raise ValueError("must be an email address like xur@example.org")
    return text


def deliver(message: EmailMessage, server: MailServer) -> None:
    """Hand *message* in, once.

    Raises:
        MailError: the server cannot be reached, is not to be trusted, or refused.
    """
    try:
        with _connected(server) as session:
            _secured(session, server)
            session.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        told = "; ".join(_said(*answer) for answer in error.recipients.values())
        raise MailError(f"{server.host} does not take mail for that address: {told}") from error
    except smtplib.SMTPAuthenticationError as error:
        told = _said(error.smtp_code, error.smtp_error)
        raise MailError(f"{server.host} does not accept user and password: {told}") from error
    except smtplib.SMTPResponseException as error:
        told = _said(error.smtp_code, error.smtp_error)
        raise MailError(f"{server.host} refused the email: {told}") from error
    except ssl.SSLError as error:
        raise MailError(f"{server.host} has no certificate to trust: {error.reason}") from error
    except (smtplib.SMTPException, OSError) as error:
        line = " ".join(str(error).split()) or type(error).__name__
        raise MailError(f"{server.host}:{server.port} cannot be reached: {line}") from error


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.encrypted:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def _secured(session: smtplib.SMTP, server: MailServer) -> None:
    """Encrypt what is not yet, and log in; no password goes out for everybody to read."""
    session.ehlo_or_helo_if_needed()
    encrypted = server.encrypted
    if not encrypted and session.has_extn("starttls"):
        session.starttls(context=ssl.create_default_context())
        session.ehlo()
        encrypted = True
    if not server.user:
        return
    if not encrypted and not server.is_here:
        raise MailError(f"{server.host} offers no encryption: the password was not sent")
    session.login(server.user, server.password)


def _said(code: int, words: bytes | str) -> str:
    told = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(told.split())}"
