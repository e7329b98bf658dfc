"""Lists and downloads the manifest's tables: the only network use of this package."""

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
# Seconds for one table: a very slow server must not block the processes that wait for it.
_MAX_SECONDS = 900.0
_CHUNK = 256 * 1024
_OK = 200
_NOT_FOUND = 404

OnProgress = Callable[[int, int | None], None]


class _ManifestResponse(msgspec.Struct, frozen=True, rename="camel"):
    version: str | None = None
    json_world_component_content_paths: dict[str, dict[str, str]] | None = None


class ManifestListing(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of one language that the server lists now.

    Attributes:
        version: Bungie's version of the manifest.
        sources: The path of each table that we keep and the server lists.
    """

    version: str
    sources: dict[str, str]


class Source:
    """A server with a manifest.

    Args:
        root: The address of the server, e.g. ``https://www.bungie.net``.
        api_key: For the Platform call; it is not sent with the public files.
        user_agent: The User-Agent of all requests.
    """

    def __init__(self, root: str, api_key: str, user_agent: str) -> None:
        self._root = root.rstrip("/")
        self._session = http_session(user_agent)
        self._transport = Transport(self._session, self._root, api_key)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def list_tables(self, locale: str) -> ManifestListing:
        """Read which tables the server has.

        Raises:
            BungieError: the call failed.
            ManifestError: the server has no tables in this language.
        """
        response = self._transport.get(
            "/Destiny2/Manifest/", _ManifestResponse, operation="GetDestinyManifest"
        )
        paths = (response.json_world_component_content_paths or {}).get(locale)
        if not paths:
            raise ManifestError(f"the server offers no definitions in {locale}")
        sources = {name: paths[name] for name in TABLES if name in paths}
        return ManifestListing(version=response.version or "", sources=sources)

    def fetch(self, table: str, path: str, target: Path, on_progress: OnProgress) -> None:
        """Download *path* to *target*.

        Args:
            table: The name of the table, for error messages.
            path: The path that the server lists.
            target: The file to write.
            on_progress: Called with the number of received bytes and the total, None if
                unknown.

        Raises:
            TableBroken: the download failed.
        """
        address = self._address(table, path)
        try:
            response = self._get(address)
            if response.status_code == _NOT_FOUND:
                response.close()
                # While a manifest is new, Cloudflare may have cached a 404: another address is
                # not in that cache.
                response = self._get(f"{address}?again={time.time_ns()}")
            with response, target.open("wb") as file:
                if response.status_code != _OK:
                    raise TableBroken(table, f"HTTP {response.status_code}")
                _save(table, response, file, on_progress)
        except requests.RequestException as error:
            raise TableBroken(table, f"{type(error).__name__} while downloading") from error

    def _get(self, address: str) -> requests.Response:
        return self._session.get(
            address,
            stream=True,
            timeout=_TIMEOUT,
            # Only to the root; and without the credentials that ~/.netrc may have for it.
            allow_redirects=False,
            auth=lambda request: request,
        )

    def _address(self, table: str, path: str) -> str:
        """Join *path* to the root; it may lack the slash, and must not be on another host."""
        try:
            address = urlsplit(path)
        except ValueError as error:
            raise TableBroken(table, "its address is not valid") from error
        if address.scheme or address.netloc:
            root = urlsplit(self._root)
            if (address.scheme, address.netloc) != (root.scheme, root.netloc):
                raise TableBroken(table, "its address is on another host")
            return path
        return f"{self._root}/{path.lstrip('/')}"


def _save(table: str, response: requests.Response, file: BinaryIO, on_progress: OnProgress) -> None:
    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isascii() and length.isdigit() else None
    deadline = time.monotonic() + _MAX_SECONDS
    on_progress(0, total)
    for chunk in response.iter_content(_CHUNK):
        file.write(chunk)
        # Received bytes, compressed or not: Content-Length counts these too.
        on_progress(response.raw.tell(), total)
        if time.monotonic() > deadline:
            raise TableBroken(table, f"not complete after {_MAX_SECONDS:.0f} seconds")
