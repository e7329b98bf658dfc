"""Sealing what must not be read off a disk: tokens at rest, and the names they are kept by."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# Binds the derived keys to this use: SECRET_KEY also signs cookies and forms.
_INFO = b"destiny_web.storage.cipher 1"


class InvalidSeal(Exception):
    """Altered since it was sealed, or sealed with a key that is gone."""


class Cipher:
    """Seals with the newest key, opens with any: keys are replaced without losing anything.

    Args:
        keys: Secrets of any length, newest first. Their strength is the seal's: the derivation
            fits the length, it does not make a weak secret strong.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        # A lone string is a sequence of its letters: each would be a key of one letter.
        if isinstance(keys, str) or not keys or not all(keys):
            raise ValueError("a cipher needs a list of keys, none of them empty")
        fernets = [Fernet(_derived(key)) for key in keys]
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def seal(self, plain: bytes) -> bytes:
        """Return *plain* encrypted and signed; the same twice gives two different seals."""
        return self._newest.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            Unsealable: altered, or sealed with a key that is gone.
        """
        try:
            return self._all.decrypt(sealed)
        except InvalidToken as error:
            raise InvalidSeal from error

    def stale(self, sealed: bytes) -> bool:
        """Tell whether an older key than the newest made this seal."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return True
        return False

    def rotate(self, sealed: bytes) -> bytes:
        """Return the same under the newest key, with the moment of its first sealing.

        Raises:
            Unsealable: altered, or sealed with a key that is gone.
        """
        try:
            return self._all.rotate(sealed)
        except InvalidToken as error:
            raise InvalidSeal from error


def hash_identifier(identifier: str) -> str:
    """Return the name under which a secret identifier is kept: SHA-256 in hexadecimal.

    A session's id is as good as its cookie, and random enough to need no salt: whoever reads
    the store cannot use what is in it.
    """
    return sha256(identifier.encode()).hexdigest()


def _derived(key: str) -> bytes:
    secret = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(key.encode())
    return urlsafe_b64encode(secret)
