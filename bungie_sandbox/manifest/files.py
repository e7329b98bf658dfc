"""GetDestinyManifest and the files that it names: tables as JSON, and all tables as SQLite."""

import contextlib
import io
import sqlite3
import zipfile
from functools import lru_cache
from hashlib import md5
from typing import Any, Final

import msgspec

from bungie_sandbox.manifest.tables import Edition, tables

_LOCALES: Final = (
    "en", "fr", "es", "es-mx", "de", "it", "ja", "pt-br", "ru", "pl", "ko", "zh-cht", "zh-chs",
)  # fmt: skip
_JSON: Final = "/common/destiny2_content/json/"
_SQLITE: Final = "/common/destiny2_content/sqlite/"
_SIGNED: Final = 1 << 31


def _digest(edition: Edition) -> str:
    """Return 32 hex digits that identify an edition."""
    return md5(msgspec.json.encode(edition), usedforsecurity=False).hexdigest()


def _guid(edition: Edition) -> str:
    digest = _digest(edition)
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))


def manifest_response(edition: Edition) -> dict[str, Any]:
    """Return the Response of GetDestinyManifest."""
    guid, digest = _guid(edition), _digest(edition)
    names = tables(edition)
    return {
        "version": f"244164.26.06.16.2053-{edition.number}-bnet.{65464 + edition.number}",
        "mobileAssetContentPath": f"{_SQLITE}asset/asset_sql_content_{digest}.content",
        "mobileGearAssetDataBases": [],
        "mobileWorldContentPaths": {
            locale: f"{_SQLITE}{locale}/world_sql_content_{digest}.content" for locale in _LOCALES
        },
        "jsonWorldContentPaths": {
            locale: f"{_JSON}{locale}/aggregate-{guid}.json" for locale in _LOCALES
        },
        "jsonWorldComponentContentPaths": {
            locale: {name: f"{_JSON}{locale}/{name}-{guid}.json" for name in names}
            for locale in _LOCALES
        },
        "mobileClanBannerDatabasePath": f"{_SQLITE}clanbanner/clanbanner_{digest}.content",
        "mobileGearCDN": {
            "Geometry": "/common/destiny2_content/geometry/platform/mobile/geometry",
            "Texture": "/common/destiny2_content/geometry/platform/mobile/textures",
            "PlateRegion": "/common/destiny2_content/geometry/platform/mobile/plated_textures",
            "Gear": "/common/destiny2_content/geometry/gear",
            "Shader": "/common/destiny2_content/geometry/platform/mobile/shaders",
        },
        "iconImagePyramidInfo": [],
    }


@lru_cache(maxsize=128)
def read_file(edition: Edition, path: str) -> tuple[bytes, str] | None:
    """Return a file of the manifest and its media type; ``None``: there is no such file.

    The files of all locales are in English.
    """
    folder, _, name = path.rpartition("/")
    if folder.rpartition("/")[2] not in _LOCALES:
        return None
    if path.startswith(_JSON):
        stem = name.removesuffix(f"-{_guid(edition)}.json")
        if stem == "aggregate":
            return msgspec.json.encode(tables(edition)), "application/json"
        table = tables(edition).get(stem) if stem != name else None
        return None if table is None else (msgspec.json.encode(table), "application/json")
    if path.startswith(_SQLITE) and name == f"world_sql_content_{_digest(edition)}.content":
        return build_sqlite_archive(edition, name), "application/octet-stream"
    return None


def build_sqlite_archive(edition: Edition, name: str) -> bytes:
    """Return a zip archive with one SQLite file: each table has ``id`` and ``json``.

    ``id`` is the hash as a signed 32-bit number.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for table, rows in tables(edition).items():
            database.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY NOT NULL, json BLOB)")
            database.executemany(
                f"INSERT INTO {table} VALUES (?, ?)",  # noqa: S608 (the names are our own)
                (
                    (
                        number - 2 * _SIGNED if number >= _SIGNED else number,
                        msgspec.json.encode(row),
                    )
                    for number, row in ((int(key), row) for key, row in rows.items())
                ),
            )
        database.commit()
        content = database.serialize()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()
