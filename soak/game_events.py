"""Random events in the game while the site is used: the player plays on another machine."""

from collections.abc import Callable
from random import Random
from typing import Final

from bungie_sandbox.errors import Refusal
from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import ACCOUNT_WIDE, GEAR, NO_INSTANCE, Bucket
from bungie_sandbox.world import game_events, rules
from bungie_sandbox.world.action_requests import StateRequest, TransferRequest
from bungie_sandbox.world.belongings import PLACES, VAULT, Item
from soak.game import Game


def loot(game: Game, random: Random) -> str:
    """Give a character random loot."""
    definition = random.choice(_loot_definitions())
    quantity = 1 if definition.instanced else random.randint(1, min(definition.max_stack, 30))
    game_events.drop_loot(
        game.bungie.world,
        game.profile,
        _choose_character(game, random),
        definition.item_hash,
        quantity,
    )
    return f"loot {definition.name} × {quantity}"


def dismantle(game: Game, random: Random) -> str:
    """Dismantle a random item."""
    item = random.choice([item for item in _movable_gear(game) if not item.equipped])
    game_events.dismantle(game.profile, item.instance_id)
    return f"dismantle {item.instance_id}"


def move(game: Game, random: Random) -> str:
    """Move a random item in the game."""
    item = random.choice(_movable_gear(game))
    to_vault = item.holder != VAULT
    request = TransferRequest(
        sent_character_id=item.holder if to_vault else _choose_character(game, random),
        sent_item_id=item.instance_id or NO_INSTANCE,
        item_reference_hash=item.item_hash,
        stack_size=item.quantity,
        transfer_to_vault=to_vault,
    )
    rules.transfer(game.profile, request)
    return f"move {item.instance_id} to {'the vault' if to_vault else request.character_id}"


def equip(game: Game, random: Random) -> str:
    """Equip a random item in the game."""
    item = random.choice([item for item in _movable_gear(game) if item.holder != VAULT])
    rules.equip(game.profile, item.holder, item.instance_id)
    return f"equip {item.instance_id} on {item.holder}"


def lock(game: Game, random: Random) -> str:
    """Lock or unlock a random item in the game."""
    item = random.choice(_movable_gear(game))
    character = _choose_character(game, random) if item.holder == VAULT else item.holder
    state = not item.locked
    rules.set_lock(
        game.profile,
        StateRequest(sent_character_id=character, sent_item_id=item.instance_id, state=state),
    )
    return f"{'lock' if state else 'unlock'} {item.instance_id}"


def travel(game: Game, random: Random) -> str:
    """Move a random character to a random place; often one where it can equip items."""
    character = _choose_character(game, random)
    place = random.choice((*PLACES, "orbit", "orbit", "offline", "social"))
    game_events.travel(game.profile, character, place)
    return f"{character} travels: {place}"


EVENTS: Final[dict[str, Callable[[Game, Random], str]]] = {
    "loot": loot,
    "dismantle": dismantle,
    "move": move,
    "equip": equip,
    "lock": lock,
    "travel": travel,
}


def play_random_event(game: Game, random: Random) -> str:
    """Play one random event of the game; the caller holds the sandbox's lock."""
    name = random.choice(list(EVENTS))
    try:
        return EVENTS[name](game, random)
    except (Refusal, LookupError, IndexError) as error:
        return f"{name}, refused: {type(error).__name__}"


def _choose_character(game: Game, random: Random) -> str:
    return random.choice(list(game.profile.characters))


def _movable_gear(game: Game) -> list[Item]:
    """Return the gear that events may change, in a stable order."""
    return sorted(
        (
            item
            for item in game.profile.all_items()
            if item.definition.bucket in GEAR and item.bucket != Bucket.LOST_ITEMS
        ),
        key=lambda item: item.instance_id,
    )


def _loot_definitions() -> list[ItemDefinition]:
    return [
        definition
        for definition in catalog().values()
        if definition.bucket in {*GEAR, *ACCOUNT_WIDE} and definition.bucket in buckets()
    ]
