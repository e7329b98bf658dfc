"""The shapes of GetProfile, GetItem, GetLinkedProfiles and the item actions.

Only the keys that we use are named; others are skipped. A key that may be missing has a default,
ids are strings (they exceed the integers of JavaScript), enums are plain numbers, and dates are
texts until ``domain.account.from_bungie`` reads them. Source: Bungie's OpenAPI file.
"""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class _Shape(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A JSON object of Bungie: the keys are camelCase there, snake_case here."""


class _FrequentShape(
    msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True, gc=False
):
    """A shape with thousands of instances: the garbage collector does not track them."""


class Component(msgspec.Struct, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """One requested part of an answer. Only the presence of ``data`` says that Bungie sent it."""

    data: T | None = None
    disabled: bool | None = False


class Membership(_Shape, frozen=True):
    """One platform account of a player."""

    membership_type: int = 0
    membership_id: str = ""
    display_name: str | None = ""
    bungie_global_display_name: str | None = ""
    bungie_global_display_name_code: int | None = None
    cross_save_override: int | None = 0
    icon_path: str | None = ""
    date_last_played: str | None = ""
    is_overridden: bool | None = False


class ProfileFailure(_Shape, frozen=True):
    """A linked account whose characters could not be loaded."""

    error_code: int | None = 0
    info_card: Membership | None = None


class LinkedProfiles(_Shape, frozen=True):
    """GetLinkedProfiles."""

    profiles: list[Membership] | None = None
    profiles_with_errors: list[ProfileFailure] | None = None


class ItemRecord(_FrequentShape, frozen=True):
    """One item or stack in a list of an answer."""

    item_hash: int
    item_instance_id: str | None = None
    quantity: int | None = 1
    bucket_hash: int | None = 0
    location: int | None = 0
    transfer_status: int | None = 0
    lockable: bool | None = False
    state: int | None = 0
    override_style_item_hash: int | None = None
    version_number: int | None = None


class ItemList(_Shape, frozen=True):
    """A list of items, as inventories and equipment have it."""

    items: list[ItemRecord] | None = None


class InstanceStat(_FrequentShape, frozen=True):
    """A stat of an instance and its value."""

    stat_hash: int | None = 0
    value: int | None = 0


class InstanceEnergy(_FrequentShape, frozen=True):
    """The energy of a piece of armour, which limits its mods."""

    energy_capacity: int | None = 0


class Instance(_FrequentShape, frozen=True):
    """The data of one instance (component 300)."""

    damage_type: int | None = 0
    primary_stat: InstanceStat | None = None
    item_level: int | None = 0
    quality: int | None = 0
    equip_required_level: int | None = 0
    cannot_equip_reason: int | None = 0
    energy: InstanceEnergy | None = None
    gear_tier: int | None = None
    breaker_type: int | None = None


class CharacterRecord(_Shape, frozen=True):
    """A character (component 200)."""

    character_id: str = ""
    membership_id: str | None = ""
    membership_type: int | None = 0
    date_last_played: str | None = ""
    light: int | None = 0
    race_hash: int | None = 0
    gender_hash: int | None = 0
    class_hash: int | None = 0
    class_type: int | None = 3
    emblem_hash: int | None = 0
    emblem_path: str | None = ""
    emblem_background_path: str | None = ""
    base_character_level: int | None = 0
    stats: dict[str, int] | None = None


class ProfileRecord(_Shape, frozen=True):
    """The account itself (component 100)."""

    date_last_played: str | None = ""


class Instances(_Shape, frozen=True):
    """``itemComponents`` of the inventory: only the instances are asked for."""

    instances: Component[dict[str, Instance]] | None = None


class Transitory(_Shape, frozen=True):
    """What the player does now (component 1000): sent only while the player is in the game."""


class Profile(_Shape, frozen=True):
    """GetProfile with the components of the inventory page."""

    response_minted_timestamp: str | None = ""
    profile: Component[ProfileRecord] | None = None
    profile_inventory: Component[ItemList] | None = None
    profile_currencies: Component[ItemList] | None = None
    characters: Component[dict[str, CharacterRecord]] | None = None
    character_inventories: Component[dict[str, ItemList]] | None = None
    character_equipment: Component[dict[str, ItemList]] | None = None
    item_components: Instances | None = None
    profile_transitory_data: Component[Transitory] | None = None


class SocketRecord(_FrequentShape, frozen=True):
    """One socket of an instance and its plug (component 305)."""

    plug_hash: int | None = None
    is_enabled: bool | None = False
    is_visible: bool | None = False


class Sockets(_Shape, frozen=True):
    """The sockets of an instance, in socket order."""

    sockets: list[SocketRecord] | None = None


class Stats(_Shape, frozen=True):
    """The stats of an instance by stat hash (component 304)."""

    stats: dict[str, InstanceStat] | None = None


class ItemDetail(_Shape, frozen=True):
    """GetItem: one instance with the components of its page."""

    character_id: str | None = None
    stats: Component[Stats] | None = None
    sockets: Component[Sockets] | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Names the item of an action; ``instance_id`` is None for a stack."""

    item_hash: int
    instance_id: str | None
    quantity: int = 1


class EquipResult(_Shape, frozen=True):
    """The outcome for one item of an EquipItems call; the status is an ErrorCode."""

    item_instance_id: str = ""
    equip_status: int = 0


class EquipResults(_Shape, frozen=True):
    """EquipItems."""

    equip_results: list[EquipResult] | None = None
