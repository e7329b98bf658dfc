"""What the server offers, and its files: the only network use of the manifest."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import msgspec
import requests

from destiny_web.bungie.models.manifest import TABLES
from destiny_web.bungie.transport import Transport, http_session
from destiny_web.manifest.errors import ManifestError, TableBroken

_TIMEOUT = (5.0, 30.0)
# A server that drips must not keep everyone who waits for the manifest for ever.
_LONGEST = 900.0
_CHUNK = 256 * 1024
_OK = 200
_NOT_FOUND = 404

Received = Callable[[int, int | None], None]


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    version: str | None = None
    json_world_component_content_paths: dict[str, dict[str, str]] | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """The files of one language that the server has now.

    Attributes:
        version: Bungie's name for this state of the game.
        sources: The path of each table of ours that is listed.
    """

    version: str
    sources: dict[str, str]


class Source:
    """A server with a manifest.

    Args:
        root: The one address of the outside world, e.g. ``https://www.bungie.net``.
        api_key: For the Platform call; the files are public and never see it.
        user_agent: Who we say we are.
    """

    def __init__(self, root: str, api_key: str, user_agent: str) -> None:
        self._root = root.rstrip("/")
        self._session = http_session(user_agent)
        self._transport = Transport(self._session, self._root, api_key)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def offer(self, locale: str) -> Offer:
        """Ask which files there are.

        Raises:
            BungieError: the question was not answered.
            ManifestError: there is nothing in this language.
        """
        answer = self._transport.get("/Destiny2/Manifest/", _Answer, operation="GetDestinyManifest")
        listed = (answer.json_world_component_content_paths or {}).get(locale)
        if not listed:
            raise ManifestError(f"the server offers no definitions in {locale}")
        sources = {name: listed[name] for name in TABLES if name in listed}
        return Offer(version=answer.version or "", sources=sources)

    def fetch(self, table: str, path: str, target: Path, received: Received) -> None:
        """Download *path* to *target*.

        Args:
            table: What it is, for the report of a failure.
            path: As the server listed it.
            target: The file to write.
            received: Called with the bytes that came over the wire, and how many there will be.

        Raises:
            TableBroken: it cannot be had.
        """
        address = self._address(table, path)
        try:
            answer = self._get(address)
            if answer.status_code == _NOT_FOUND:
                answer.close()
                # While a manifest is new, Cloudflare may keep a 404 from before: another
                # address reaches the server itself.
                answer = self._get(f"{address}?again={time.time_ns()}")
            with answer, target.open("wb") as file:
                if answer.status_code != _OK:
                    raise TableBroken(table, f"HTTP {answer.status_code}")
                _save(table, answer, file, received)
        except requests.RequestException as error:
            raise TableBroken(table, f"{type(error).__name__} while downloading") from error

    def _get(self, address: str) -> requests.Response:
        return self._session.get(
            address,
            stream=True,
            timeout=_TIMEOUT,
            # To nowhere but the root; and nothing that ~/.netrc may hold for it.
            allow_redirects=False,
            auth=lambda request: request,
        )

    def _address(self, table: str, path: str) -> str:
        """Join *path* to the root: it may lack its slash, and must not lead elsewhere."""
        try:
            parts = urlsplit(path)
        except ValueError as error:
            raise TableBroken(table, "its address is none") from error
        if parts.scheme or parts.netloc:
            root = urlsplit(self._root)
            if (parts.scheme, parts.netloc) != (root.scheme, root.netloc):
                raise TableBroken(table, "its address is on another host")
            return path
        return f"{self._root}/{path.lstrip('/')}"


def _save(table: str, answer: requests.Response, file: BinaryIO, received: Received) -> None:
    length = answer.headers.get("Content-Length", "")
    total = int(length) if length.isascii() and length.isdigit() else None
    deadline = time.monotonic() + _LONGEST
    received(0, total)
    for chunk in answer.iter_content(_CHUNK):
        file.write(chunk)
        # Of what came over the wire, compressed or not: that is what the length counts.
        received(answer.raw.tell(), total)
        if time.monotonic() > deadline:
            raise TableBroken(table, f"not complete after {_LONGEST:.0f} seconds")
