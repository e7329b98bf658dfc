"""The game of one player: the items in the sandbox, and the calls in its journal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.game import ACCOUNT_WIDE, NO_INSTANCE, Bucket, ItemType
from bungie_sandbox.journal import Entry
from bungie_sandbox.server import Sandbox
from bungie_sandbox.world.belongings import ACCOUNT, VAULT, Item, Profile, inventory_location
from bungie_sandbox.world.players import Player

SUCCESS: Final = 1
ACTIONS: Final = {
    "TransferItem": "transfer",
    "PullFromPostmaster": "pull",
    "EquipItem": "equip",
    "EquipItems": "equip",
    "SetItemLockState": "lock",
}
# ErrorCodes that leave open whether the call was carried out: time-outs within Bungie.
OPEN_CODES: Final = frozenset({3, 27, 38, 42, 1618, 1643, 1651, 1652, 1688})
# The call was not carried out, and the client cannot know it.
_UNCERTAIN_FAULTS: Final = frozenset(
    {"html", "bad-gateway", "not-found", "oauth-error", "drop", "hang"}
)
_HASH_DIGITS: Final = 10
# Internal buckets of the game, which the site does not show.
_HIDDEN_BUCKETS: Final = frozenset({2422292810, 3621873013})


class Call(NamedTuple):
    """One action on one item or stack, from the journal or from a report.

    ``item`` is an instance id, or the hash of a stack; ``owner`` is the character of a transfer,
    or ``account``.
    """

    action: str
    item: str
    quantity: int = 1
    to_vault: bool = False
    owner: str = ""


class Place(NamedTuple):
    """The place of an instance, as a page shows it."""

    owner: str
    location: str
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """The items of a player that a page shows.

    Attributes:
        places: The place of each instance by its id.
        amounts: Quantity by hash, owner and location, over all stacks.
    """

    places: dict[str, Place]
    amounts: Counter[tuple[int, str, str]]

    @property
    def totals(self) -> Counter[str]:
        """The quantity of each item regardless of the place: 1 for each instance."""
        totals = Counter(self.places.keys())
        for (item_hash, _, _), quantity in self.amounts.items():
            totals[f"stacks of {item_hash}"] += quantity
        return totals


class Game:
    """The game of one player of the sandbox.

    Attributes:
        name: The player's full name.
    """

    def __init__(self, bungie: Sandbox, player: Player) -> None:
        self.bungie = bungie
        self.player = player
        self.name = player.full_name
        self.membership_id = player.main.id
        profile = player.main.profile
        if profile is None:
            raise LookupError(player.full_name)
        self.profile: Profile = profile

    @property
    def ids(self) -> frozenset[str]:
        """All membership ids of the player, including that of Bungie.net."""
        return frozenset(
            {self.player.bungie_id, *(membership.id for membership in self.player.memberships)}
        )

    def read_belongings(self) -> Belongings:
        """Return the player's items."""
        with self.bungie.bungie.lock:
            return build_belongings(self.profile)

    def newest_entry_number(self) -> int:
        """Return the number of the newest entry of the journal."""
        return self.bungie.bungie.journal.last

    def entries(self, mark: int) -> list[Entry]:
        """Return this player's entries after *mark*, oldest first."""
        return [
            entry
            for entry in self.bungie.bungie.journal.after(mark)
            if entry.player == self.name or _character_of(entry) in self.profile.characters
        ]

    def end_read_lag(self) -> None:
        """Make all earlier writes visible."""
        with self.bungie.bungie.lock:
            self.bungie.bungie.read_lag.forget(self.membership_id)


def build_belongings(profile: Profile) -> Belongings:
    """Return the items of a profile that a page shows."""
    places: dict[str, Place] = {}
    amounts: Counter[tuple[int, str, str]] = Counter()
    for item in profile.all_items():
        if item.bucket in _HIDDEN_BUCKETS or not _is_sent(item):
            continue
        if item.instance_id:
            places[item.instance_id] = Place(item.holder, _location(item), item.locked)
        else:
            amounts[item.item_hash, item.holder, _location(item)] += item.quantity
    return Belongings(places=places, amounts=amounts)


def _is_sent(item: Item) -> bool:
    """Tell whether GetProfile lists an item; of the account's buckets it lists only some."""
    is_currency = item.definition.item_type == ItemType.CURRENCY
    return item.holder != ACCOUNT or item.bucket in ACCOUNT_WIDE or is_currency


def _location(item: Item) -> str:
    if item.equipped:
        return "equipped"
    if item.bucket == Bucket.LOST_ITEMS:
        return "postmaster"
    return item.holder if item.holder in {VAULT, ACCOUNT} else "bag"


def _character_of(entry: Entry) -> str:
    return str(entry.body.get("characterId", "")) if isinstance(entry.body, dict) else ""


def find_executed_calls(entries: list[Entry]) -> Counter[Call]:
    """Return the calls that the sandbox has carried out, also those with a lost answer."""
    return Counter(
        call for entry in entries for call, is_executed in list_calls(entry) if is_executed
    )


def find_uncertain_calls(entries: list[Entry]) -> Counter[Call]:
    """Return the failed calls on instances of which the client cannot know the result.

    If the client reads the instance and finds it in the expected state, it may report the call
    as carried out. This does not hold for stacks: a repeated call moves the quantity twice.
    """
    uncertain_entries = [
        entry for entry in entries if entry.fault in _UNCERTAIN_FAULTS or entry.code in OPEN_CODES
    ]
    return Counter(
        call
        for entry in uncertain_entries
        for call, is_executed in list_calls(entry)
        if not is_executed and len(call.item) > _HASH_DIGITS
    )


def list_calls(entry: Entry) -> Iterator[tuple[Call, bool]]:
    """Return the calls of an entry, each with whether it was carried out."""
    action = ACTIONS.get(entry.operation)
    if action is None or not isinstance(entry.body, dict):
        return
    body, is_executed = entry.body, entry.code == SUCCESS
    if entry.operation == "EquipItems":
        for instance_id in map(str, body.get("itemIds", ())):
            result = entry.results.get(instance_id)
            yield Call(action, instance_id), is_executed and result == SUCCESS
        return
    instance_id = str(body.get("itemId", NO_INSTANCE))
    if action in {"equip", "lock"}:
        yield Call(action, instance_id), is_executed
        return
    item_hash, character = int(body["itemReferenceHash"]), str(body["characterId"])
    is_stack = instance_id == NO_INSTANCE
    definition = catalog().get(item_hash)
    owner = inventory_location(definition, character)[0] if definition and is_stack else character
    yield (
        Call(
            action,
            str(item_hash) if is_stack else instance_id,
            int(body["stackSize"]),
            to_vault=bool(body.get("transferToVault")),
            owner=character if action == "pull" else owner,
        ),
        is_executed,
    )


def read_report_step(step: dict[str, object]) -> Call:
    """Return the call of one step of a report."""
    action, instance_id = str(step["action"]), step["item_instance_id"]
    item = str(instance_id or step["item_hash"])
    if action in {"equip", "lock"}:
        return Call(action, item)
    to_vault = step["destination"] == VAULT
    owner = step["source"] if to_vault or action == "pull" else step["destination"]
    return Call(action, item, int(str(step["quantity"])), to_vault, str(owner))
