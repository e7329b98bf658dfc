"""The inventory page as it was built in the days of the tutorials: the upper yardstick.

Every step is one that published programs for this API take: the complete answer with all
components from 100 to 310, ``response.json()``, the whole definition of each item and its bucket
from Bungie's SQLite file, one query each, an include and ``url_for`` for each tile, no compression.
"""

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import requests
from flask import Flask, render_template
from jinja2 import DictLoader

from bungie_sandbox.server import Sandbox

COMPONENTS = (
    "100,101,102,103,104,105,200,201,202,204,205,300,301,302,303,304,305,306,307,308,309,310"
)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Inventory</title></head><body><main>
{% for owner, buckets in owners.items() %}
<section><h2>{{ owner }}</h2>
  {% for bucket, items in buckets.items() %}
  <h3>{{ bucket }}</h3>
  <ul>
    {% for item in items %}
      {% include "tile.html" %}
    {% endfor %}
  </ul>
  {% endfor %}
</section>
{% endfor %}
</main></body></html>
"""
_TILE = """<li>
  <a class="tile {{ item.definition.inventory.tierTypeName|lower }}
            {%- if item.state is odd %} locked{% endif %}"
     href="{{ url_for('show_item', instance_id=item.itemInstanceId or item.itemHash) }}"
     data-item-hash="{{ item.itemHash }}" data-item-instance-id="{{ item.itemInstanceId }}"
     data-bucket-hash="{{ item.bucketHash }}" data-owner="{{ item.owner }}"
     data-quantity="{{ item.quantity }}">
    <img src="{{ image_root }}{{ item.definition.displayProperties.icon }}" alt=""
         width="50" height="50">
    {% if item.definition.iconWatermark %}
      <img src="{{ image_root }}{{ item.definition.iconWatermark }}" alt="">
    {% endif %}
    {% if item.instance and item.instance.primaryStat %}
      <b>{{ item.instance.primaryStat.value }}</b>
    {% else %}
      <b>{{ item.quantity }}</b>
    {% endif %}
    <span>{{ item.definition.displayProperties.name }}</span>
    <span>{{ item.definition.itemTypeDisplayName }}</span>
  </a>
</li>
"""

Payload = dict[str, Any]


class Definitions:
    """Bungie's own SQLite file: one query and one ``json.loads`` for each definition."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)

    def get(self, table: str, definition_hash: int) -> Payload:
        """Return the whole definition; an empty one if there is none."""
        signed = definition_hash - 2**32 if definition_hash >= 2**31 else definition_hash
        row = self._connection.execute(
            f"SELECT json FROM {table} WHERE id = ?",  # noqa: S608 (the tables named below)
            (signed,),
        ).fetchone()
        definition: Payload = json.loads(row[0]) if row else {}
        return definition

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def download_definitions(bungie: Sandbox, folder: Path) -> Definitions:
    """Download Bungie's SQLite file into a folder."""
    headers = {"X-API-Key": bungie.api_key}
    manifest = requests.get(
        f"{bungie.root}/Platform/Destiny2/Manifest/", headers=headers, timeout=60
    ).json()["Response"]
    path = manifest["mobileWorldContentPaths"]["en"]
    archive = requests.get(bungie.root + path, timeout=60).content
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        (name,) = content.namelist()
        content.extract(name, folder)
    return Definitions(folder / name)


def create_app(address: str, headers: dict[str, str], definitions: Definitions) -> Flask:
    """Create the site.

    Args:
        address: Address of GetProfile for the player, without a query.
        headers: API key and access token.
        definitions: Bungie's definitions.
    """
    app = Flask(__name__)
    app.jinja_env.loader = DictLoader({"page.html": _PAGE, "tile.html": _TILE})
    image_root = address.split("/Platform/", maxsplit=1)[0]

    @app.get("/")
    def index() -> str:
        answer = requests.get(
            address, params={"components": COMPONENTS}, headers=headers, timeout=60
        )
        owners = _group_items(answer.json()["Response"], definitions)
        return render_template("page.html", owners=owners, image_root=image_root)

    @app.get("/items/<instance_id>")
    def show_item(instance_id: str) -> str:
        return instance_id

    return app


def _group_items(profile: Payload, definitions: Definitions) -> dict[str, dict[str, list[Payload]]]:
    """Group the items by owner and by the name of the bucket."""
    owners: dict[str, dict[str, list[Payload]]] = {}
    instances = profile["itemComponents"]["instances"]["data"]
    for owner, item in _list_items(profile):
        definition = definitions.get("DestinyInventoryItemDefinition", item["itemHash"])
        bucket = definitions.get("DestinyInventoryBucketDefinition", item["bucketHash"])
        item["definition"] = definition
        item["instance"] = instances.get(item.get("itemInstanceId"))
        item["owner"] = owner
        bucket_name = bucket["displayProperties"].get("name", "")
        owners.setdefault(owner, {}).setdefault(bucket_name, []).append(item)
    return owners


def _list_items(profile: Payload) -> list[tuple[str, Payload]]:
    """Return every item of the profile with its owner."""
    items = [("vault", item) for item in profile["profileInventory"]["data"]["items"]]
    items += [("account", item) for item in profile["profileCurrencies"]["data"]["items"]]
    for component in ("characterInventories", "characterEquipment"):
        for character_id, inventory in profile[component]["data"].items():
            items += [(character_id, item) for item in inventory["items"]]
    return items
