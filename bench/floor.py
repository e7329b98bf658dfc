"""The least work that ends in an inventory page: the lower yardstick.

One function fetches the lean answer, decodes it with msgspec, reads all definitions with one query,
joins the HTML of the tiles, and compresses the page. It has no session, no rules, no groups, no
forms and no error pages, and keeps nothing from one page to the next.
"""

import sqlite3
from collections.abc import Mapping
from html import escape
from pathlib import Path

import msgspec
import urllib3
from backports import zstd

_LEVEL = 3  # Flask-Compress uses the same


class _Shape(msgspec.Struct, rename="camel", gc=False):
    """A part of the answer."""


class _Item(_Shape):
    item_hash: int
    bucket_hash: int
    item_instance_id: str = ""
    quantity: int = 1
    state: int = 0


class _Items(_Shape):
    items: list[_Item]


class _Inventory(_Shape):
    data: _Items


class _Inventories(_Shape):
    data: dict[str, _Items]


class _Stat(_Shape):
    value: int = 0


class _Instance(_Shape):
    damage_type: int = 0
    primary_stat: _Stat | None = None


class _Instances(_Shape):
    data: dict[str, _Instance]


class _ItemComponents(_Shape):
    instances: _Instances


class _Profile(_Shape):
    profile_inventory: _Inventory
    profile_currencies: _Inventory
    character_inventories: _Inventories
    character_equipment: _Inventories
    item_components: _ItemComponents


class _Envelope(msgspec.Struct, rename="pascal"):
    response: _Profile


class _Display(_Shape):
    name: str = ""
    icon: str = ""


class _Definition(_Shape):
    display_properties: _Display = msgspec.field(default_factory=_Display)
    item_type_display_name: str = ""
    icon_watermark: str = ""


_QUERY = 'SELECT hash, body FROM "DestinyInventoryItemDefinition" WHERE hash IN'
_NO_INSTANCE = _Instance()
_NO_DEFINITION = _Definition()
_decode_answer = msgspec.json.Decoder(_Envelope).decode
_decode_definition = msgspec.msgpack.Decoder(_Definition).decode


class Floor:
    """Builds the page of one player.

    Args:
        address: Address of GetProfile with its query.
        headers: API key and access token.
        manifest: The definitions, as the site keeps them.
    """

    def __init__(self, address: str, headers: Mapping[str, str], manifest: Path) -> None:
        self._address = address
        self._headers = {**headers, "Accept-Encoding": "gzip"}
        self._pool = urllib3.PoolManager()
        self._connection = sqlite3.connect(f"{manifest.as_uri()}?mode=ro&immutable=1", uri=True)
        self._image_root = address.split("/Platform/", maxsplit=1)[0]

    def build_page(self) -> bytes:
        """Return the compressed page."""
        body = self._pool.request("GET", self._address, headers=self._headers).data
        profile = _decode_answer(body).response
        owned_items = _list_items(profile)
        hashes = {item.item_hash for _, item in owned_items}
        definitions = {
            item_hash: _decode_definition(row)
            for item_hash, row in self._connection.execute(
                f"{_QUERY} ({','.join('?' * len(hashes))})",
                list(hashes),
            )
        }
        instances = profile.item_components.instances.data
        root = self._image_root
        tiles = "".join(
            [
                _render(
                    owner,
                    item,
                    definitions.get(item.item_hash, _NO_DEFINITION),
                    instances.get(item.item_instance_id, _NO_INSTANCE),
                    root,
                )
                for owner, item in owned_items
            ]
        )
        page = f"<!doctype html><html lang=en><title>Inventory</title><main><ul>{tiles}</ul></main>"
        return zstd.compress(page.encode(), _LEVEL)

    def close(self) -> None:
        """Close the connection and the file."""
        self._pool.clear()
        self._connection.close()


def _list_items(profile: _Profile) -> list[tuple[str, _Item]]:
    """Return every item of the profile with its owner."""
    items = [("vault", item) for item in profile.profile_inventory.data.items]
    items += [("account", item) for item in profile.profile_currencies.data.items]
    for inventories in (profile.character_inventories, profile.character_equipment):
        for character_id, inventory in inventories.data.items():
            items += [(character_id, item) for item in inventory.items]
    return items


def _render(
    owner: str, item: _Item, definition: _Definition, instance: _Instance, image_root: str
) -> str:
    """Return the HTML of a tile, with the attributes that the site's tiles have."""
    display = definition.display_properties
    power = instance.primary_stat.value if instance.primary_stat else 0
    instance_id = item.item_instance_id
    name = escape(display.name)
    href = f"items/{instance_id}" if instance_id else f"stacks/{owner}/{item.item_hash}"
    mark = ""
    if definition.icon_watermark:
        mark = (
            f'<img class="tile-season" src="{image_root}{definition.icon_watermark}" alt=""'
            ' width="50" height="50" loading="lazy" decoding="async">'
        )
    return (
        f'<li><a class="tile element-{instance.damage_type} state-{item.state}" id="i{instance_id}"'
        f' href="/inventory/{href}" data-item-hash="{item.item_hash}"'
        f' data-item-instance-id="{instance_id}" data-bucket-hash="{item.bucket_hash}"'
        f' data-owner="{owner}" data-quantity="{item.quantity}" data-power="{power}">'
        f'<img class="tile-icon" src="{image_root}{display.icon}" alt="" width="50" height="50"'
        f' loading="lazy" decoding="async">{mark}<b class="foot">{power or item.quantity}</b>'
        f'<span class="tile-name">{name}</span><span class="tile-label">,'
        f" {escape(definition.item_type_display_name)}, power {power}</span></a></li>"
    )
