"""The view model of an item's page: stats, perks, and what can be done with the item."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from destiny_web.bungie.models import profile as profile_models
from destiny_web.domain.account.characters import ACCOUNT, VAULT
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.plugs import is_empty_plug
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import planner
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.inventory.tiles import Tile
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.moves import messages
from destiny_web.web.presentation import image_url

# Words in the category of plugs that the page leaves out: shaders, ornaments, trackers.
_HIDDEN_PLUG_CATEGORIES = (
    "shader",
    "mementos",
    "trackers",
    "tracker",
    "skins",
    "ornament",
    "transmat",
)
_BAR_MAXIMUM = 100
# Stats that the game shows as a number: rounds per minute, magazine, charge time, draw time,
# recoil, zoom. The list is needed for items without a stat group in the manifest.
_NUMERIC_STATS = frozenset({4284893193, 3871231066, 2961396640, 447667954, 3555269338, 1931675084})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatBar:
    """A stat: a bar of *value* out of *maximum*, or only a number when maximum is 0."""

    name: str
    value: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Perk:
    """A plug of an instance, with its description."""

    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationChoice:
    """A button for one destination of an item.

    Attributes:
        is_current: The item is there already.
        reason: Why the rules refuse the move; ``""`` when the move is possible.
        side_effects: Which other items the move would move or equip; ``""`` for none.
        preview_url: Address of the page that shows every step; ``""`` without side effects.
    """

    owner: str
    name: str
    is_current: bool = False
    reason: str = ""
    side_effects: str = ""
    preview_url: str = ""

    @property
    def is_available(self) -> bool:
        """The button can be pressed."""
        return not (self.is_current or self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffectNote:
    """Side effects of a move, with every destination that has the same side effects."""

    text: str
    choices: tuple[DestinationChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Everything on an item's page.

    Attributes:
        location_text: The location of the item, in words.
        owner: Owner of the item: the ``source`` field of the page's forms.
        place: HTML id of the cell that the item is in, to return to after a move.
        champion: Name of the champions that the weapon stops; ``""`` for none.
        notes: Side effects of the choices, those of equipping first.
        is_in_postmaster: The item is in a postmaster.
        total: Quantity of all equal stacks at the same location.
        is_incomplete: Bungie did not send stats and perks.
    """

    tile: Tile
    type_line: str
    description: str
    flavor: str
    element: str
    ammunition: str
    ammo_type: int
    champion: str
    is_enhanced: bool
    location_text: str
    owner: str
    place: str
    stat_bars: tuple[StatBar, ...]
    perks: tuple[Perk, ...]
    move_choices: tuple[DestinationChoice, ...]
    equip_choices: tuple[DestinationChoice, ...]
    notes: tuple[SideEffectNote, ...]
    is_lockable: bool
    is_in_postmaster: bool
    total: int
    is_incomplete: bool

    @property
    def primary_equip(self) -> DestinationChoice | None:
        """The first character that can equip the item now: its button stands out."""
        if self.is_in_postmaster:
            return None
        return next((choice for choice in self.equip_choices if choice.is_available), None)

    @property
    def first_note(self) -> SideEffectNote | None:
        """The side effects that the panel shows at once: those of the button that stands out."""
        return next(
            (note for note in self.notes if self.primary_equip in note.choices),
            next(iter(self.notes), None),
        )

    @property
    def further_notes(self) -> tuple[SideEffectNote, ...]:
        """The side effects that the panel shows on demand."""
        return tuple(note for note in self.notes if note is not self.first_note)

    @property
    def has_open_move(self) -> bool:
        """The item can be transferred to at least one owner."""
        return any(choice.is_available for choice in self.move_choices)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why buttons are disabled, each reason once."""
        choices = (*self.equip_choices, *self.move_choices)
        return tuple(dict.fromkeys(choice.reason for choice in choices if choice.reason))

    @property
    def reason_ids(self) -> dict[str, str]:
        """Element id of the paragraph that states each reason."""
        return {reason: f"reason-{number}" for number, reason in enumerate(self.reasons)}

    @property
    def pull_reason(self) -> str:
        """Why the item cannot be pulled from the postmaster; ``""`` when it can."""
        own = (choice for choice in self.move_choices if choice.owner in {self.owner, ACCOUNT})
        return next((choice.reason for choice in own), "")


def build_move_choices(
    profile: Profile, item: Item, quantity: int, base_url: str
) -> tuple[DestinationChoice, ...]:
    """List the owners that an item could be moved to."""
    if profile.bucket(item.bucket_hash).account_wide:
        owners = [(ACCOUNT, "All characters")]
    else:
        owners = [(character.character_id, character.name) for character in profile.characters]
    is_in_postmaster = item.location is Location.POSTMASTER
    return tuple(
        _build_choice(
            profile,
            _move_of(item, owner, quantity),
            name,
            base_url,
            is_there=owner == item.owner and not is_in_postmaster,
        )
        for owner, name in [*owners, (VAULT, "Vault")]
    )


def build_equip_choices(
    profile: Profile, item: Item, base_url: str
) -> tuple[DestinationChoice, ...]:
    """List the characters of the item's class; empty when it cannot be equipped at all."""
    if item.instance_id is None or not item.definition.equippable:
        return ()
    return tuple(
        _build_choice(
            profile,
            _move_of(item, character.character_id, 1, equip=True),
            character.name,
            base_url,
            is_there=item.equipped and item.owner == character.character_id,
        )
        for character in profile.characters
        if item.definition.fits_class(character.class_type)
    )


def build_side_effect_notes(
    choices: Iterable[DestinationChoice], noted_choices: Iterable[DestinationChoice] = ()
) -> tuple[SideEffectNote, ...]:
    """Group choices by their side effects.

    Args:
        choices: The choices to group.
        noted_choices: Choices whose side effects the page shows elsewhere: left out here.
    """
    noted = {(choice.owner, choice.side_effects) for choice in noted_choices}
    choices_by_text: dict[str, list[DestinationChoice]] = {}
    for choice in choices:
        if choice.side_effects and (choice.owner, choice.side_effects) not in noted:
            choices_by_text.setdefault(choice.side_effects, []).append(choice)
    return tuple(
        SideEffectNote(text=text, choices=tuple(same_choices))
        for text, same_choices in choices_by_text.items()
    )


def _move_of(item: Item, destination: str, quantity: int, *, equip: bool = False) -> Move:
    return Move(
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        quantity=quantity,
        source=item.owner,
        destination=destination,
        equip=equip,
        lost=item.location is Location.POSTMASTER,
    )


def _build_choice(
    profile: Profile, move: Move, name: str, base_url: str, *, is_there: bool
) -> DestinationChoice:
    """Plan a move to learn whether it is possible and which side effects it has."""
    if is_there:
        return DestinationChoice(owner=move.destination, name=name, is_current=True)
    try:
        steps = planner.plan(profile, move)
    except MoveError as error:
        return DestinationChoice(owner=move.destination, name=name, reason=str(error))
    side_effects = " ".join(messages.describe_side_effects(profile, steps, ahead=True))
    return DestinationChoice(
        owner=move.destination,
        name=name,
        side_effects=side_effects,
        preview_url=f"{base_url}preview?{_encode_move(move)}" if side_effects else "",
    )


def _encode_move(move: Move) -> str:
    """Return a move as a query string with the fields of the transfer form."""
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


def build_stat_bars(
    answer: profile_models.ItemDetail | None, item: Item, definitions: ManifestDefinitions
) -> tuple[StatBar, ...]:
    """Read the stats of an instance, in the game's order: first the bars, then the numbers."""
    component = answer.stats.data if answer and answer.stats else None
    values = {
        int(stat_hash): stat.value or 0
        for stat_hash, stat in ((component.stats if component else None) or {}).items()
        if stat_hash.isdigit()
    }
    stats = definitions.stats()
    group = definitions.stat_group(item.definition.stat_group_hash)
    scaled_stats = (group.scaled_stats if group else None) or ()
    positions = {stat.stat_hash: position for position, stat in enumerate(scaled_stats)}
    numeric_stats = _NUMERIC_STATS | {
        stat.stat_hash for stat in scaled_stats if stat.display_as_numeric
    }
    named_stats = [
        stat_hash for stat_hash in values if stat_hash in stats and stats[stat_hash].name
    ]
    named_stats.sort(
        key=lambda stat_hash: (positions.get(stat_hash, len(positions)), stats[stat_hash].order)
    )
    bars = [
        StatBar(
            name=stats[stat_hash].name,
            value=values[stat_hash],
            maximum=0 if stat_hash in numeric_stats else _BAR_MAXIMUM,
        )
        for stat_hash in named_stats
    ]
    return tuple(sorted(bars, key=lambda bar: not bar.maximum))


def build_perks(
    answer: profile_models.ItemDetail | None, definitions: ManifestDefinitions, image_root: str
) -> tuple[Perk, ...]:
    """Read the visible plugs of an instance, without empty sockets, shaders and the like."""
    component = answer.sockets.data if answer and answer.sockets else None
    plug_hashes = [
        socket.plug_hash
        for socket in (component.sockets if component else None) or ()
        if socket.plug_hash and socket.is_visible and socket.is_enabled
    ]
    plugs = definitions.items(plug_hashes)
    return tuple(
        Perk(name=plug.name, description=plug.description, icon=image_url(image_root, plug.icon))
        for plug in (plugs[plug_hash] for plug_hash in dict.fromkeys(plug_hashes))
        if plug.known
        and not is_empty_plug(plug)
        and not any(word in plug.plug_category for word in _HIDDEN_PLUG_CATEGORIES)
    )


def describe_location(profile: Profile, item: Item) -> str:
    """Describe where an item is."""
    owner_name = profile.owner_name(item.owner)
    return {
        Location.EQUIPPED: f"Equipped on {owner_name}",
        Location.BAG: f"With {owner_name}",
        Location.VAULT: "In the vault",
        Location.POSTMASTER: f"At the postmaster of {owner_name}",
        Location.ACCOUNT: "Carried by all your characters",
    }[item.location]


def count_quantity(profile: Profile, item: Item) -> int:
    """Return the quantity of all stacks equal to *item* at its location; 1 for an instance."""
    if item.instance_id is not None:
        return 1
    stacks = profile.stacks(item.item_hash, item.owner)
    return sum(stack.quantity for stack in stacks if stack.location is item.location)
