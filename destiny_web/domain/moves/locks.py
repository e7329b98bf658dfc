"""Locking. A locked item cannot be dismantled; it can be moved like any other."""

from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves.errors import AgainstTheRules, NoSuchItem, NoSuchOwner
from destiny_web.domain.moves.steps import Action, Step


def plan(
    profile: Profile, instance_id: str, *, locked: bool, force: bool = False
) -> tuple[Step, ...]:
    """Return the step that locks or unlocks an item; none when the item is so already.

    Args:
        profile: The account's items.
        instance_id: The item to lock or unlock.
        locked: The state to set.
        force: Plan the step even if the profile shows the item in that state.

    Raises:
        NoSuchItem: the account has no such instance.
        NoSuchOwner: the account has no character, and the call must name one.
        AgainstTheRules: such an item cannot be locked.
    """
    item = profile.instance(instance_id)
    if item is None:
        raise NoSuchItem("There is no such item in this account, or no longer.")
    if item.locked == locked and not force:
        return ()
    if not item.lockable:
        raise AgainstTheRules(f"{item.name} cannot be locked.")
    # For an item in the vault Bungie accepts any character: the last played one is named.
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
