"""An item's own page: its figures, its perks, and what can be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from destiny_web.bungie.models import profile as profile_models
from destiny_web.domain.account.characters import ACCOUNT, VAULT, opening
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import planner
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.inventory.tiles import Tile, picture
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.moves import messages

# Plugs that say nothing to a player: empty sockets, shaders, trackers and the like.
_DULL = ("shader", "mementos", "trackers", "tracker", "skins", "ornament", "empty", "transmat")
_FULL_BAR = 100
# Stats that the game shows as a number: rounds per minute, magazine, charge and draw time,
# recoil, zoom; also where the manifest has no stat group to say so.
_NUMBERS = frozenset({4284893193, 3871231066, 2961396640, 447667954, 3555269338, 1931675084})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatBar:
    """A stat: a bar of *value* out of *maximum*, or a bare number when maximum is 0."""

    name: str
    value: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Perk:
    """A plug or perk, in words."""

    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button: where an item could go, and why not if it cannot.

    Attributes:
        here: It is there already.
        reason: Why the rules say no; ``""`` when they do not.
        aside: What else would be moved or worn for it; ``""`` when nothing would.
        preview: Address of the page that shows every step.
    """

    owner: str
    name: str
    here: bool = False
    reason: str = ""
    aside: str = ""
    preview: str = ""

    @property
    def open(self) -> bool:
        """The button can be pressed."""
        return not (self.here or self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffectNote:
    """What else would be moved or worn, for those choices for which it is the same."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything on an item's page."""

    tile: Tile
    type_line: str
    description: str
    flavor: str
    screenshot: str
    element: str
    ammunition: str
    where: str
    source: str
    figures: tuple[StatBar, ...]
    perks: tuple[Perk, ...]
    moves: tuple[Choice, ...]
    equips: tuple[Choice, ...]
    move_notes: tuple[SideEffectNote, ...]
    equip_notes: tuple[SideEffectNote, ...]
    lockable: bool
    lost: bool
    total: int
    partial: bool


def choices(profile: Profile, item: Item, quantity: int, base: str) -> tuple[Choice, ...]:
    """List where an item can go."""
    lost = item.location is Location.POSTMASTER
    if profile.bucket(item.bucket_hash).account_wide:
        owners = [(ACCOUNT, "All characters")]
    else:
        owners = [(one.character_id, one.name) for one in profile.characters]
    return tuple(
        _choice(
            profile,
            _move(item, owner, quantity),
            name,
            base,
            here=owner == item.owner and not lost,
        )
        for owner, name in [*owners, (VAULT, "Vault")]
    )


def equip_choices(profile: Profile, item: Item, base: str) -> tuple[Choice, ...]:
    """List who could equip an item; none for what nobody wears."""
    if item.instance_id is None or not item.definition.equippable:
        return ()
    return tuple(
        _choice(
            profile,
            _move(item, one.character_id, 1, equip=True),
            one.name,
            base,
            here=item.equipped and item.owner == one.character_id,
        )
        for one in profile.characters
    )


def notes(choices: Iterable[Choice], said: Iterable[Choice] = ()) -> tuple[SideEffectNote, ...]:
    """Gather what the choices would take besides; nothing that was *said* before."""
    known = {(one.owner, one.aside) for one in said}
    texts: dict[str, list[Choice]] = {}
    for one in choices:
        if one.aside and (one.owner, one.aside) not in known:
            texts.setdefault(one.aside, []).append(one)
    return tuple(SideEffectNote(text=text, choices=tuple(same)) for text, same in texts.items())


def _move(item: Item, destination: str, quantity: int, *, equip: bool = False) -> Move:
    return Move(
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        quantity=quantity,
        source=item.owner,
        destination=destination,
        equip=equip,
        lost=item.location is Location.POSTMASTER,
    )


def _choice(profile: Profile, move: Move, name: str, base: str, *, here: bool) -> Choice:
    """Plan a move to see whether it can be, and what it would take."""
    if here:
        return Choice(owner=move.destination, name=name, here=True)
    try:
        steps = planner.plan(profile, move)
    except MoveError as error:
        return Choice(owner=move.destination, name=name, reason=str(error))
    aside = " ".join(messages.describe_side_effects(profile, steps, ahead=True))
    return Choice(
        owner=move.destination,
        name=name,
        aside=aside,
        preview=f"{base}preview?{query(move)}" if aside else "",
    )


def query(move: Move) -> str:
    """Return a move as the fields of its form, for an address."""
    return urlencode(
        {
            "item_hash": move.item_hash,
            "item_instance_id": move.instance_id or "",
            "quantity": move.quantity,
            "source": move.source,
            "destination": move.destination,
            "equip": int(move.equip),
        }
    )


def figures(
    answer: profile_models.ItemDetail | None, item: Item, definitions: ManifestDefinitions
) -> tuple[StatBar, ...]:
    """Read the stats of an instance, in the game's order."""
    record = answer.stats.data if answer and answer.stats else None
    values = {
        int(key): stat.value or 0
        for key, stat in ((record.stats if record else None) or {}).items()
        if key.isdigit()
    }
    names = definitions.stats()
    group = definitions.stat_group(item.definition.stat_group_hash)
    scaled = {one.stat_hash: one for one in (group.scaled_stats or ())} if group else {}
    places = {stat_hash: place for place, stat_hash in enumerate(scaled)}
    shown = [one for one in values if one in names and names[one].name]
    shown.sort(key=lambda one: (places.get(one, len(places)), names[one].order))
    found: list[StatBar] = []
    for one in shown:
        numeric = scaled[one].display_as_numeric if one in scaled else one in _NUMBERS
        found.append(
            StatBar(
                name=names[one].name,
                value=values[one],
                maximum=0 if numeric or one in _NUMBERS else _FULL_BAR,
            )
        )
    # Bars first: a number between them would break the line that the eye follows.
    return tuple(sorted(found, key=lambda figure: not figure.maximum))


def perks(
    answer: profile_models.ItemDetail | None, definitions: ManifestDefinitions, images: str
) -> tuple[Perk, ...]:
    """Read what is plugged into an instance, as far as it means something to a player."""
    record = answer.sockets.data if answer and answer.sockets else None
    plugs = [
        socket.plug_hash
        for socket in (record.sockets if record else None) or ()
        if socket.plug_hash and socket.is_visible and socket.is_enabled
    ]
    kinds = definitions.items(plugs)
    told = (kinds[plug] for plug in dict.fromkeys(plugs))
    return tuple(
        Perk(name=kind.name, description=kind.description, icon=picture(images, kind.icon))
        for kind in told
        if kind.known and not any(word in kind.plug_category for word in _DULL)
    )


def where(profile: Profile, item: Item) -> str:
    """Say where an item is."""
    owner = opening(profile.owner_name(item.owner))
    return {
        Location.EQUIPPED: f"{owner} wears it",
        Location.BAG: f"With {profile.owner_name(item.owner)}",
        Location.VAULT: "In the vault",
        Location.POSTMASTER: f"At the postmaster of {profile.owner_name(item.owner)}",
        Location.ACCOUNT: "Carried by all your characters",
    }[item.location]


def total(profile: Profile, item: Item) -> int:
    """Count how many of a stack's kind lie in its place."""
    if item.instance_id is not None:
        return 1
    stacks = profile.stacks(item.item_hash, item.owner)
    return sum(stack.quantity for stack in stacks if stack.location is item.location)
