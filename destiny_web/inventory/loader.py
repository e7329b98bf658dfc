"""Loads what the pages show: the profile with its age, and an item with its details."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from destiny_web.auth.client import current_client, current_membership
from destiny_web.bungie.errors import BungieError, ConsentEnded
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import champion_name, damage_name
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory import detail
from destiny_web.inventory.board import select_column
from destiny_web.inventory.board_builder import ItemRenderers, build_board, cell_id_of
from destiny_web.inventory.tile_renderer import current_renderer
from destiny_web.inventory.tiles import TileContext, build_tile
from destiny_web.services.manifest_updater import UNKNOWN_ITEM_INTERVAL
from destiny_web.services.preferences import Preferences
from destiny_web.web.services import current_services
from destiny_web.web.templating import age

_LOG = logging.getLogger("destiny_web.inventory")

_RECENTLY_PLAYED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleProfile:
    """A profile as a page shows it.

    Attributes:
        read_at: When the profile was read from Bungie.
        trouble: Why the profile could not be read again; ``""`` when it could.
    """

    profile: Profile
    read_at: datetime
    trouble: str


def load_profile(*, force_refresh: bool = False) -> VisibleProfile:
    """Load the player's profile; when Bungie fails, return the last snapshot instead.

    Args:
        force_refresh: Read the profile from Bungie even when the snapshot is recent.

    Raises:
        ConsentEnded: the player has to sign in again.
        BungieError: Bungie failed, and there is no snapshot.
        NoManifest: the definitions are not downloaded yet.
    """
    services = current_services()
    services.manifest_updater.ensure()
    membership = current_membership()
    trouble = ""
    try:
        snapshot = services.profiles.load(current_client(), membership, anew=force_refresh)
    except ConsentEnded:
        raise
    except BungieError as error:
        _LOG.warning("reading failed: %s %s %s", type(error).__name__, error.code, error.message)
        kept_snapshot = services.profiles.load_kept(membership)
        if kept_snapshot is None:
            raise
        snapshot = kept_snapshot
        trouble = f"{error} This is what was known {age(snapshot.read_at, services.now())} ago."
    if any(not item.definition.known for item in snapshot.profile.items):
        services.manifest_updater.look(UNKNOWN_ITEM_INTERVAL)
    return VisibleProfile(profile=snapshot.profile, read_at=snapshot.read_at, trouble=trouble)


def load_kept_profile() -> Profile:
    """Load the player's profile as the page shows it: Bungie is asked only when none is kept.

    Raises:
        BungieError: no profile is kept, and Bungie failed.
        NoManifest: the definitions are not downloaded yet.
    """
    services = current_services()
    services.manifest_updater.ensure()
    snapshot = services.profiles.load_kept(current_membership())
    return load_profile().profile if snapshot is None else snapshot.profile


def page_context(visible: VisibleProfile, requested_owner: str) -> dict[str, Any]:
    """Return the template variables of the inventory page.

    Args:
        visible: The account.
        requested_owner: The owner whose items a narrow window shows; any text.
    """
    services = current_services()
    profile = visible.profile
    preferences = services.preferences.load(profile.membership)
    board = build_board(
        profile,
        _item_renderers(profile, preferences),
        services.settings.bungie_root,
        preferences.folds,
    )
    return {
        "detail": None,
        "board": board,
        "selected_column": select_column(board, requested_owner),
        "is_playing": _is_playing(profile, services.now()),
        "preferences": preferences,
        "read_at": visible.read_at,
        "age": age(visible.read_at, services.now()),
        "is_fresh": not visible.trouble,
        "trouble": visible.trouble,
        "undo": services.moves.find_undoable_job(profile),
    }


def _is_playing(profile: Profile, now: datetime) -> bool:
    """Tell whether the player plays now: then the page refreshes by itself."""
    return profile.is_in_game or any(
        character.last_played is not None and now - character.last_played < _RECENTLY_PLAYED
        for character in profile.characters
    )


def _item_renderers(profile: Profile, preferences: Preferences) -> ItemRenderers:
    newest_seen = current_services().visits.record(profile)
    render = current_renderer().for_page(url_for("inventory.index"), profile.items, newest_seen)
    return ItemRenderers(
        character=render("tile"),
        vault=render("row" if preferences.density == "table" else "tile"),
        currency=render("currency"),
    )


def find_stack(
    profile: Profile, owner: str, item_hash: int, *, is_in_postmaster: bool
) -> Item | None:
    """Find a stack of an owner, either in the postmaster or outside it."""
    return next(
        (
            stack
            for stack in profile.stacks(item_hash, owner)
            if (stack.location is Location.POSTMASTER) == is_in_postmaster
        ),
        None,
    )


def load_item_page(profile: Profile, item: Item, base_url: str) -> detail.ItemPage:
    """Read an item's details and build its page; when Bungie fails, without stats and perks.

    Args:
        profile: The account that has the item.
        item: The item or stack.
        base_url: Address of the inventory page.
    """
    services = current_services()
    image_root = services.settings.bungie_root
    answer = _read_item(profile, item)
    definition = item.definition
    total = detail.count_quantity(profile, item)
    move_choices = detail.build_move_choices(
        profile, item, total if definition.unique_stack else 1, base_url
    )
    equip_choices = detail.build_equip_choices(profile, item, base_url)
    return detail.ItemPage(
        tile=build_tile(item, TileContext(image_root, base_url)),
        type_line=f"{definition.rarity} {definition.type_name}".strip(),
        description=definition.description,
        flavor=definition.flavor,
        element=damage_name(item.damage_type),
        ammunition=definition.ammunition,
        ammo_type=definition.ammo_type,
        champion=champion_name(item.champion),
        is_enhanced=item.enhanced,
        location_text=detail.describe_location(profile, item),
        owner=item.owner,
        place=cell_id_of(item),
        stat_bars=detail.build_stat_bars(answer, item, services.definitions),
        perks=detail.build_perks(answer, services.definitions, image_root),
        move_choices=move_choices,
        equip_choices=equip_choices,
        notes=detail.build_side_effect_notes(equip_choices)
        + detail.build_side_effect_notes(move_choices, noted_choices=equip_choices),
        is_lockable=item.lockable,
        is_in_postmaster=item.location is Location.POSTMASTER,
        total=total,
        is_incomplete=item.instance_id is not None and answer is None,
    )


def _read_item(profile: Profile, item: Item) -> profile_models.ItemDetail | None:
    if item.instance_id is None:
        return None
    membership = profile.membership
    try:
        return current_client().item(membership.type, membership.membership_id, item.instance_id)
    except ConsentEnded:
        raise
    except BungieError as error:
        _LOG.warning("GetItem failed: %s %s", type(error).__name__, error.code)
        return None
