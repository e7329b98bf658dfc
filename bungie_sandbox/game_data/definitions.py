"""Items, plugs, sockets, rolls and buckets: the sandbox's form of the game's static data."""

from typing import Final

import msgspec

from bungie_sandbox.game_data.game import ANY_CLASS, ItemType

# The roles of sockets in which InsertSocketPlugFree can change the plug.
FREE_ROLES: Final = frozenset({"barrel", "magazine", "trait", "mod", "shader", "ability"})
# The roles of sockets that Settings calls blocked: only the game changes these plugs.
BLOCKED_ROLES: Final = frozenset({"tracker", "catalyst"})


# Markup, quotes, a template expression and a bidi override: a page has to escape all of them.
HOSTILE: Final = "<script>alert(1)</script>\"'&amp;{{7*7}}\u202e"


class Socket(msgspec.Struct, frozen=True, gc=False):
    """One socket of an item: the role, the plugs that fit, and the initial plug."""

    role: str
    pool: tuple[int, ...]
    initial: int


class Roll(msgspec.Struct, eq=False):
    """The properties in which two instances of one item differ: plugs, options, stats.

    ``plugs`` and ``options`` are in socket order; ``options`` has the plugs that the instance
    offers in each socket, including the inserted one. ``version`` is an index in the definition's
    ``seasons``; ``breaker`` is the breaker type of the instance. A roll is never changed, only
    replaced: ``encoded_components`` caches the JSON of its components.
    """

    plugs: tuple[int, ...] = ()
    options: tuple[tuple[int, ...], ...] = ()
    stats: tuple[tuple[int, int], ...] = ()
    masterwork: bool = False
    crafted: bool = False
    enhanced: bool = False
    gear_tier: int = 0
    version: int = 0
    breaker: int = 0
    encoded_components: dict[int, msgspec.Raw] = {}


class ItemDefinition(msgspec.Struct, eq=False, frozen=True, kw_only=True):
    """An item or a plug, with the properties that the rules and the tables use.

    ``seasons`` has the season of each version of the item, 0 for a version without a watermark; an
    item without any watermark has no seasons.
    """

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
    breaker: int = 0
    seasons: tuple[int, ...] = ()
    featured: bool = False
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
    listed: bool = True  # False: the item exists, but the manifest has no definition of it
    unreleased: bool = False  # True: the enums have unknown numbers
    in_game: bool = True  # False: players own the item only by an option or in a test
    sockets: tuple[Socket, ...] = ()
    stats: tuple[tuple[int, int], ...] = ()
    objectives: tuple[int, ...] = ()
    preview_vendor: int = 0
    plug_category: str = ""
    plug_role: str = ""
    rolls: tuple[Roll, ...] = msgspec.field(default_factory=lambda: (Roll(),))


class BucketDefinition(msgspec.Struct, frozen=True, gc=False):
    """A group of slots: one of the 60 buckets in the manifest of June 2026."""

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
