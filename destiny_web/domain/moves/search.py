"""The search behind a plan: the fewest steps that bring one item to its destination.

The search is iterative deepening. Each state offers only the few steps that can help: the next
transfer of the item itself, and one step against each obstacle (a full bucket, a full vault, an
equipped item that must be replaced, a conflicting exotic). For each obstacle ``eviction`` chooses
one item, so a state has few successors, and a lower bound of the steps ends hopeless branches
early. Most plans are found without any detour.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from destiny_web.domain.account.characters import ACCOUNT, VAULT, Character
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.moves import equip_rules
from destiny_web.domain.moves.eviction import Candidates, ReplacementRule
from destiny_web.domain.moves.steps import Action, Reason, Step

_MAX_DETOUR_STEPS = 7
"""Steps that a plan may have beyond the lower bound: two evictions, a replacement ..."""

_MAX_SWAPS = 1
"""How often a replacement may be equipped by another character, who then needs one too."""

_MAX_STATES = 3000
"""States that the search visits at most; an existing plan is found within tens of them."""

Changes = frozenset[tuple[str, str, bool]]
"""Changed items: instance id (or a key of the stack), owner, whether it was equipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan:
    """An unfinished plan: a state of the search.

    Attributes:
        profile: The profile after *steps*.
        item: The item to bring to its destination, in its present state.
        placed: Instances that a step has put where they are on purpose: they stay.
        changed: Every item that is not where it was at the start. Drafts with the same
            changes are the same state of the search.
    """

    profile: Profile
    item: Item
    steps: tuple[Step, ...] = ()
    placed: frozenset[str] = frozenset()
    changed: Changes = frozenset()

    def with_step(self, step: Step, step_item: Item) -> "DraftPlan":
        """Return the draft with one more step, which changes *step_item*."""
        profile = self.profile.after(step, step_item)
        item = self.item
        is_same = item.instance_id and step_item.instance_id == item.instance_id
        if step_item is item or is_same:
            item = _apply_step(item, step)
            if item.instance_id:
                item = _find_current(profile, item)
        elif item.equipped and step.action is Action.EQUIP and step_item.owner == item.owner:
            item = _find_current(profile, item)  # the step may have replaced the item
        key = step_item.instance_id or f"{step_item.item_hash} {step.source} {step.quantity}"
        unchanged = frozenset(change for change in self.changed if change[0] != key)
        change = (key, step.destination, step.action is Action.EQUIP)
        return replace(
            self,
            profile=profile,
            item=item,
            steps=(*self.steps, step),
            changed=unchanged | {change},
        )

    def with_placed(self, item: Item) -> "DraftPlan":
        """Return the draft with one more item that must not be evicted."""
        return replace(self, placed=self.placed | {item.instance_id or ""})


class MoveSearch:
    """Finds the steps that bring one item to one destination, and equip it there if wanted."""

    def __init__(self, candidates: Candidates, destination: str, *, equip: bool) -> None:
        self._candidates = candidates
        self._destination = destination
        self._equip = equip
        self._states_visited = 0
        self._was_cut = False

    def find(self, start: DraftPlan) -> DraftPlan | None:
        """Return the draft with the fewest steps that reaches the goal; None without one."""
        lower_bound = self._count_least_steps(start)
        for budget in range(lower_bound, lower_bound + _MAX_DETOUR_STEPS + 1):
            self._was_cut = False
            solution = self._search(start, budget, {})
            if solution is not None or not self._was_cut or self._states_visited > _MAX_STATES:
                return solution
        return None

    def _search(
        self, draft: DraftPlan, budget: int, visited: dict[object, int]
    ) -> DraftPlan | None:
        """Search with at most *budget* more steps.

        Args:
            draft: The state to start from.
            budget: Steps that may be added.
            visited: The largest budget with which each state was searched without success.
        """
        lower_bound = self._count_least_steps(draft)
        if lower_bound == 0:
            return draft
        if lower_bound > budget:
            self._was_cut = True
            return None
        key = (draft.item.owner, draft.item.location, draft.changed)
        if visited.get(key, -1) >= budget or self._states_visited > _MAX_STATES:
            return None
        visited[key] = budget
        self._states_visited += 1
        for successor in self._successors(draft):
            solution = self._search(successor, budget - 1, visited)
            if solution is not None:
                return solution
        return None

    def _count_least_steps(self, draft: DraftPlan) -> int:
        """Return a lower bound of the steps that are still needed; 0 at the goal."""
        item, profile, destination = draft.item, draft.profile, self._destination
        steps = 0
        owner = item.owner
        if item.location is Location.POSTMASTER:
            steps += 1
            owner = owner_after_pull(profile, item)
        if owner != destination:
            steps += 1 if VAULT in {owner, destination} else 2
            steps += item.equipped
            steps += destination != VAULT and not has_room(draft.profile, item, destination)
            steps += owner != VAULT and not has_room(draft.profile, item, VAULT)
        if self._equip and not (item.equipped and owner == destination):
            character = profile.character(destination)
            exotic = character and equip_rules.find_conflicting_exotic(profile, item, character)
            steps += 1 + bool(exotic)
        return steps

    def _successors(self, draft: DraftPlan) -> Iterator[DraftPlan]:
        """Yield the drafts with one more step that may help, the most promising first."""
        item, destination = draft.item, self._destination
        character = draft.profile.character(destination)
        if item.location is Location.POSTMASTER or item.owner != destination:
            yield from self._bring_closer(draft, item, destination, Reason.REQUESTED)
        elif character is not None:
            exotic = equip_rules.find_conflicting_exotic(draft.profile, item, character)
            if exotic is not None:
                yield from self._replace_equipped(draft, exotic, ReplacementRule.ORDINARY)
            else:
                step = make_step(item, Action.EQUIP, destination, destination)
                yield draft.with_step(step, item)

    def _bring_closer(
        self, draft: DraftPlan, item: Item, destination: str, reason: Reason, depth: int = 0
    ) -> Iterator[DraftPlan]:
        """Move an item one step closer to *destination*, or take one step against an obstacle."""
        if item.location is Location.POSTMASTER:
            owner = owner_after_pull(draft.profile, item)
            if has_room(draft.profile, item, owner):
                step = make_step(item, Action.PULL, owner, item.owner, reason)
                yield draft.with_step(step, item)
            else:
                yield from self._make_room(draft, owner, item.bucket_hash)
            return
        if item.equipped:
            yield from self._replace_equipped(draft, item, ReplacementRule.SAME_EXOTIC, depth + 1)
            return
        next_owner = destination if VAULT in {item.owner, destination} else VAULT
        if has_room(draft.profile, item, next_owner):
            yield draft.with_step(_make_transfer(draft, item, next_owner, reason), item)
        elif next_owner == VAULT:
            yield from self._evict_from_vault(draft)
        if destination != VAULT and not has_room(draft.profile, item, destination):
            yield from self._make_room(draft, destination, item.bucket_hash)

    def _make_room(self, draft: DraftPlan, owner: str, bucket_hash: int) -> Iterator[DraftPlan]:
        """Evict an item from an owner's bucket, or first make room for that item in the vault."""
        candidates = self._candidates
        leaving = candidates.choose_from_bucket(draft.profile, owner, bucket_hash, draft.placed)
        if leaving is None:
            yield from self._make_evictable(draft, owner, bucket_hash)
        elif has_room(draft.profile, leaving, VAULT):
            yield draft.with_step(_make_transfer(draft, leaving, VAULT, Reason.EVICTION), leaving)
        else:
            yield from self._evict_from_vault(draft)

    def _make_evictable(
        self, draft: DraftPlan, owner: str, bucket_hash: int
    ) -> Iterator[DraftPlan]:
        """Replace the equipped item by one that cannot leave, so that the former can be evicted."""
        bucket_items = draft.profile.items_in(owner, bucket_hash)
        equipped_item = next((item for item in bucket_items if item.equipped), None)
        replacement = equipped_item and self._candidates.choose_replacement(
            draft.profile, equipped_item, owner, ReplacementRule.SAME_EXOTIC
        )
        if equipped_item is not None and replacement is not None and equipped_item.transferable:
            step = make_step(replacement, Action.EQUIP, owner, owner, Reason.REPLACE)
            yield draft.with_step(step, replacement).with_placed(replacement)

    def _evict_from_vault(self, draft: DraftPlan) -> Iterator[DraftPlan]:
        """Evict an item from the vault: to the character that was played least recently first."""
        characters = reversed(draft.profile.characters)
        for owner in (*(character.character_id for character in characters), ACCOUNT):
            leaving = self._candidates.choose_from_vault(draft.profile, owner, draft.placed)
            if leaving is not None:
                yield draft.with_step(
                    _make_transfer(draft, leaving, owner, Reason.EVICTION), leaving
                )

        yield from self._step_aside(draft)

    def _step_aside(self, draft: DraftPlan) -> Iterator[DraftPlan]:
        """Move the requested item itself out of the vault, to a character on the way.

        Nothing else may be able to leave a full vault. While the requested item waits with
        another character, an item of its destination can pass through its place in the vault.
        """
        item, profile = draft.item, draft.profile
        if item.owner != VAULT or item.instance_id is None or not item.transferable:
            return
        if profile.bucket(item.bucket_hash).account_wide:
            return
        for owner in reversed(_other_characters(profile, self._destination)):
            if has_room(draft.profile, item, owner):
                yield draft.with_step(_make_transfer(draft, item, owner, Reason.REQUESTED), item)

    def _replace_equipped(
        self, draft: DraftPlan, equipped_item: Item, rule: ReplacementRule, depth: int = 0
    ) -> Iterator[DraftPlan]:
        """Equip another item in place of *equipped_item*, or fetch one from another owner."""
        candidates, profile, character_id = self._candidates, draft.profile, equipped_item.owner
        replacement = candidates.choose_replacement(profile, equipped_item, character_id, rule)
        if replacement is not None:
            step = make_step(replacement, Action.EQUIP, character_id, character_id, Reason.REPLACE)
            yield draft.with_step(step, replacement).with_placed(replacement)
            return
        for owner in (VAULT, *_other_characters(profile, character_id)):
            replacement = candidates.choose_replacement(profile, equipped_item, owner, rule)
            if replacement is not None:
                for successor in self._bring_closer(
                    draft, replacement, character_id, Reason.REPLACE
                ):
                    yield successor.with_placed(replacement)
        if depth <= _MAX_SWAPS:
            yield from self._free_replacement(draft, equipped_item, rule, depth)

    def _free_replacement(
        self, draft: DraftPlan, equipped_item: Item, rule: ReplacementRule, depth: int
    ) -> Iterator[DraftPlan]:
        """Take a step towards a replacement that first needs another item to be replaced."""
        candidates, profile, character_id = self._candidates, draft.profile, equipped_item.owner
        character = profile.character(character_id)
        owners = _other_characters(profile, character_id)
        for owner in (character_id, VAULT, *owners):
            # The replacement is an exotic that conflicts with an equipped one: replace that first.
            replacement = candidates.choose_replacement(
                profile, equipped_item, owner, rule | ReplacementRule.CONFLICTING
            )
            exotic = (
                equip_rules.find_conflicting_exotic(profile, replacement, character, equipped_item)
                if replacement and character
                else None
            )
            if exotic is not None:
                yield from self._replace_equipped(
                    draft, exotic, ReplacementRule.ORDINARY, depth + 1
                )
        for owner in owners:
            # The replacement is equipped by another character: it must be replaced there.
            replacement = candidates.choose_replacement(
                profile, equipped_item, owner, rule | ReplacementRule.EQUIPPED
            )
            if replacement is not None and replacement.equipped:
                for successor in self._bring_closer(
                    draft, replacement, character_id, Reason.REPLACE, depth
                ):
                    yield successor.with_placed(replacement)


def _other_characters(profile: Profile, character_id: str) -> list[str]:
    return [
        character.character_id
        for character in profile.characters
        if character.character_id != character_id
    ]


def owner_after_pull(profile: Profile, item: Item) -> str:
    """Return the owner of an item after it was pulled from the postmaster."""
    return ACCOUNT if profile.bucket(item.bucket_hash).account_wide else item.owner


def has_room(profile: Profile, item: Item, owner: str) -> bool:
    """Tell whether an owner has room for the instance, or for all of the stack."""
    if owner != VAULT and item.bucket_hash not in profile.buckets:
        return True  # the manifest lacks this bucket: only Bungie's answer can tell
    return profile.room_for(item, owner) >= item.quantity


def _find_current(profile: Profile, item: Item) -> Item:
    """Return the instance in its present state in *profile*."""
    bucket_items = profile.items_in(item.owner, item.bucket_hash)
    return next((entry for entry in bucket_items if entry.instance_id == item.instance_id), item)


def _apply_step(item: Item, step: Step) -> Item:
    """Return the item after a step; a part of a stack keeps its own quantity."""
    if step.action is Action.EQUIP:
        return msgspec.structs.replace(item, location=Location.EQUIPPED)
    locations = {VAULT: Location.VAULT, ACCOUNT: Location.ACCOUNT}
    location = locations.get(step.destination, Location.BAG)
    return msgspec.structs.replace(item, owner=step.destination, location=location)


def _make_transfer(draft: DraftPlan, item: Item, destination: str, reason: Reason) -> Step:
    carrier = _choose_carrier(draft.profile, item.owner, destination)
    return make_step(item, Action.TRANSFER, destination, carrier.character_id, reason)


def make_step(
    item: Item, action: Action, destination: str, carrier: str, reason: Reason = Reason.REQUESTED
) -> Step:
    """Return the step that does *action* with an item, or with all of a stack."""
    return Step(
        action=action,
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        quantity=item.quantity,
        source=item.owner,
        destination=destination,
        carrier=carrier,
        reason=reason,
    )


def _choose_carrier(profile: Profile, source: str, destination: str) -> Character:
    """Return the character that a transfer names: source or destination, else the first one."""
    ends = (profile.character(source), profile.character(destination))
    return next((end for end in ends if end is not None), profile.characters[0])
