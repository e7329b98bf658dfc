"""What happens in the game while the site is used: the player plays on another machine."""

from collections.abc import Callable
from random import Random
from typing import Final

from bungie_sandbox.game_data.catalog import catalog
from bungie_sandbox.game_data.definitions import ItemDefinition
from bungie_sandbox.game_data.facts import buckets
from bungie_sandbox.game_data.game import ACCOUNT_WIDE, GEAR, NO_INSTANCE, Bucket
from bungie_sandbox.refusals import Refusal
from bungie_sandbox.world import ingame, rules
from bungie_sandbox.world.belongings import PLACES, VAULT, Item
from bungie_sandbox.world.orders import StateOrder, TransferOrder
from soak.game import Game


def loot(game: Game, random: Random) -> str:
    """Let something drop for a character."""
    definition = random.choice(_droppable())
    quantity = 1 if definition.instanced else random.randint(1, min(definition.max_stack, 30))
    ingame.loot(
        game.bungie.world, game.profile, _character(game, random), definition.item_hash, quantity
    )
    return f"loot {definition.name} × {quantity}"


def dismantle(game: Game, random: Random) -> str:
    """Let an item be dismantled."""
    item = random.choice([item for item in _gear(game) if not item.equipped])
    ingame.dismantle(game.profile, item.instance_id)
    return f"dismantle {item.instance_id}"


def move(game: Game, random: Random) -> str:
    """Let the player move an item in the game."""
    item = random.choice(_gear(game))
    to_vault = item.holder != VAULT
    order = TransferOrder(
        character_id=item.holder if to_vault else _character(game, random),
        item_id=item.instance_id or NO_INSTANCE,
        item_reference_hash=item.item_hash,
        stack_size=item.quantity,
        transfer_to_vault=to_vault,
    )
    rules.transfer(game.profile, order)
    return f"move {item.instance_id} to {'the vault' if to_vault else order.character}"


def equip(game: Game, random: Random) -> str:
    """Let the player equip an item in the game."""
    item = random.choice([item for item in _gear(game) if item.holder != VAULT])
    rules.equip(game.profile, item.holder, item.instance_id)
    return f"equip {item.instance_id} on {item.holder}"


def lock(game: Game, random: Random) -> str:
    """Let the player lock or unlock an item in the game."""
    item = random.choice(_gear(game))
    character = _character(game, random) if item.holder == VAULT else item.holder
    state = not item.locked
    rules.set_lock(
        game.profile, StateOrder(character_id=character, item_id=item.instance_id, state=state)
    )
    return f"{'lock' if state else 'unlock'} {item.instance_id}"


def travel(game: Game, random: Random) -> str:
    """Let a character travel; two times in three to where it can equip."""
    character = _character(game, random)
    place = random.choice((*PLACES, "orbit", "orbit", "offline", "social"))
    ingame.travel(game.profile, character, place)
    return f"{character} travels: {place}"


EVENTS: Final[dict[str, Callable[[Game, Random], str]]] = {
    "loot": loot,
    "dismantle": dismantle,
    "move": move,
    "equip": equip,
    "lock": lock,
    "travel": travel,
}


def happen(game: Game, random: Random) -> str:
    """Let one event of the game happen; the caller holds the sandbox's lock."""
    name = random.choice(list(EVENTS))
    try:
        return EVENTS[name](game, random)
    except (Refusal, LookupError, IndexError) as error:
        return f"{name}, in vain: {type(error).__name__}"


def _character(game: Game, random: Random) -> str:
    return random.choice(list(game.profile.characters))


def _gear(game: Game) -> list[Item]:
    """List the instances that an event may concern, in an order that does not change."""
    return sorted(
        (
            item
            for item in game.profile.everything()
            if item.definition.bucket in GEAR and item.bucket != Bucket.LOST_ITEMS
        ),
        key=lambda item: item.instance_id,
    )


def _droppable() -> list[ItemDefinition]:
    return [
        definition
        for definition in catalog().values()
        if definition.bucket in {*GEAR, *ACCOUNT_WIDE} and definition.bucket in buckets()
    ]
