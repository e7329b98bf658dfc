"""The whole game of ours: gear, plugs, and everything else that can be owned."""

from functools import cache
from typing import Any, Final

from msgspec.structs import replace

from bungie_sandbox.game_data import plugs
from bungie_sandbox.game_data.definitions import ItemDefinition, Roll, Socket
from bungie_sandbox.game_data.facts import fiction, hash_of
from bungie_sandbox.game_data.game import ANY_CLASS, CLASSES, SUB_TYPES, Bucket, ItemType
from bungie_sandbox.game_data.gear import gear

UNLISTED_NAME: Final = "Relic of a Coming Season"
# Xûr's two further shelves, each behind an item that previews it.
PREVIEWS: Final = {3751514131: "Strange Gear Offers", 537912098: "More Strange Offers"}


@cache
def catalog() -> dict[int, ItemDefinition]:
    """Return every item and plug by its hash, the same objects in each call."""
    made = [
        *gear(),
        *_subclasses(),
        *_cosmetics(),
        *_stacks(),
        *_odds_and_ends(),
        *plugs.all_plugs().values(),
    ]
    return {definition.item_hash: definition for definition in made}


@cache
def in_bucket(bucket: int, class_type: int = ANY_CLASS) -> tuple[ItemDefinition, ...]:
    """Return what has its home in *bucket*; with a class, only what that class may wear."""
    fitting = {ANY_CLASS, class_type}
    return tuple(
        item
        for item in catalog().values()
        if item.bucket == bucket
        and not item.plug_category
        and not item.redacted
        and item.in_game
        and (class_type == ANY_CLASS or item.class_type in fitting)
    )


def _subclasses() -> list[ItemDefinition]:
    made = []
    for row in fiction()["subclasses"]:
        options = tuple(plugs.hashes("ability", names) for names in plugs.ABILITIES)
        made.append(
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
    return made


def _cosmetics() -> list[ItemDefinition]:
    kinds: dict[str, tuple[int, ItemType, str, bool]] = {
        "ships": (Bucket.SHIP, ItemType.SHIP, "Ship", True),
        "vehicles": (Bucket.VEHICLE, ItemType.VEHICLE, "Vehicle", True),
        "emblems": (Bucket.EMBLEM, ItemType.EMBLEM, "Emblem", False),
        "finishers": (Bucket.FINISHER, ItemType.FINISHER, "Finisher", False),
        "emotes": (Bucket.EMOTE, ItemType.EMOTE, "Emote", False),
        "artifacts": (Bucket.ARTIFACT, ItemType.ARTIFACT, "Artifact", False),
    }
    tiers = ("Legendary", "Exotic", "Rare", "Legendary", "Uncommon")
    return [
        ItemDefinition(
            item_hash=hash_of(kind, name),
            name=name,
            type_name=words,
            item_type=item_type,
            bucket=bucket,
            tier=tiers[position % len(tiers)],
            glyph=words.lower(),
            flavor=fiction()["flavor"][position % len(fiction()["flavor"])],
            equippable=True,
            transferable=movable,
            lockable=movable,
        )
        for kind, (bucket, item_type, words, movable) in kinds.items()
        for position, name in enumerate(fiction()[kind])
    ]


def _stack(kind: str, row: dict[str, Any], **rest: Any) -> ItemDefinition:
    return ItemDefinition(
        item_hash=row.get("hash") or hash_of(kind, row["name"]),
        name=row["name"],
        tier=row.get("rarity", "Common"),
        max_stack=row.get("max", 1),
        stack_label=row.get("unique", ""),
        instanced=False,
        **rest,
    )


def _stacks() -> list[ItemDefinition]:
    story = fiction()
    made = [
        _stack(
            "currency",
            row,
            bucket=row["bucket"],
            type_name="Currency",
            glyph="currency",
            item_type=ItemType.CURRENCY,
            transferable=False,
        )
        for row in story["currencies"]
    ]
    made += [
        _stack(
            "consumable",
            row,
            bucket=Bucket.CONSUMABLES,
            type_name="Consumable",
            glyph=row.get("glyph", "consumable"),
            item_type=ItemType.CONSUMABLE,
        )
        for row in story["consumables"]
    ]
    made += [
        _stack(
            "material",
            {"name": name, "rarity": "Rare", "max": 9999},
            bucket=Bucket.CONSUMABLES,
            type_name="Material",
            glyph="material",
            item_type=ItemType.MATERIAL,
        )
        for name in story["materials"]
    ]
    made += [
        _stack(
            "modification",
            {"max": 20, **row},
            bucket=Bucket.MODIFICATIONS,
            type_name="Weapon Mod",
            glyph="mod",
            item_type=ItemType.MOD,
        )
        for row in story["modifications"]
    ]
    made += [
        _stack(
            "engram",
            row,
            bucket=Bucket.ENGRAMS,
            type_name="Engram",
            glyph="engram",
            item_type=ItemType.ENGRAM,
            transferable=False,
        )
        for row in story["engrams"]
    ]
    return [
        # An engram is one of its kind, with an instance, though nobody can wear it.
        _as_instance(item) if item.item_type == ItemType.ENGRAM else item
        for item in made
    ]


def _as_instance(item: ItemDefinition) -> ItemDefinition:
    return replace(item, instanced=True)


def _odds_and_ends() -> list[ItemDefinition]:
    story = fiction()
    made = [
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
        for row in story["quests"]
    ]
    made += [
        _stack(
            "package",
            row,
            bucket=Bucket.CONSUMABLES,
            type_name="Package",
            glyph="package",
            item_type=ItemType.PACKAGE,
            side_effects=row["sideEffects"],
        )
        for row in story["packages"]
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
        for number in range(story["classified"])
    ]
    doors = [
        ItemDefinition(
            item_hash=hash_of("door", str(vendor)),
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
    ahead = ItemDefinition(
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
    coming = ItemDefinition(
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
        coming=True,
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
    return [*made, *classified, *doors, ahead, coming, unlisted]
