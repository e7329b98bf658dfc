"""The search behind a plan: the fewest calls that bring one item where it shall be.

Iterative deepening over the few kinds of calls that can help: the item's own next hop, and
what stands in its way (a full bucket, a full vault, a worn item that must come off, another
exotic). For each of these ``room`` names the one item to move, so that the tree stays
narrow, and a lower bound cuts it early: most plans are found without a single detour.
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

_DETOURS = 7
"""Calls beyond the straight way that a plan may take: two evictions, a replacement ..."""

_SWAPS = 1
"""How often a replacement may be taken off somebody else, who then needs one too."""

_LARGEST = 3000
"""States to look at before giving up; a plan that exists is found in tens of them."""

Changes = frozenset[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan in the making.

    Attributes:
        profile: As the steps so far leave it.
        item: What is brought somewhere, as it is now.
        placed: Instances that were put where they are on purpose, and stay.
        changed: Every instance that lies elsewhere than at the start: what tells two
            drafts with the same outcome apart from others.
    """

    profile: Profile
    item: Item
    steps: tuple[Step, ...] = ()
    placed: frozenset[str] = frozenset()
    changed: Changes = frozenset()

    def then(self, step: Step, moved: Item) -> "Draft":
        """Return the draft with one more step, which changes *moved*."""
        profile = self.profile.after(step, moved)
        item = self.item
        if moved is item or (item.instance_id and moved.instance_id == item.instance_id):
            item = _arrived(item, step)
            if item.instance_id:
                item = _find(profile, item)
        elif item.equipped and step.action is Action.EQUIP and moved.owner == item.owner:
            item = _find(profile, item)  # it may be what came off
        name = moved.instance_id or f"{moved.item_hash} {step.source} {step.quantity}"
        others = frozenset(one for one in self.changed if one[0] != name)
        change = (name, step.destination, step.action is Action.EQUIP)
        return replace(
            self,
            profile=profile,
            item=item,
            steps=(*self.steps, step),
            changed=others | {change},
        )

    def keeping(self, item: Item) -> "Draft":
        """Return the draft with an item that must not be moved aside again."""
        return replace(self, placed=self.placed | {item.instance_id or ""})


class Router:
    """Brings one item to one place, and on, if asked to."""

    def __init__(self, candidates: Candidates, destination: str, *, equip: bool) -> None:
        self._candidates = candidates
        self._destination = destination
        self._equip = equip
        self._looked = 0
        self._cut = False

    def find(self, start: Draft) -> Draft | None:
        """Return the draft with the fewest steps that reaches the goal, or None."""
        least = self._bound(start)
        for budget in range(least, least + _DETOURS + 1):
            self._cut = False
            found = self._search(start, budget, {})
            if found is not None or not self._cut or self._looked > _LARGEST:
                return found
        return None

    def _search(self, draft: Draft, budget: int, seen: dict[object, int]) -> Draft | None:
        bound = self._bound(draft)
        if bound == 0:
            return draft
        if bound > budget:
            self._cut = True
            return None
        key = (draft.item.owner, draft.item.location, draft.changed)
        if seen.get(key, -1) >= budget or self._looked > _LARGEST:
            return None
        seen[key] = budget
        self._looked += 1
        for following in self._options(draft):
            found = self._search(following, budget - 1, seen)
            if found is not None:
                return found
        return None

    def _bound(self, draft: Draft) -> int:
        """Count the calls that are needed at the least."""
        item, profile, to = draft.item, draft.profile, self._destination
        steps = 0
        owner = item.owner
        if item.location is Location.POSTMASTER:
            steps += 1
            owner = _home(profile, item)
        if owner != to:
            steps += 1 if VAULT in {owner, to} else 2
            steps += item.equipped
            steps += to != VAULT and not _fits(draft, item, to)
            steps += owner != VAULT and not _fits(draft, item, VAULT)
        if self._equip and not (item.equipped and owner == to):
            character = profile.character(to)
            rival = character and equip_rules.other_exotic(profile, item, character)
            steps += 1 + bool(rival)
        return steps

    def _options(self, draft: Draft) -> Iterator[Draft]:
        """Try what may help, the best first."""
        item, to = draft.item, self._destination
        character = draft.profile.character(to)
        if item.location is Location.POSTMASTER or item.owner != to:
            yield from self._toward(draft, item, to, Reason.ASKED)
        elif character is not None:
            rival = equip_rules.other_exotic(draft.profile, item, character)
            if rival is not None:
                yield from self._take_off(draft, rival, ReplacementRule.PLAIN)
            else:
                yield draft.then(_step(item, Action.EQUIP, to, to), item)

    def _toward(
        self, draft: Draft, item: Item, to: str, reason: Reason, depth: int = 0
    ) -> Iterator[Draft]:
        """Bring an item one call nearer, or move one thing that is in its way."""
        if item.location is Location.POSTMASTER:
            home = _home(draft.profile, item)
            if _fits(draft, item, home):
                yield draft.then(_step(item, Action.PULL, home, item.owner, reason), item)
            else:
                yield from self._clear(draft, home, item.bucket_hash)
            return
        if item.equipped:
            yield from self._take_off(draft, item, ReplacementRule.ALIKE, depth + 1)
            return
        hop = to if VAULT in {item.owner, to} else VAULT
        if _fits(draft, item, hop):
            yield draft.then(_transfer(draft, item, hop, reason), item)
        elif hop == VAULT:
            yield from self._evict(draft)
        if to != VAULT and not _fits(draft, item, to):
            yield from self._clear(draft, to, item.bucket_hash)

    def _clear(self, draft: Draft, owner: str, bucket_hash: int) -> Iterator[Draft]:
        """Move something out of an owner's bucket, or make the room in the vault for it."""
        candidates = self._candidates
        leaving = candidates.leaving(draft.profile, owner, bucket_hash, draft.placed)
        if leaving is None:
            equipped_item = next(
                (one for one in draft.profile.at(owner, bucket_hash) if one.equipped), None
            )
            other = equipped_item and candidates.replacement(
                draft.profile, equipped_item, owner, ReplacementRule.ALIKE
            )
            if equipped_item is not None and other is not None and equipped_item.transferable:
                step = _step(other, Action.EQUIP, owner, owner, Reason.REPLACE)
                yield draft.then(step, other).keeping(other)
        elif _fits(draft, leaving, VAULT):
            yield draft.then(_transfer(draft, leaving, VAULT, Reason.ROOM), leaving)
        else:
            yield from self._evict(draft)

    def _evict(self, draft: Draft) -> Iterator[Draft]:
        """Move something out of the vault, to whoever was played the longest ago."""
        owners = [one.character_id for one in reversed(draft.profile.characters)]
        for owner in (*owners, ACCOUNT):
            leaving = self._candidates.evicted(draft.profile, owner, draft.placed)
            if leaving is not None:
                yield draft.then(_transfer(draft, leaving, owner, Reason.ROOM), leaving)

    def _take_off(
        self, draft: Draft, equipped_item: Item, wanted: ReplacementRule, depth: int = 0
    ) -> Iterator[Draft]:
        """Put something else on in place of *worn*; fetch it where the wearer has nothing."""
        candidates, profile, character = self._candidates, draft.profile, equipped_item.owner
        other = candidates.replacement(profile, equipped_item, character, wanted)
        if other is not None:
            step = _step(other, Action.EQUIP, character, character, Reason.REPLACE)
            yield draft.then(step, other).keeping(other)
            return
        owners = [one.character_id for one in profile.characters if one.character_id != character]
        for owner in (VAULT, *owners):
            other = candidates.replacement(profile, equipped_item, owner, wanted)
            if other is not None:
                for following in self._toward(draft, other, character, Reason.REPLACE):
                    yield following.keeping(other)
        if depth <= _SWAPS:
            yield from self._last_resorts(draft, equipped_item, wanted, depth)

    def _last_resorts(
        self, draft: Draft, equipped_item: Item, wanted: ReplacementRule, depth: int
    ) -> Iterator[Draft]:
        """Get at a replacement for *worn* that is itself in the way of something."""
        candidates, profile, character = self._candidates, draft.profile, equipped_item.owner
        who = profile.character(character)
        owners = [one.character_id for one in profile.characters if one.character_id != character]
        for owner in (character, VAULT, *owners):
            # An exotic could be put on, if that did not clash with another: that one first.
            other = candidates.replacement(
                profile, equipped_item, owner, wanted | ReplacementRule.CLASHING
            )
            rival = (
                equip_rules.other_exotic(profile, other, who, equipped_item)
                if other and who
                else None
            )
            if rival is not None:
                yield from self._take_off(draft, rival, ReplacementRule.PLAIN, depth + 1)
        for owner in owners:
            # What somebody else wears: there, too, it has to come off.
            other = candidates.replacement(
                profile, equipped_item, owner, wanted | ReplacementRule.WORN
            )
            if other is not None and other.equipped:
                for following in self._toward(draft, other, character, Reason.REPLACE, depth):
                    yield following.keeping(other)


def _home(profile: Profile, item: Item) -> str:
    """Return who has an item once it is out of the postmaster."""
    return ACCOUNT if profile.bucket(item.bucket_hash).account_wide else item.owner


def _fits(draft: Draft, item: Item, owner: str) -> bool:
    profile = draft.profile
    if owner != VAULT and item.bucket_hash not in profile.buckets:
        return True  # a bucket that we do not know: the game will tell
    return profile.room_for(item, owner) >= item.quantity


def _find(profile: Profile, item: Item) -> Item:
    """Return the item as the profile has it now."""
    held = profile.at(item.owner, item.bucket_hash)
    return next((one for one in held if one.instance_id == item.instance_id), item)


def _arrived(item: Item, step: Step) -> Item:
    """Return the item as a step leaves it; a part of a stack stays a thing of its own."""
    if step.action is Action.EQUIP:
        return msgspec.structs.replace(item, location=Location.EQUIPPED)
    where = {VAULT: Location.VAULT, ACCOUNT: Location.ACCOUNT}
    location = where.get(step.destination, Location.BAG)
    return msgspec.structs.replace(item, owner=step.destination, location=location)


def _transfer(draft: Draft, item: Item, to: str, reason: Reason) -> Step:
    carrier = _carrier(draft.profile, item.owner, to)
    return _step(item, Action.TRANSFER, to, carrier.character_id, reason)


def _step(item: Item, action: Action, to: str, carrier: str, reason: Reason = Reason.ASKED) -> Step:
    return Step(
        action=action,
        item_hash=item.item_hash,
        instance_id=item.instance_id,
        quantity=item.quantity,
        source=item.owner,
        destination=to,
        carrier=carrier,
        reason=reason,
    )


def _carrier(profile: Profile, source: str, destination: str) -> Character:
    """Return the character in whose name a transfer goes: the end that is one, or any."""
    ends = (profile.character(source), profile.character(destination))
    return next((one for one in ends if one is not None), profile.characters[0])
