"""Encryption of stored tokens, and hashing of the identifiers under which they are stored."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Binds the derived keys to this use: SECRET_KEY also signs cookies and forms.
_INFO = b"destiny_web.storage.cipher 1"


class InvalidSeal(Exception):
    """The data was altered, or was encrypted with a key that is no longer configured."""


class Cipher:
    """Encrypts with the newest key, decrypts with any: keys can be replaced without data loss.

    Args:
        keys: Secrets of any length, newest first. The derivation makes keys of the needed
            length; it does not make a weak secret strong.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        # A single string is a sequence of its characters: each would become a key.
        if isinstance(keys, str) or not keys or not all(keys):
            raise ValueError("a cipher needs a list of keys, none of them empty")
        fernets = [Fernet(_derive_key(key)) for key in keys]
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def seal(self, plain: bytes) -> bytes:
        """Return *plain* encrypted and signed; each call gives another result."""
        return self._newest.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Return the decrypted data.

        Raises:
            InvalidSeal: the data was altered, or its key is no longer configured.
        """
        try:
            return self._all.decrypt(sealed)
        except InvalidToken as error:
            raise InvalidSeal from error

    def is_stale(self, sealed: bytes) -> bool:
        """Return whether the data was encrypted with an older key than the newest."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return True
        return False

    def rotate(self, sealed: bytes) -> bytes:
        """Return the data encrypted with the newest key; it keeps its first timestamp.

        Raises:
            InvalidSeal: the data was altered, or its key is no longer configured.
        """
        try:
            return self._all.rotate(sealed)
        except InvalidToken as error:
            raise InvalidSeal from error


def hash_identifier(identifier: str) -> str:
    """Return the key under which a secret identifier is stored: its SHA-256 in hexadecimal.

    The id of a session is enough to use the session, so the store has only the hash. The id is
    random enough to need no salt.
    """
    return sha256(identifier.encode()).hexdigest()


def _derive_key(key: str) -> bytes:
    secret = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(key.encode())
    return urlsafe_b64encode(secret)
