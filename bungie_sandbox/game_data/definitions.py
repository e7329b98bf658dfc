"""What an item, a plug, a bucket is: the sandbox's own form of the game's static data."""

from typing import Final

import msgspec

from bungie_sandbox.game_data.game import ANY_CLASS, ItemType

# Sockets by role. A change through InsertSocketPlugFree is free in these only.
FREE_ROLES: Final = frozenset({"barrel", "magazine", "trait", "mod", "shader", "ability"})
# What Settings calls blocked: a kill tracker or a catalyst is changed in the game alone.
BLOCKED_ROLES: Final = frozenset({"tracker", "catalyst"})


# Markup, quotes, a template and a bidi override: what no page may take at its word.
HOSTILE: Final = "<script>alert(1)</script>\"'&amp;{{7*7}}\u202e"


class Socket(msgspec.Struct, frozen=True, gc=False):
    """One socket of an item: its role, what fits in, what is in it at first."""

    role: str
    pool: tuple[int, ...]
    initial: int


class Roll(msgspec.Struct, eq=False):
    """What makes one copy differ from another: plugs, options, figures.

    ``plugs`` and ``options`` are in socket order; ``options`` holds the plugs that
    this copy offers in each socket, the inserted one among them. A roll is never
    changed, only replaced: ``answers`` keeps what was encoded of it, by component.
    """

    plugs: tuple[int, ...] = ()
    options: tuple[tuple[int, ...], ...] = ()
    stats: tuple[tuple[int, int], ...] = ()
    masterwork: bool = False
    crafted: bool = False
    gear_tier: int = 0
    answers: dict[int, msgspec.Raw] = {}


class ItemDefinition(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    """Everything that the rules and the tables need to know of an item or a plug."""

    item_hash: int
    name: str
    type_name: str
    item_type: ItemType
    bucket: int
    tier: str = "Common"
    glyph: str = "mod"
    text: str = ""
    flavor: str = ""
    sub_type: int = 0
    class_type: int = ANY_CLASS
    damage: str = ""
    ammo: int = 0
    max_stack: int = 1
    instanced: bool = True
    equippable: bool = False
    transferable: bool = True
    lockable: bool = False
    unique_label: str = ""
    stack_label: str = ""
    side_effects: bool = False
    redacted: bool = False
    level: int = 0
    listed: bool = True  # False: the item exists, but no table knows it
    # True: of a coming season; its enums have numbers that nobody knows yet.
    coming: bool = False
    in_game: bool = True  # False: nobody owns one but by an option or a test
    sockets: tuple[Socket, ...] = ()
    stats: tuple[tuple[int, int], ...] = ()
    objectives: tuple[int, ...] = ()
    preview_vendor: int = 0
    plug_category: str = ""
    plug_role: str = ""
    rolls: tuple[Roll, ...] = msgspec.field(default_factory=lambda: (Roll(),))


class BucketDefinition(msgspec.Struct, frozen=True, gc=False):
    """A slot group: 60 of them, all facts of the manifest of June 2026."""

    hash: int
    name: str | None
    scope: int
    category: int
    order: int
    capacity: int
    location: int
    vaultable: bool
    enabled: bool
    fifo: bool
