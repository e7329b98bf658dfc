"""The rules that each step is checked against; pure functions that return violations in words."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from soak.browser import Answer
from soak.game import OPEN_CODES, Belongings, Call, Place, call_of_step
from soak.pages import KEY, Form, Page, Tile

_SERVER_ERROR: Final = 500
_NOTHING: Final = re.compile(r"nothing (of yours )?was (changed|done)", re.IGNORECASE)
_ANOTHER: Final = "Another move of yours is still under way"
_SHORTEST_PAGE: Final = 40
_SHOWN: Final = 5
_TRACEBACK: Final = 60


def check_conservation(before: Counter[str], after: Counter[str]) -> list[str]:
    """Nothing is lost and nothing is made."""
    lost, made = before - after, after - before
    return [
        f"{word}: {_some(f'{count} × {item}' for item, count in changed.items())}"
        for word, changed in (("items were lost", lost), ("items were made", made))
        if changed
    ]


def check_answer(answer: Answer) -> list[str]:
    """An answer is no error of the site, and no blank page."""
    what = f"{answer.method} {answer.path}"
    if answer.is_broken:
        return []
    if answer.status == _SERVER_ERROR:
        return [f"{what}: HTTP 500"]
    if answer.report is None and len(answer.page.text) < _SHORTEST_PAGE and answer.html:
        return [f"{what}: the page is blank"]
    if answer.report is None and not answer.html and not answer.location:
        return [f"{what}: HTTP {answer.status} with neither page nor report"]
    return []


def check_reports(
    answers: Sequence[Answer],
    carried: Counter[Call],
    claimable: Counter[Call],
    *,
    has_key: bool = False,
    store_failed: bool = False,
) -> list[str]:
    """What the site has reported is what the sandbox's journal has.

    Args:
        answers: The answers to all requests of one player in some stretch of time.
        carried: What the sandbox has carried out for this player in the same time.
        claimable: Calls that may be reported as done though they were not carried out in that
            time: calls on instances that failed without a usable answer, as the site may have
            found the instance as the call was to leave it; and what was carried out when forms
            with the same keys came before, as the earlier report is told again.
        has_key: The forms have idempotency keys: equal reports are one report, told again.
        store_failed: The site's store was taken away in that time: a job may have ended without
            a report.
    """
    reports = _reports(answers, told_once=has_key)
    is_complete = bool(answers) and all(answer.report is not None for answer in answers)
    claimed = Counter(call for report in reports for call, ok, _ in _steps(report) if ok)
    is_open = Counter(
        call
        for report in reports
        for call, ok, code in _steps(report)
        if not ok and (code is None or code in OPEN_CODES)
    )
    found = []
    if invented := claimed - carried - claimable:
        found.append(f"reported as done, but not carried out: {_some(invented)}")
    if is_complete and not store_failed and (hidden := carried - claimed - is_open):
        found.append(f"carried out, but reported as not done or not at all: {_some(hidden)}")
    found += [
        f"the message {report['message']!r} denies the report's own steps"
        for report in reports
        if _NOTHING.search(str(report["message"])) and any(ok for _, ok, _ in _steps(report))
    ]
    if carried and answers and all(_denies(answer) for answer in answers):
        found.append(f"{answers[0].message!r} is said, but carried out is: {_some(carried)}")
    return found


def check_repetition(form: Form, carried: Counter[Call]) -> list[str]:
    """A form with an idempotency key that comes several times moves its item one time."""
    if KEY not in form.fields:
        return []
    item = form.fields.get("item_instance_id") or form.fields.get("item_hash")
    return [
        f"one form with one key was carried out {count} times: {call}"
        for call, count in carried.items()
        if count > 1 and call.item == item and call.action in {"transfer", "pull"}
    ]


def check_undo(
    before: Belongings, after: Belongings, answers: Sequence[Answer], again: Counter[Call]
) -> list[str]:
    """A job that was undone leaves the game as before it, and a second undo does nothing.

    Args:
        before: What the player owned before the job.
        after: The same, after the undo.
        answers: The answers to the undo.
        again: What the sandbox has carried out for the second undo of the same job.
    """
    found = []
    is_undone = any(
        answer.report is not None
        and answer.report["ok"]
        and all(ok for _, ok, _ in _steps(answer.report))
        for answer in answers
    )
    if is_undone:
        found += [f"undone, but not as before: {text}" for text in differences(before, after)]
    if again:
        found.append(f"the second undo of one job has carried out: {_some(again)}")
    return found


def check_page(page: Page, truth: Belongings) -> list[str]:
    """Every item on the inventory page is where the sandbox says, and none is missing."""
    found = [f"the page, not the game: {text}" for text in differences(truth, _belongings(page))]
    shown = Counter(tile.instance_id for tile in page.tiles if tile.instance_id)
    if twice := [instance_id for instance_id, count in shown.items() if count > 1]:
        found.append(f"on the page two times: {_some(twice)}")
    return found


def check_waiting(answers: Iterable[Answer]) -> list[str]:
    """A player whose account has no other request under way waits for no other request."""
    return [
        f"{answer.path}: told of another move, and there is none"
        for answer in answers
        if _ANOTHER in answer.message
    ]


def check_log(text: str, ids: frozenset[str]) -> list[str]:
    """The site's log has no traceback, and none of the ids."""
    found = []
    before, mark, after = text.partition("Traceback (most recent call last)")
    if mark:
        lines = [*before.splitlines()[-1:], *after.splitlines()[:_TRACEBACK]]
        found.append("the log has a traceback:\n    " + "\n    ".join(lines))
    words = set(re.findall(r"\d{6,}", text))
    if told := sorted(ids & words):
        found.append(f"the log has {len(told)} membership ids in clear")
    return found


def differences(wanted: Belongings, given: Belongings) -> list[str]:
    """List in which items two states differ; the second against the first."""
    found = []
    for instance_id in wanted.places.keys() | given.places.keys():
        first, second = wanted.places.get(instance_id), given.places.get(instance_id)
        if first != second:
            found.append(f"{instance_id} is {_place(second)} instead of {_place(first)}")
    for key in wanted.amounts.keys() | given.amounts.keys():
        if wanted.amounts[key] != given.amounts[key]:
            item_hash, owner, location = key
            found.append(
                f"{given.amounts[key]} × {item_hash} with {owner}, {location},"
                f" instead of {wanted.amounts[key]}"
            )
    return sorted(found)[:_SHOWN]


def _belongings(page: Page) -> Belongings:
    amounts: Counter[tuple[int, str, str]] = Counter()
    for tile in page.tiles:
        if not tile.instance_id:
            amounts[tile.item_hash, tile.owner, tile.location] += tile.quantity
    places = {tile.instance_id: _shown_at(tile) for tile in page.tiles if tile.instance_id}
    return Belongings(places=places, amounts=amounts)


def _shown_at(tile: Tile) -> Place:
    return Place(tile.owner, tile.location, tile.locked)


def _reports(answers: Sequence[Answer], *, told_once: bool) -> list[dict[str, Any]]:
    reports: list[dict[str, Any]] = []
    for answer in answers:
        if answer.report is not None and not (told_once and answer.report in reports):
            reports.append(answer.report)
    return reports


def _denies(answer: Answer) -> bool:
    """Tell whether an answer says that nothing was changed."""
    if answer.report is not None or not answer.page.notices:
        return bool(_NOTHING.search(answer.message))
    # A notice that was not shown before may come with a later page: then only one denies.
    page = answer.page
    return all(map(_NOTHING.search, page.notices)) or any(map(_NOTHING.search, page.alerts))


def _steps(report: dict[str, Any]) -> list[tuple[Call, bool, int | None]]:
    return [(call_of_step(step), bool(step["ok"]), step["code"]) for step in report["steps"]]


def _place(place: Place | None) -> str:
    if place is None:
        return "nowhere"
    return f"{place.location} of {place.owner}{', locked' if place.locked else ''}"


def _some(values: Iterable[object]) -> str:
    texts = sorted(str(value) for value in values)
    return "; ".join(texts[:_SHOWN]) + (f"; and {len(texts) - _SHOWN} more" * (len(texts) > _SHOWN))
