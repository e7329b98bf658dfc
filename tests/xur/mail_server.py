"""An SMTP server on a free port, with certificates for 127.0.0.1."""

import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import free_port

USER, PASSWORD = "xur@example.org", "p@ss/word"


class Mailbox:
    """Stores the emails of an SMTP server.

    Attributes:
        messages: The emails, as parsed messages.
        encrypted: For each recipient, whether the connection was encrypted.
        users: The user of each login.
        refusals: The SMTP reply for each address that is refused.
        is_full: Refuse every email.
    """

    def __init__(self):
        self.messages = []
        self.encrypted = []
        self.users = []
        self.refusals = {}
        self.is_full = False

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        if self.is_full:
            return "452 4.3.1 Insufficient system storage"
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.users.append(data.login.decode())
        is_valid = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=is_valid, handled=is_valid)


@contextmanager
def run_mail_server(mailbox, **options):
    """Run a server until the block ends; yields ``host:port``."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def create_certificate(folder):
    """Create a certificate for 127.0.0.1; return its file and a TLS context of the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "mail.pem", folder / "mail.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
