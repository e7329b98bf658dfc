"""The view model of a preview: every step that a move would take."""

from dataclasses import dataclass

from werkzeug.exceptions import NotFound

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import planner
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.domain.moves.steps import Step
from destiny_web.inventory.tiles import item_path
from destiny_web.services.moves import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePreview:
    """The steps of a move in words, or the reason why the move is not possible.

    Attributes:
        item_name: Name of the item.
        reason: Why the rules refuse the move; ``""`` when the move is possible.
        item_path: Path of the item's page, relative to the inventory page.
    """

    title: str
    item_name: str
    steps: tuple[str, ...]
    reason: str
    item_path: str


def build_preview(profile: Profile, move: Move) -> MovePreview:
    """Plan a move without carrying it out.

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
    destination = profile.owner_name(move.destination)
    action = f"Equip {item.name} on" if move.equip else f"Move {item.name} to"
    return MovePreview(
        title=f"{action} {destination}",
        item_name=item.name,
        steps=tuple(messages.describe_steps(profile, steps)),
        reason=reason,
        item_path=item_path(item),
    )
