"""Find items and characters of the sandbox's world by what the inventory page shows."""

from destiny_web.bungie.models.enums import VAULT_BUCKET

KINETIC, ENERGY, POWER = "1498876634", "2465295065", "953998645"
ARMOR = ("3448274439", "3551918588", "14239492", "20886954", "1585787867")
CONSUMABLES = "1469714392"
GENERAL = VAULT_BUCKET


def tiles(page, **expected):
    """Return the attributes of every tile whose ``data-`` attributes have the expected values."""
    data_attributes = {f"data_{name}": value for name, value in expected.items()}
    return [
        element.attributes
        for element in page.all(**data_attributes)
        if "data-item-hash" in element.attributes
    ]


def owners(page):
    """Return the ids of the characters, in the order of their columns."""
    equipped = tiles(page, location="equipped", bucket_hash=KINETIC)
    return [tile["data-owner"] for tile in equipped]


def roomy(page, bucket):
    """Return a character with at least two free places in a bucket."""
    counts = {owner: len(tiles(page, owner=owner, bucket_hash=bucket)) for owner in owners(page)}
    return min(counts, key=counts.__getitem__)


def fields(tile, destination, **changes):
    """Return the fields of the transfer form that move an item to a destination."""
    return {
        "item_hash": tile["data-item-hash"],
        "item_instance_id": tile.get("data-item-instance-id", ""),
        "quantity": "1",
        "source": tile["data-owner"],
        "destination": destination,
    } | changes
