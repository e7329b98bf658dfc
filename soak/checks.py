"""The checks of each step: pure functions that return violations as texts."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from soak.browser import Answer
from soak.game import OPEN_CODES, Belongings, Call, Place, read_report_step
from soak.pages import IDEMPOTENCY_KEY, Form, Page, Tile

_SERVER_ERROR: Final = 500
_NOTHING_CHANGED: Final = re.compile(r"nothing (of yours )?was (changed|done)", re.IGNORECASE)
_OTHER_MOVE_UNDER_WAY: Final = "Another move of yours is still under way"
_MIN_PAGE_TEXT: Final = 40
_MAX_LISTED: Final = 5
_TRACEBACK_LINES: Final = 60


def check_conservation(before: Counter[str], after: Counter[str]) -> list[str]:
    """Check that no item is lost and no item is created."""
    lost_items, created = before - after, after - before
    return [
        f"{description}: {_list_some(f'{count} × {item}' for item, count in changed.items())}"
        for description, changed in (("items were lost", lost_items), ("items were made", created))
        if changed
    ]


def check_answer(answer: Answer) -> list[str]:
    """Check that an answer is no server error and no blank page."""
    request = f"{answer.method} {answer.path}"
    if answer.is_broken:
        return []
    if answer.status == _SERVER_ERROR:
        return [f"{request}: HTTP 500"]
    if answer.report is None and len(answer.page.text) < _MIN_PAGE_TEXT and answer.html:
        return [f"{request}: the page is blank"]
    if answer.report is None and not answer.html and not answer.location:
        return [f"{request}: HTTP {answer.status} with neither page nor report"]
    return []


def check_reports(
    answers: Sequence[Answer],
    executed: Counter[Call],
    excused: Counter[Call],
    *,
    has_key: bool = False,
    store_failed: bool = False,
) -> list[str]:
    """Check that the reports of the site agree with the journal of the sandbox.

    Args:
        answers: The answers to all requests of one player in a period of time.
        executed: The calls that the sandbox has carried out for this player in that period.
        excused: Calls that may be reported as done although they were not carried out in the
            period: calls on instances that failed without a usable answer, because the site may
            have found the instance in the expected state; and the calls of earlier forms with
            the same keys, because the site repeats the earlier report.
        has_key: The forms have idempotency keys: equal reports are one report, repeated.
        store_failed: The site's store failed in the period: a job may have no report.
    """
    reports = _collect_reports(answers, is_deduplicated=has_key)
    is_complete = bool(answers) and all(answer.report is not None for answer in answers)
    reported = Counter(call for report in reports for call, ok, _ in _list_steps(report) if ok)
    uncertain = Counter(
        call
        for report in reports
        for call, ok, code in _list_steps(report)
        if not ok and (code is None or code in OPEN_CODES)
    )
    violations = []
    if not_executed := reported - executed - excused:
        violations.append(f"reported as done, but not carried out: {_list_some(not_executed)}")
    if is_complete and not store_failed and (not_reported := executed - reported - uncertain):
        violations.append(
            f"carried out, but reported as not done or not at all: {_list_some(not_reported)}"
        )
    violations += [
        f"the message {report['message']!r} denies the report's own steps"
        for report in reports
        if _NOTHING_CHANGED.search(str(report["message"]))
        and any(ok for _, ok, _ in _list_steps(report))
    ]
    if executed and answers and all(_denies_changes(answer) for answer in answers):
        violations.append(
            f"{answers[0].message!r} is said, but carried out is: {_list_some(executed)}"
        )
    return violations


def check_repetition(form: Form, executed: Counter[Call]) -> list[str]:
    """Check that a form with an idempotency key moves its item once, however often it is sent."""
    if IDEMPOTENCY_KEY not in form.fields:
        return []
    item = form.fields.get("item_instance_id") or form.fields.get("item_hash")
    return [
        f"one form with one key was carried out {count} times: {call}"
        for call, count in executed.items()
        if count > 1 and call.item == item and call.action in {"transfer", "pull"}
    ]


def check_undo(
    before: Belongings, after: Belongings, answers: Sequence[Answer], second_calls: Counter[Call]
) -> list[str]:
    """Check that an undo restores the state before the job, and that a second undo does nothing.

    Args:
        before: The player's items before the job.
        after: The player's items after the undo.
        answers: The answers to the undo.
        second_calls: The calls that the sandbox has carried out for the second undo of the job.
    """
    violations = []
    is_undone = any(
        answer.report is not None
        and answer.report["ok"]
        and all(ok for _, ok, _ in _list_steps(answer.report))
        for answer in answers
    )
    if is_undone:
        violations += [
            f"undone, but not as before: {text}" for text in find_differences(before, after)
        ]
    if second_calls:
        violations.append(f"the second undo of one job has carried out: {_list_some(second_calls)}")
    return violations


def check_page(page: Page, expected: Belongings) -> list[str]:
    """Check that the inventory page shows all items at their places in the sandbox."""
    violations = [
        f"the page, not the game: {text}"
        for text in find_differences(expected, _read_belongings(page))
    ]
    counts = Counter(tile.instance_id for tile in page.tiles if tile.instance_id)
    if repeated_ids := [instance_id for instance_id, count in counts.items() if count > 1]:
        violations.append(f"on the page two times: {_list_some(repeated_ids)}")
    return violations


def check_no_foreign_job(answers: Iterable[Answer]) -> list[str]:
    """Check that no answer names another move when the player has sent one request only."""
    return [
        f"{answer.path}: names another move, and there is none"
        for answer in answers
        if _OTHER_MOVE_UNDER_WAY in answer.message
    ]


def check_log(text: str, ids: frozenset[str]) -> list[str]:
    """Check that the site's log has no traceback and none of the ids."""
    violations = []
    before, mark, after = text.partition("Traceback (most recent call last)")
    if mark:
        lines = [*before.splitlines()[-1:], *after.splitlines()[:_TRACEBACK_LINES]]
        violations.append("the log has a traceback:\n    " + "\n    ".join(lines))
    numbers = set(re.findall(r"\d{6,}", text))
    if ids_in_clear := sorted(ids & numbers):
        violations.append(f"the log has {len(ids_in_clear)} membership ids in clear")
    return violations


def find_differences(expected: Belongings, actual: Belongings) -> list[str]:
    """List the items in which the actual state differs from the expected state."""
    differences = []
    for instance_id in expected.places.keys() | actual.places.keys():
        expected_place, actual_place = (
            expected.places.get(instance_id),
            actual.places.get(instance_id),
        )
        if expected_place != actual_place:
            differences.append(
                f"{instance_id} is {_describe_place(actual_place)}"
                f" instead of {_describe_place(expected_place)}"
            )
    for key in expected.amounts.keys() | actual.amounts.keys():
        if expected.amounts[key] != actual.amounts[key]:
            item_hash, owner, location = key
            differences.append(
                f"{actual.amounts[key]} × {item_hash} with {owner}, {location},"
                f" instead of {expected.amounts[key]}"
            )
    return sorted(differences)[:_MAX_LISTED]


def _read_belongings(page: Page) -> Belongings:
    amounts: Counter[tuple[int, str, str]] = Counter()
    for tile in page.tiles:
        if not tile.instance_id:
            amounts[tile.item_hash, tile.owner, tile.location] += tile.quantity
    places = {tile.instance_id: _read_place(tile) for tile in page.tiles if tile.instance_id}
    return Belongings(places=places, amounts=amounts)


def _read_place(tile: Tile) -> Place:
    return Place(tile.owner, tile.location, tile.locked)


def _collect_reports(answers: Sequence[Answer], *, is_deduplicated: bool) -> list[dict[str, Any]]:
    reports: list[dict[str, Any]] = []
    for answer in answers:
        if answer.report is not None and not (is_deduplicated and answer.report in reports):
            reports.append(answer.report)
    return reports


def _denies_changes(answer: Answer) -> bool:
    """Tell whether an answer says that no item was changed."""
    if answer.report is not None or not answer.page.notices:
        return bool(_NOTHING_CHANGED.search(answer.message))
    # A page may also show the notice of an earlier action: then all notices have to deny.
    page = answer.page
    return all(map(_NOTHING_CHANGED.search, page.notices)) or any(
        map(_NOTHING_CHANGED.search, page.alerts)
    )


def _list_steps(report: dict[str, Any]) -> list[tuple[Call, bool, int | None]]:
    return [(read_report_step(step), bool(step["ok"]), step["code"]) for step in report["steps"]]


def _describe_place(place: Place | None) -> str:
    if place is None:
        return "nowhere"
    return f"{place.location} of {place.owner}{', locked' if place.locked else ''}"


def _list_some(values: Iterable[object]) -> str:
    texts = sorted(str(value) for value in values)
    return "; ".join(texts[:_MAX_LISTED]) + (
        f"; and {len(texts) - _MAX_LISTED} more" * (len(texts) > _MAX_LISTED)
    )
