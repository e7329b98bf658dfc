"""Finding something to act upon in the sandbox's world, by what the page shows."""

from destiny_web.bungie.models.enums import VAULT_BUCKET

KINETIC, ENERGY, POWER = "1498876634", "2465295065", "953998645"
ARMOR = ("3448274439", "3551918588", "14239492", "20886954", "1585787867")
CONSUMABLES = "1469714392"
GENERAL = VAULT_BUCKET


def tiles(page, **wanted):
    """Return the attributes of every item whose ``data-`` attributes are as wanted."""
    return [
        one.attributes
        for one in page.all(**{f"data_{name}": value for name, value in wanted.items()})
        if "data-item-hash" in one.attributes
    ]


def owners(page):
    """Return the ids of the characters, in the order of their columns."""
    worn = tiles(page, location="equipped", bucket_hash=KINETIC)
    return [one["data-owner"] for one in worn]


def roomy(page, bucket):
    """Return a character with at least two free places in a bucket."""
    counts = {owner: len(tiles(page, owner=owner, bucket_hash=bucket)) for owner in owners(page)}
    return min(counts, key=counts.__getitem__)


def fields(tile, destination, **more):
    """Return the form fields that bring an item somewhere."""
    return {
        "item_hash": tile["data-item-hash"],
        "item_instance_id": tile.get("data-item-instance-id", ""),
        "quantity": "1",
        "source": tile["data-owner"],
        "destination": destination,
    } | more
