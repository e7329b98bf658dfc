"""Reading for a page: the profile with its age, an item with its details."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.exceptions import NotFound

from destiny_web.auth.client import current_client, current_membership
from destiny_web.bungie.errors import BungieError, ConsentEnded
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import damage_name
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import planner
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.domain.moves.steps import Step
from destiny_web.inventory import detail as details
from destiny_web.inventory.tiles import address, picture, tile
from destiny_web.services.manifest_updater import UNKNOWN_SEEN
from destiny_web.services.moves import messages
from destiny_web.web.services import current_services
from destiny_web.web.templating import age

_LOG = logging.getLogger("destiny_web.inventory")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleProfile:
    """A profile as a page shows it; ``trouble`` says why it is older than it should be."""

    profile: Profile
    read_at: datetime
    trouble: str

    def context(self, now: datetime) -> dict[str, Any]:
        """Return what every page of the inventory says about its age."""
        return {
            "read_at": self.read_at,
            "age": age(self.read_at, now),
            "fresh": not self.trouble,
            "trouble": self.trouble,
            "undo": current_services().moves.undo_offer(self.profile),
        }


def profile(*, anew: bool = False) -> VisibleProfile:
    """Read the player's profile; when Bungie fails, show what is known.

    Raises:
        ConsentEnded: the player is to sign in again.
        BungieError: Bungie failed, and nothing is known.
        NoManifest: the definitions are not there yet.
    """
    parts = current_services()
    parts.manifest_updater.ensure()
    membership = current_membership()
    try:
        loaded = parts.profiles.load(current_client(), membership, anew=anew)
        trouble = ""
    except ConsentEnded:
        raise
    except BungieError as error:
        _LOG.warning("reading failed: %s %s %s", type(error).__name__, error.code, error.message)
        kept = parts.profiles.kept(membership)
        if kept is None:
            raise
        loaded, trouble = (
            kept,
            f"{error} This is what was known {age(kept.read_at, parts.now())} ago.",
        )
    if any(not item.definition.known for item in loaded.profile.items):
        parts.manifest_updater.look(UNKNOWN_SEEN)
    return VisibleProfile(profile=loaded.profile, read_at=loaded.read_at, trouble=trouble)


def stack(profile: Profile, owner: str, item_hash: int, *, lost: bool) -> Item | None:
    """Find a stack, of those in a postmaster or of the others."""
    return next(
        (
            one
            for one in profile.stacks(item_hash, owner)
            if (one.location is Location.POSTMASTER) == lost
        ),
        None,
    )


def detail(profile: Profile, item: Item, base: str) -> details.Detail:
    """Read what an item's page shows; without Bungie's details it shows the rest.

    *base* is the address of the inventory page, in front of every other.
    """
    parts = current_services()
    images = parts.settings.bungie_root
    answer = _answer(profile, item)
    kind = item.definition
    total = details.total(profile, item)
    moves = details.choices(profile, item, total if kind.unique_stack else 1, base)
    equips = details.equip_choices(profile, item, base)
    return details.Detail(
        tile=tile(item, images=images, base=""),
        type_line=f"{kind.rarity} {kind.type_name}".strip(),
        description=kind.description,
        flavor=kind.flavor,
        screenshot=picture(images, kind.screenshot),
        element=damage_name(item.damage_type),
        ammunition=kind.ammunition,
        where=details.where(profile, item),
        source=item.owner,
        figures=details.figures(answer, item, parts.definitions),
        perks=details.perks(answer, parts.definitions, images),
        moves=moves,
        equips=equips,
        move_notes=details.notes(moves),
        equip_notes=details.notes(equips, said=moves),
        lockable=item.lockable,
        lost=item.location is Location.POSTMASTER,
        total=total,
        partial=item.instance_id is not None and answer is None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a move would do: every step in words, or why it cannot be."""

    title: str
    item: str
    steps: tuple[str, ...]
    reason: str
    back: str


def preview(profile: Profile, move: Move) -> Preview:
    """Plan a move without making it.

    Raises:
        NotFound: the account has no such item, or no such owner.
    """
    try:
        item = planner.find(profile, move)
    except MoveError as error:
        raise NotFound from error
    steps: tuple[Step, ...] = ()
    reason = ""
    try:
        steps = planner.plan(profile, move)
    except MoveError as error:
        reason = str(error)
    verb = "Equip" if move.equip else "Move"
    to = profile.owner_name(move.destination)
    return Preview(
        title=f"{verb} {item.name} {'on' if move.equip else 'to'} {to}",
        item=item.name,
        steps=tuple(messages.steps(profile, steps)),
        reason=reason,
        back=address(item),
    )


def _answer(profile: Profile, item: Item) -> profile_models.ItemDetail | None:
    if item.instance_id is None:
        return None
    who = profile.membership
    try:
        return current_client().item(who.type, who.membership_id, item.instance_id)
    except ConsentEnded:
        raise
    except BungieError as error:
        _LOG.warning("GetItem failed: %s %s", type(error).__name__, error.code)
        return None
