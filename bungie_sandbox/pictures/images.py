"""The pictures that the definitions name, drawn as SVG.

The path alone determines a picture: ``/common/destiny2_content/icons/<glyph>.<tier>.<hash>.svg``,
so no picture has to be stored.
"""

import struct
from functools import lru_cache
from typing import Final
from zlib import compress, crc32

from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.game import DAMAGE, SUB_TYPES
from bungie_sandbox.pictures.glyphs import glyphs

_ICONS: Final = "/common/destiny2_content/icons/"
MISSING: Final = "/img/misc/missing_icon_d2.png"

# Background of each tier: light corner, dark corner, border.
_TIER_COLORS: Final = {
    "Exotic": ("#b8952f", "#3d300f", "#e9cf74"),
    "Legendary": ("#663e86", "#22142f", "#a87fce"),
    "Rare": ("#41699a", "#14233a", "#86b0df"),
    "Uncommon": ("#3c7a50", "#122a1b", "#82c79a"),
    "Common": ("#747b86", "#262a31", "#b4bbc6"),
    "Currency": ("#5a6675", "#1a2029", "#aab6c6"),
    "perk": ("#2c3a4c", "#10161f", "#5d7188"),
}
_EMBLEM_COLORS: Final = (
    "#24495e",
    "#6b2f23",
    "#4b3a73",
    "#2c5a45",
    "#6d5420",
    "#5a2a4c",
    "#28406e",
)
# Most weapon glyphs are wide and low: they are drawn larger than a glyph that fills the box.
_WIDE_GLYPHS: Final = frozenset(name.lower().replace(" ", "-") for name in SUB_TYPES) - {
    "sword",
    "glaive",
    "combat-bow",
    "helmet",
    "gauntlets",
    "chest-armor",
    "leg-armor",
    "hunter-cloak",
    "titan-mark",
    "warlock-bond",
}
_GLYPH_COLOR: Final = "#f4f1fb"
# The sign of each season, from the first to the eighth.
_SEASON_GLYPHS: Final = (
    "arc",
    "flare",
    "artifact",
    "trait",
    "stasis",
    "engram",
    "catalyst",
    "prismatic",
)


def icon_path(definition: ItemDefinition) -> str:
    """Return the path of the icon of an item or plug."""
    if definition.redacted:
        return MISSING
    tier = "perk" if definition.plug_role not in {"", "shader"} else definition.tier
    return f"{_ICONS}{definition.glyph}.{tier.lower()}.{definition.item_hash:08x}.svg"


def plain_icon_path(glyph: str, color: str = "f4f1fb") -> str:
    """Return the path of an icon without background: of an element, a class, a stat."""
    return f"{_ICONS}sign-{glyph}.{color.lstrip('#')}.svg"


def watermark_path(season: int, *, is_featured: bool = False) -> str:
    """Return the path of the watermark of a season, an overlay for the icons of items."""
    return f"{_ICONS}season-{season}.{'featured' if is_featured else 'plain'}.svg"


def emblem_path(item_hash: int, part: str) -> str:
    """Return the path of a part of an emblem: ``icon``, ``banner`` or ``overlay``."""
    return f"{_ICONS}emblem-{part}.{item_hash:08x}.svg"


def screenshot_path(definition: ItemDefinition) -> str:
    """Return the path of the large picture of an item."""
    return (
        f"/common/destiny2_content/screenshots/{definition.glyph}.{definition.tier.lower()}"
        f".{definition.item_hash:08x}.svg"
    )


@lru_cache(maxsize=2048)
def draw(path: str) -> tuple[bytes, str] | None:
    """Return the picture at *path* and its media type; ``None``: there is no such picture."""
    if path == MISSING:
        return _missing(), "image/png"
    folder, _, name = path.rpartition("/")
    name_parts = name.split(".")
    if name_parts[-1] != "svg" or not folder.startswith("/common/destiny2_content/"):
        return None
    svg = _draw_svg(folder.rpartition("/")[2], name_parts[:-1])
    return (svg.encode(), "image/svg+xml") if svg else None


def _draw_svg(folder: str, name_parts: list[str]) -> str | None:
    match folder, name_parts:
        case "icons", [glyph, color] if glyph.startswith("sign-"):
            return _plain_icon(glyph.removeprefix("sign-"), color)
        case "icons", [season, variant] if season.startswith("season-"):
            return _watermark(season.removeprefix("season-"), is_featured=variant == "featured")
        case "icons", [emblem, hash_text] if emblem.startswith("emblem-"):
            return _emblem(emblem.removeprefix("emblem-"), _parse_hash(hash_text))
        case "icons", [glyph, tier, hash_text]:
            tier_name = tier.title() if tier != "perk" else tier
            return _icon(glyph, tier_name, _parse_hash(hash_text))
        case "screenshots", [glyph, tier, hash_text]:
            return _screenshot(glyph, tier.title(), _parse_hash(hash_text))
    return None


def _parse_hash(hash_text: str) -> int:
    try:
        return int(hash_text, 16)
    except ValueError:
        return crc32(hash_text.encode())


def _wrap(shapes: str, width: int = 96, height: int = 96) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">{shapes}</svg>'
    )


def _icon(glyph: str, tier: str, number: int) -> str | None:
    element = glyph.removeprefix("subclass-")
    path = glyphs().get(element)
    if path is None or tier not in _TIER_COLORS:
        return None
    light, dark, border = _TIER_COLORS[tier]
    if element != glyph:
        border = light = DAMAGE[element.title()][2] if element.title() in DAMAGE else "#d98cc9"
        dark = "#10131a"
    if tier == "perk":
        beads = 4 + number % 9
        return _wrap(
            f'<circle cx="48" cy="48" r="46" fill="{dark}" stroke="{border}" stroke-width="2"/>'
            f'<circle cx="48" cy="48" r="40" fill="none" stroke="{border}" stroke-width="2.5"'
            f' stroke-dasharray="{2 + number % 5} {251.3 / beads - 2 - number % 5:.2f}"/>'
            f'<path transform="translate(24 24) scale(2)" fill="{_GLYPH_COLOR}" fill-rule="evenodd"'
            f' d="{path}"/>'
        )
    turn = number % 7 - 3
    scale = 3.3 if glyph in _WIDE_GLYPHS else 2.9
    return _wrap(
        f'<defs><linearGradient id="g" x1="0" y1="0" x2=".55" y2="1"><stop stop-color="{light}"/>'
        f'<stop offset="1" stop-color="{dark}"/></linearGradient></defs>'
        f'<path fill="url(#g)" d="M0 0h96v96H0z"/>{_pattern(number, border)}'
        f'<g transform="translate(48 49) rotate({turn}) scale({scale}) translate(-12 -12)"'
        f' fill-rule="evenodd"><path d="{path}" fill="#000" opacity=".35"'
        f' transform="translate(.45 .6)"/><path d="{path}" fill="{_GLYPH_COLOR}"/></g>'
        f'<path fill="none" stroke="{border}" stroke-opacity=".45" stroke-width="2"'
        ' d="M1 1h94v94H1z"/>'
    )


def _pattern(number: int, color: str) -> str:
    """Return a faint background pattern that follows from the hash, so that icons differ."""
    pattern, a, b = number % 6, number // 6 % 97, number // 582 % 89
    x, y = a, b + 4
    if pattern == 0:
        shape = "".join(f'<circle cx="{x}" cy="{y}" r="{r}"/>' for r in range(14, 110, 16))
    elif pattern == 1:
        shape = "".join(f'<path d="M{n} -8L{n - 60 + a % 50} 104"/>' for n in range(0, 170, 15))
    elif pattern == 2:  # noqa: PLR2004 (one of six patterns)
        shape = "".join(
            f'<path d="M-8 {n}L48 {n - 20 - b % 30}L104 {n}"/>' for n in range(8, 150, 17)
        )
    elif pattern == 3:  # noqa: PLR2004
        shape = "".join(
            f'<path d="M{x} {y}L{x + dx * 140} {y + dy * 140}"/>'
            for dx, dy in (
                (1, 0),
                (0.7, 0.7),
                (0, 1),
                (-0.7, 0.7),
                (-1, 0),
                (-0.7, -0.7),
                (0, -1),
                (0.7, -0.7),
                (0.92, 0.38),
                (-0.38, 0.92),
                (-0.92, -0.38),
                (0.38, -0.92),
            )
        )
    elif pattern == 4:  # noqa: PLR2004
        shape = "".join(
            f'<path d="M{x} {y - r}L{x + r} {y}L{x} {y + r}L{x - r} {y}z"/>'
            for r in range(14, 130, 18)
        )
    else:
        shape = "".join(
            f'<path d="M-4 {n}q26 {-14 - a % 12} 52 0t52 0"/>' for n in range(6, 120, 14)
        )
    return f'<g fill="none" stroke="{color}" stroke-opacity=".17" stroke-width="3">{shape}</g>'


def _plain_icon(glyph: str, color: str) -> str | None:
    path = glyphs().get(glyph)
    if path is None or not color.isalnum():
        return None
    return _wrap(f'<path transform="scale(4)" fill="#{color}" fill-rule="evenodd" d="{path}"/>')


def _watermark(season: str, *, is_featured: bool) -> str | None:
    """Return a dark corner at the top left with the sign of a season; the rest is transparent."""
    if not season.isdecimal() or not 0 < int(season) <= len(_SEASON_GLYPHS):
        return None
    path = glyphs()[_SEASON_GLYPHS[int(season) - 1]]
    color = "#f2c94c" if is_featured else _GLYPH_COLOR
    return _wrap(
        '<path fill="#0b0e13" fill-opacity=".82" d="M0 0h46L0 46z"/>'
        f'<path transform="translate(3 3) scale(.92)" fill="{color}" fill-rule="evenodd"'
        f' d="{path}"/>'
    )


def _emblem_symbol(number: int) -> str:
    names = (
        "hunter",
        "titan",
        "warlock",
        "artifact",
        "trait",
        "catalyst",
        "engram",
        "origin",
        "arc",
    )
    return glyphs()[names[number % len(names)]]


def _emblem(part: str, number: int) -> str | None:
    first = _EMBLEM_COLORS[number % len(_EMBLEM_COLORS)]
    second = _EMBLEM_COLORS[number // 7 % len(_EMBLEM_COLORS)]
    symbol = (
        f'<path transform="translate(20 20) scale(2.35)" fill="{_GLYPH_COLOR}" fill-opacity=".92"'
        f' fill-rule="evenodd" d="{_emblem_symbol(number)}"/>'
    )
    if part == "overlay":
        return _wrap(symbol)
    width = {"icon": 96, "banner": 474}.get(part)
    if width is None:
        return None
    background = (
        f'<defs><linearGradient id="g"><stop stop-color="{first}"/><stop offset="1"'
        f' stop-color="#0d1119"/></linearGradient></defs>'
        f'<path fill="url(#g)" d="M0 0h{width}v96H0z"/><path fill="{second}" fill-opacity=".55"'
        f' d="M{width} 0L{width - 60 - number % 140} 96H{width}z"/>'
    )
    return _wrap(background + (symbol if part == "icon" else _pattern(number, _GLYPH_COLOR)), width)


def _screenshot(glyph: str, tier: str, number: int) -> str | None:
    path = glyphs().get(glyph.removeprefix("subclass-"))
    if path is None or tier not in _TIER_COLORS:
        return None
    light, dark, border = _TIER_COLORS[tier]
    return _wrap(
        f'<defs><radialGradient id="g" cx=".6" cy=".4"><stop stop-color="{light}"/><stop offset="1"'
        f' stop-color="{dark}"/></radialGradient></defs><path fill="url(#g)" d="M0 0h960v540H0z"/>'
        f'<g transform="scale(8)">{_pattern(number, border)}</g>'
        f'<path transform="translate(300 90) scale(15)" fill="{_GLYPH_COLOR}" fill-rule="evenodd"'
        f' d="{path}"/>',
        960,
        540,
    )


def _missing() -> bytes:
    """Return a grey square, the icon for a missing icon; Bungie serves it as PNG."""
    size = 96
    row = b"\0" + bytes((42, 46, 54)) * size
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", compress(row * size, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))
        for name, data in chunks
    )
