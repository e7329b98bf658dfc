"""Locking: an item that is locked cannot be dismantled. It moves as freely as before."""

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import AgainstTheRules, NoSuchItem, NoSuchOwner
from destiny_web.domain.moves.steps import Action, Step


def plan(
    profile: Profile, instance_id: str, *, locked: bool, whatever: bool = False
) -> tuple[Step, ...]:
    """Return the call that locks or unlocks an item; none when it is so already.

    Args:
        profile: What the account has.
        instance_id: Which item.
        locked: How it shall be.
        whatever: Make the call even if the item seems to be so already.

    Raises:
        NoSuchItem: the account has no such instance.
        NoSuchOwner: the account has no character in whose name to ask.
        AgainstTheRules: such an item cannot be locked.
    """
    item = profile.instance(instance_id)
    if item is None:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    if item.locked == locked and not whatever:
        return ()
    if not item.lockable:
        raise AgainstTheRules(f"{item.name} cannot be locked.")
    # For an item in the vault any character will do: the last played one.
    character = profile.character(item.owner) or next(iter(profile.characters), None)
    if character is None:
        raise NoSuchOwner("This account has no character to do that.")
    step = Step(
        action=Action.LOCK,
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        source=item.owner,
        destination=item.owner,
        carrier=character.character_id,
        locked=locked,
    )
    return (step,)
