"""The definitions of all items: gear, plugs, and every other item that a player can own."""

from functools import cache
from typing import Any, Final

from msgspec.structs import replace

from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.definitions import ItemDefinition, Roll, Socket
from bungie_sandbox.game_data.facts import fiction, hash_of
from bungie_sandbox.game_data.game import ANY_CLASS, CLASSES, SUB_TYPES, Bucket, ItemType
from bungie_sandbox.game_data.gear import gear

UNLISTED_NAME: Final = "Relic of a Coming Season"
# Xûr's two child vendors: an item of Xûr's stock previews each of them.
PREVIEWS: Final = {3751514131: "Strange Gear Offers", 537912098: "More Strange Offers"}


@cache
def catalog() -> dict[int, ItemDefinition]:
    """Return every item and plug by its hash, the same objects in each call."""
    definitions = [
        *gear(),
        *_subclasses(),
        *_cosmetics(),
        *_stacks(),
        *_other_items(),
        *plugs.all_plugs().values(),
    ]
    return {definition.item_hash: definition for definition in definitions}


@cache
def in_bucket(bucket: int, class_type: int = ANY_CLASS) -> tuple[ItemDefinition, ...]:
    """Return the items of a bucket; with a class, only items that the class can equip."""
    class_types = {ANY_CLASS, class_type}
    return tuple(
        item
        for item in catalog().values()
        if item.bucket == bucket
        and not item.plug_category
        and not item.redacted
        and item.in_game
        and (class_type == ANY_CLASS or item.class_type in class_types)
    )


def _subclasses() -> list[ItemDefinition]:
    definitions = []
    for row in fiction()["subclasses"]:
        options = tuple(plugs.hashes("ability", names) for names in plugs.ABILITIES)
        definitions.append(
            ItemDefinition(
                item_hash=row["hash"],
                name=row["name"],
                type_name=f"{row['class'].title()} Subclass",
                item_type=ItemType.SUBCLASS,
                bucket=Bucket.SUBCLASS,
                tier="Common",
                glyph=f"subclass-{row['element'].lower()}",
                class_type=CLASSES[row["class"]],
                equippable=True,
                transferable=False,
                sockets=tuple(Socket("ability", pool, pool[0]) for pool in options),
                rolls=(Roll(plugs=tuple(pool[0] for pool in options), options=options),),
            )
        )
    return definitions


def _cosmetics() -> list[ItemDefinition]:
    groups: dict[str, tuple[int, ItemType, str, bool]] = {
        "ships": (Bucket.SHIP, ItemType.SHIP, "Ship", True),
        "vehicles": (Bucket.VEHICLE, ItemType.VEHICLE, "Vehicle", True),
        "emblems": (Bucket.EMBLEM, ItemType.EMBLEM, "Emblem", False),
        "finishers": (Bucket.FINISHER, ItemType.FINISHER, "Finisher", False),
        "emotes": (Bucket.EMOTE, ItemType.EMOTE, "Emote", False),
        "artifacts": (Bucket.ARTIFACT, ItemType.ARTIFACT, "Artifact", False),
    }
    tiers = ("Legendary", "Exotic", "Rare", "Legendary", "Uncommon")
    seasons = ((1,), (), (3,), (5,), (), (8,))
    return [
        ItemDefinition(
            item_hash=hash_of(hash_prefix, name),
            name=name,
            type_name=label,
            item_type=item_type,
            bucket=bucket,
            tier=tiers[position % len(tiers)],
            glyph=label.lower(),
            flavor=fiction()["flavor"][position % len(fiction()["flavor"])],
            equippable=True,
            transferable=is_movable,
            lockable=is_movable,
            seasons=seasons[position % len(seasons)] if is_movable else (),
        )
        for hash_prefix, (bucket, item_type, label, is_movable) in groups.items()
        for position, name in enumerate(fiction()[hash_prefix])
    ]


def _stack(hash_prefix: str, row: dict[str, Any], **fields: Any) -> ItemDefinition:
    return ItemDefinition(
        item_hash=row.get("hash") or hash_of(hash_prefix, row["name"]),
        name=row["name"],
        tier=row.get("rarity", "Common"),
        max_stack=row.get("max", 1),
        stack_label=row.get("unique", ""),
        instanced=False,
        **fields,
    )


def _stacks() -> list[ItemDefinition]:
    invented = fiction()
    definitions = [
        _stack(
            "currency",
            row,
            bucket=row["bucket"],
            type_name="Currency",
            glyph="currency",
            item_type=ItemType.CURRENCY,
            transferable=False,
        )
        for row in invented["currencies"]
    ]
    definitions += [
        _stack(
            "consumable",
            row,
            bucket=Bucket.CONSUMABLES,
            type_name="Consumable",
            glyph=row.get("glyph", "consumable"),
            item_type=ItemType.CONSUMABLE,
        )
        for row in invented["consumables"]
    ]
    definitions += [
        _stack(
            "material",
            {"name": name, "rarity": "Rare", "max": 9999},
            bucket=Bucket.CONSUMABLES,
            type_name="Material",
            glyph="material",
            item_type=ItemType.MATERIAL,
        )
        for name in invented["materials"]
    ]
    definitions += [
        _stack(
            "modification",
            {"max": 20, **row},
            bucket=Bucket.MODIFICATIONS,
            type_name="Weapon Mod",
            glyph="mod",
            item_type=ItemType.MOD,
        )
        for row in invented["modifications"]
    ]
    definitions += [
        _stack(
            "engram",
            row,
            bucket=Bucket.ENGRAMS,
            type_name="Engram",
            glyph="engram",
            item_type=ItemType.ENGRAM,
            transferable=False,
        )
        for row in invented["engrams"]
    ]
    return [
        # An engram is an instance, although it cannot be equipped.
        _with_instance(item) if item.item_type == ItemType.ENGRAM else item
        for item in definitions
    ]


def _with_instance(item: ItemDefinition) -> ItemDefinition:
    return replace(item, instanced=True)


def _other_items() -> list[ItemDefinition]:
    invented = fiction()
    definitions = [
        ItemDefinition(
            item_hash=hash_of("quest", row["name"]),
            name=row["name"],
            type_name="Quest Step",
            item_type=ItemType.QUEST,
            bucket=Bucket.QUESTS,
            tier="Rare",
            glyph="quest",
            text=f"Step {len(row['steps'])}. {', '.join(row['steps'])}.",
            transferable=False,
            objectives=tuple(hash_of("objective", row["name"], step) for step in row["steps"]),
        )
        for row in invented["quests"]
    ]
    definitions += [
        _stack(
            "package",
            row,
            bucket=Bucket.CONSUMABLES,
            type_name="Package",
            glyph="package",
            item_type=ItemType.PACKAGE,
            side_effects=row["sideEffects"],
        )
        for row in invented["packages"]
    ]
    classified = [
        ItemDefinition(
            item_hash=hash_of("classified", str(number)),
            name="Classified",
            type_name="Classified",
            item_type=ItemType.NONE,
            bucket=Bucket.ENERGY,
            tier="Legendary",
            glyph="classified",
            equippable=True,
            redacted=True,
        )
        for number in range(invented["classified"])
    ]
    previews = [
        ItemDefinition(
            item_hash=hash_of("preview item", str(vendor)),
            name=name,
            type_name="Dummy",
            item_type=ItemType.DUMMY,
            bucket=Bucket.HIDDEN,
            glyph="vendor",
            instanced=False,
            transferable=False,
            preview_vendor=vendor,
        )
        for vendor, name in PREVIEWS.items()
    ]
    high_level_item = ItemDefinition(
        item_hash=hash_of("ahead"),
        name="Heirloom of a Later Age",
        type_name="Hand Cannon",
        item_type=ItemType.WEAPON,
        sub_type=SUB_TYPES["Hand Cannon"],
        bucket=Bucket.KINETIC,
        tier="Rare",
        glyph="hand-cannon",
        damage="Kinetic",
        ammo=1,
        equippable=True,
        lockable=True,
        level=60,
        in_game=False,
    )
    unreleased = ItemDefinition(
        item_hash=hash_of("coming"),
        name="Herald of a Coming Season",
        type_name="Lance",
        item_type=ItemType.WEAPON,
        bucket=Bucket.ENERGY,
        tier="Legendary",
        glyph="glaive",
        damage="Void",
        ammo=2,
        equippable=True,
        lockable=True,
        unreleased=True,
        in_game=False,
    )
    unlisted = ItemDefinition(
        item_hash=hash_of("unlisted"),
        name=UNLISTED_NAME,
        type_name="Relic",
        item_type=ItemType.WEAPON,
        sub_type=SUB_TYPES["Hand Cannon"],
        bucket=Bucket.KINETIC,
        tier="Exotic",
        equippable=True,
        listed=False,
        in_game=False,
    )
    return [*definitions, *classified, *previews, high_level_item, unreleased, unlisted]
