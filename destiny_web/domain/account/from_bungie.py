"""Builds a ``Profile`` from Bungie's answer: the only reader of ``bungie.models.profile``."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import (
    POSTMASTER_BUCKET,
    POWER_STATS,
    VAULT_BUCKET,
    ItemType,
    class_name,
)
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character, Membership
from destiny_web.domain.account.definitions import (
    Definitions,
    ItemDefinition,
)
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile, group_by_bucket

# Buckets of internal ("dummy") items, which the game never shows to players.
_HIDDEN_BUCKETS = frozenset({2422292810, 3621873013})

_NO_INSTANCE = profile_models.Instance()

_OwnedRecord = tuple[str, Location, profile_models.ItemRecord]
"""An owner, the location, and Bungie's record of the item."""


def build_profile(
    answer: profile_models.Profile, definitions: Definitions, membership: Membership
) -> Profile:
    """Build a profile from a GetProfile answer with the components of the inventory page.

    A component that the answer does not have (private, disabled, or left out) is named in
    ``missing``. An item whose definition is missing stays in the profile, as an unknown item.
    """
    owned_records = [
        (owner, location, record)
        for owner, location, record in _list_records(answer)
        if record.bucket_hash not in _HIDDEN_BUCKETS
    ]
    currencies = _items_of(answer.profile_currencies)
    characters = _data_of(answer.characters) or {}
    hashes = {record.item_hash for _, _, record in owned_records}
    hashes |= {record.item_hash for record in currencies}
    definitions_by_hash = definitions.items(hashes)
    instances = _instances_of(answer)
    buckets = definitions.buckets()
    items = (
        _build_item(owned, definitions_by_hash[owned[2].item_hash], instances)
        for owned in _without_duplicates(owned_records)
    )
    return Profile(
        membership=membership,
        characters=_build_characters(characters.items(), definitions),
        places=group_by_bucket(items),
        buckets=buckets,
        currencies=tuple(
            _build_item(
                (ACCOUNT, Location.ACCOUNT, record), definitions_by_hash[record.item_hash], {}
            )
            for record in currencies
        ),
        minted=moment(answer.response_minted_timestamp),
        missing=_missing_components(answer),
        is_in_game=_data_of(answer.profile_transitory_data) is not None,
    )


def moment(text: str | None) -> datetime | None:
    """Read a date and time of Bungie's; None when the text is missing or cannot be read."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _list_records(answer: profile_models.Profile) -> Iterator[_OwnedRecord]:
    """Yield every item of an answer with its owner and location."""
    for character_id, equipment in (_data_of(answer.character_equipment) or {}).items():
        for record in equipment.items or ():
            yield character_id, Location.EQUIPPED, record
    for character_id, bag in (_data_of(answer.character_inventories) or {}).items():
        for record in bag.items or ():
            # The record's location is Inventory for the postmaster too: only the bucket differs.
            in_postmaster = record.bucket_hash == POSTMASTER_BUCKET
            yield character_id, Location.POSTMASTER if in_postmaster else Location.BAG, record
    for record in _items_of(answer.profile_inventory):
        # The location is Vault for all of these: only the bucket tells the items in the vault
        # from the items that all characters share.
        if record.bucket_hash == VAULT_BUCKET:
            yield VAULT, Location.VAULT, record
        else:
            yield ACCOUNT, Location.ACCOUNT, record


def _without_duplicates(owned_records: Iterable[_OwnedRecord]) -> Iterator[_OwnedRecord]:
    """Skip an instance that is listed twice: Bungie may read two lists before and after a move."""
    instance_ids: set[str] = set()
    for owned in owned_records:
        instance_id = owned[2].item_instance_id
        if instance_id is not None:
            if instance_id in instance_ids:
                continue
            instance_ids.add(instance_id)
        yield owned


def _build_item(
    owned: _OwnedRecord,
    definition: ItemDefinition,
    instances: Mapping[str, profile_models.Instance],
) -> Item:
    owner, location, record = owned
    instance = instances.get(record.item_instance_id or "", _NO_INSTANCE)
    return Item(
        definition=definition,
        instance_id=record.item_instance_id,
        owner=owner,
        location=location,
        bucket_hash=_bucket_of(location, record, definition),
        quantity=1 if record.quantity is None else record.quantity,
        power=_power_of(instance, definition),
        damage_type=instance.damage_type or definition.damage_type,
        state=record.state or 0,
        transfer_status=record.transfer_status or 0,
        cannot_equip_reason=instance.cannot_equip_reason or 0,
        required_level=instance.equip_required_level or 0,
        lockable=bool(record.lockable),
        tier=instance.gear_tier or 0,
        energy=(instance.energy.energy_capacity or 0) if instance.energy else 0,
        champion=instance.breaker_type or definition.champion,
        version_number=record.version_number,
    )


def _bucket_of(
    location: Location, record: profile_models.ItemRecord, definition: ItemDefinition
) -> int:
    """Return the bucket of an item on a character.

    In the vault and in the postmaster the record names the bucket of these instead.
    """
    if location in {Location.VAULT, Location.POSTMASTER}:
        return definition.bucket_hash
    return record.bucket_hash or definition.bucket_hash


def _power_of(instance: profile_models.Instance, definition: ItemDefinition) -> int:
    """Return the power of an instance that the game shows; 0 for none.

    Level and quality of every instance give a number, also of a ghost or a ship, where it means
    nothing. They are the power of engrams, which may lack the primary stat, and of classified
    gear, which always does.
    """
    if definition.hides_power:
        return 0
    stat = instance.primary_stat
    if stat is not None and stat.value:
        return stat.value if stat.stat_hash in POWER_STATS else 0
    if definition.redacted or definition.item_type == ItemType.ENGRAM:
        return (instance.item_level or 0) * 10 + (instance.quality or 0)
    return 0


def _build_characters(
    records: Iterable[tuple[str, profile_models.CharacterRecord]], definitions: Definitions
) -> tuple[Character, ...]:
    """Build the characters, the most recently played first."""
    classes, races = definitions.class_names(), definitions.race_names()
    characters = [
        Character(
            character_id=character_id,
            class_type=3 if record.class_type is None else record.class_type,
            class_name=classes.get(record.class_hash or 0)
            or class_name(3 if record.class_type is None else record.class_type)
            or "Guardian",
            race_name=races.get(record.race_hash or 0, ""),
            power=record.light or 0,
            level=record.base_character_level or 0,
            last_played=moment(record.date_last_played),
            emblem=record.emblem_background_path or "",
            emblem_icon=record.emblem_path or "",
        )
        for character_id, record in records
    ]
    never = datetime.min.replace(tzinfo=UTC)
    characters.sort(key=lambda character: character.character_id)
    characters.sort(key=lambda character: character.last_played or never, reverse=True)
    return tuple(characters)


def _missing_components(answer: profile_models.Profile) -> frozenset[str]:
    components: dict[str, profile_models.Component[Any] | None] = {
        "vault": answer.profile_inventory,
        "currencies": answer.profile_currencies,
        "characters": answer.characters,
        "bags": answer.character_inventories,
        "equipment": answer.character_equipment,
    }
    return frozenset(name for name, component in components.items() if _data_of(component) is None)


def _instances_of(answer: profile_models.Profile) -> dict[str, profile_models.Instance]:
    components = answer.item_components
    return (_data_of(components.instances) or {}) if components else {}


def _items_of(
    component: profile_models.Component[profile_models.ItemList] | None,
) -> list[profile_models.ItemRecord]:
    item_list = _data_of(component)
    return (item_list.items or []) if item_list else []


def _data_of(
    component: profile_models.Component[profile_models.T] | None,
) -> profile_models.T | None:
    # The privacy flags do not tell whether the answer has the component: only its data does.
    return component.data if component is not None else None
