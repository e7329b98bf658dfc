"""From Bungie's shapes to ours: the only reader of what ``bungie.wire`` holds."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import POSTMASTER_BUCKET, VAULT_BUCKET, class_name
from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character, Membership
from destiny_web.domain.account.definitions import (
    Definitions,
    ItemDefinition,
)
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile, grouped

# Bungie's places for inner workings ("dummy" items); players never see them.
_HIDDEN_BUCKETS = frozenset({2422292810, 3621873013})

_NO_INSTANCE = profile_models.Instance()

_Raw = tuple[str, Location, profile_models.ItemRecord]
"""An owner, where it lies, and the record."""


def build_profile(
    answer: profile_models.Profile, definitions: Definitions, membership: Membership
) -> Profile:
    """Read a GetProfile answer with the components of the inventory page.

    A component that did not come (private, disabled, or lost on the way) is named in
    ``missing``; items whose definition is missing stay, as what they are.
    """
    raw = [one for one in _records(answer) if one[2].bucket_hash not in _HIDDEN_BUCKETS]
    currencies = _items_of(answer.profile_currencies)
    characters = _data(answer.characters) or {}
    hashes = {record.item_hash for _, _, record in raw}
    hashes |= {record.item_hash for record in currencies}
    kinds = definitions.items(hashes)
    instances = _instances(answer)
    buckets = definitions.buckets()
    items = (_item(one, kinds[one[2].item_hash], instances) for one in _once(raw))
    return Profile(
        membership=membership,
        characters=_characters(characters.items(), definitions),
        places=grouped(items),
        buckets=buckets,
        currencies=tuple(
            _item((ACCOUNT, Location.ACCOUNT, record), kinds[record.item_hash], {})
            for record in currencies
        ),
        minted=moment(answer.response_minted_timestamp),
        missing=_missing(answer),
    )


def moment(text: str | None) -> datetime | None:
    """Read one of Bungie's moments; None when there is none, or none that can be read."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _records(answer: profile_models.Profile) -> Iterator[_Raw]:
    """List every item of an answer with its owner and place."""
    for character_id, equipped_item in (_data(answer.character_equipment) or {}).items():
        for record in equipped_item.items or ():
            yield character_id, Location.EQUIPPED, record
    for character_id, bag in (_data(answer.character_inventories) or {}).items():
        for record in bag.items or ():
            # The record's location says Inventory for the postmaster too: test the bucket.
            lost = record.bucket_hash == POSTMASTER_BUCKET
            yield character_id, Location.POSTMASTER if lost else Location.BAG, record
    for record in _items_of(answer.profile_inventory):
        # All of these say Vault as their location: only the bucket tells the vault
        # from what every character carries.
        if record.bucket_hash == VAULT_BUCKET:
            yield VAULT, Location.VAULT, record
        else:
            yield ACCOUNT, Location.ACCOUNT, record


def _once(raw: Iterable[_Raw]) -> Iterator[_Raw]:
    """Drop what is listed twice: lists of one answer may stem from before and after a move."""
    seen: set[str] = set()
    for one in raw:
        instance_id = one[2].item_instance_id
        if instance_id is not None:
            if instance_id in seen:
                continue
            seen.add(instance_id)
        yield one


def _item(
    raw: _Raw, kind: ItemDefinition, instances: Mapping[str, profile_models.Instance]
) -> Item:
    owner, location, record = raw
    instance = instances.get(record.item_instance_id or "", _NO_INSTANCE)
    return Item(
        definition=kind,
        instance_id=record.item_instance_id,
        owner=owner,
        location=location,
        bucket_hash=_home(location, record, kind),
        quantity=1 if record.quantity is None else record.quantity,
        power=_power(instance),
        damage_type=instance.damage_type or kind.damage_type,
        state=record.state or 0,
        transfer_status=record.transfer_status or 0,
        cannot_equip_reason=instance.cannot_equip_reason or 0,
        required_level=instance.equip_required_level or 0,
        lockable=bool(record.lockable),
        tier=instance.gear_tier or 0,
        energy=(instance.energy.energy_capacity or 0) if instance.energy else 0,
    )


def _home(location: Location, record: profile_models.ItemRecord, kind: ItemDefinition) -> int:
    """Tell an item's home bucket: the record's own, but for vault and postmaster."""
    if location in {Location.VAULT, Location.POSTMASTER}:
        return kind.bucket_hash
    return record.bucket_hash or kind.bucket_hash


def _power(instance: profile_models.Instance) -> int:
    """Return the power of an instance; engrams and classified items have no primary stat."""
    if instance.primary_stat is not None and instance.primary_stat.value:
        return instance.primary_stat.value
    return (instance.item_level or 0) * 10 + (instance.quality or 0)


def _characters(
    records: Iterable[tuple[str, profile_models.CharacterRecord]], definitions: Definitions
) -> tuple[Character, ...]:
    """Read the characters, the most recently played first."""
    classes, races = definitions.class_names(), definitions.race_names()
    found = [
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
    found.sort(key=lambda one: one.character_id)
    found.sort(key=lambda one: one.last_played or never, reverse=True)
    return tuple(found)


def _missing(answer: profile_models.Profile) -> frozenset[str]:
    parts: dict[str, profile_models.Component[Any] | None] = {
        "vault": answer.profile_inventory,
        "currencies": answer.profile_currencies,
        "characters": answer.characters,
        "bags": answer.character_inventories,
        "equipment": answer.character_equipment,
    }
    return frozenset(name for name, part in parts.items() if _data(part) is None)


def _instances(answer: profile_models.Profile) -> dict[str, profile_models.Instance]:
    components = answer.item_components
    return (_data(components.instances) or {}) if components else {}


def _items_of(
    component: profile_models.Component[profile_models.ItemList] | None,
) -> list[profile_models.ItemRecord]:
    found = _data(component)
    return (found.items or []) if found else []


def _data(component: profile_models.Component[profile_models.T] | None) -> profile_models.T | None:
    # Privacy flags describe the kind of component; only the data says that it came.
    return component.data if component is not None else None
