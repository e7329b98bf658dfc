"""The checks of the soak test find violations: each is tested with a wrong and a right case."""

from collections import Counter

import pytest
import requests

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import game_events
from bungie_sandbox.world.belongings import VAULT
from soak import checks
from soak.browser import Answer
from soak.game import Call, find_executed_calls, find_uncertain_calls
from soak.pages import IDEMPOTENCY_KEY, Form, read_page
from tests.sandbox.client import SandboxClient
from tests.sandbox.items import find_in_vault, find_unequipped, hash_of_item


@pytest.fixture
def client(bungie):
    with SandboxClient(bungie) as signed_in:
        yield signed_in


def answer(status=200, html="", report=None, path="/inventory/transfer"):
    return Answer(
        method="POST",
        path=path,
        status=status,
        began=0.0,
        seconds=0.1,
        html=html,
        report=report,
        page=read_page(html),
    )


def report(*steps, ok=True, message="Done."):
    return answer(report={"ok": ok, "message": message, "code": None, "steps": list(steps)})


def step(item, *, ok=True, code=1):
    """The step of a report that brings an item of a character to the vault."""
    return {
        "action": "transfer",
        "item_instance_id": item.instance_id,
        "item_hash": item.item_hash,
        "quantity": 1,
        "source": item.holder,
        "destination": VAULT,
        "ok": ok,
        "code": code,
    }


def to_vault(item):
    return Call("transfer", item.instance_id, 1, to_vault=True, owner=item.holder)


def test_a_move_changes_nothing(game, client):
    before = game.read_belongings().totals
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    assert client.transfer(item, item.holder, to_vault=True) == 1
    assert checks.check_conservation(before, game.read_belongings().totals) == []


def test_a_lost_item_is_found(game):
    before = game.read_belongings().totals
    item = find_in_vault(game.profile, item_type=3)
    game_events.dismantle(game.profile, item.instance_id)
    (violations,) = checks.check_conservation(before, game.read_belongings().totals)
    assert violations == f"items were lost: 1 × {item.instance_id}"


def test_a_created_quantity_is_found(game, client):
    before = game.read_belongings().totals
    prism = hash_of_item("Enhancement Prism")
    game_events.drop_loot(game.bungie.world, game.profile, client.characters[0], prism, 2)
    (violations,) = checks.check_conservation(before, game.read_belongings().totals)
    assert violations == f"items were made: 2 × stacks of {prism}"


def test_a_correct_report_passes(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    report_step, mark = step(item), game.newest_entry_number()
    client.transfer(item, item.holder, to_vault=True)
    executed = find_executed_calls(game.entries(mark))
    assert executed.total() == 1
    assert checks.check_reports([report(report_step)], executed, Counter()) == []


def test_a_call_that_was_never_made_is_found(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    (violations,) = checks.check_reports([report(step(item))], Counter(), Counter())
    assert violations.startswith("reported as done, but not carried out")


def test_a_call_that_is_not_reported_is_found(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    executed = Counter([to_vault(item)])
    for report_step in (report(), report(step(item, ok=False, code=1642), ok=False)):
        (violations,) = checks.check_reports([report_step], executed, Counter())
        assert violations.startswith("carried out, but reported as not done or not at all")


def test_a_denial_of_what_was_carried_out_is_found(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    report_step = step(item, ok=False, code=None)
    denial = report(report_step, ok=False, message="Bungie is in maintenance. Nothing was changed.")
    (violations,) = checks.check_reports([denial], Counter([to_vault(item)]), Counter())
    assert "is said, but carried out is" in violations
    denial = report(step(item), ok=False, message="That is gone. Nothing was changed.")
    violations = checks.check_reports([denial], Counter([to_vault(item)]), Counter())
    assert any("denies the report's own steps" in text for text in violations)


def test_a_page_that_denies_what_was_carried_out_is_found(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    page = answer(html='<body><p role="alert">No answer. Nothing was changed.</p></body>')
    (violations,) = checks.check_reports([page], Counter([to_vault(item)]), Counter())
    assert "is said, but carried out is" in violations
    assert checks.check_reports([page], Counter(), Counter()) == []


def test_a_lost_answer_may_be_reported_as_unknown(bungie, game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    report_step, mark = step(item, ok=False, code=None), game.newest_entry_number()
    bungie.fail_next("TransferItem", "lost")
    with pytest.raises(requests.ConnectionError):
        client.transfer(item, item.holder, to_vault=True)
    executed = find_executed_calls(game.entries(mark))
    assert executed == Counter(
        [Call("transfer", item.instance_id, 1, to_vault=True, owner=client.characters[0])]
    )
    uncertain = report(report_step, ok=False, message="Bungie's answer got lost on the way.")
    assert checks.check_reports([uncertain], executed, Counter()) == []


def test_a_call_that_was_dropped_may_be_taken_as_done_for_an_instance_only(bungie, game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    mark = game.newest_entry_number()
    for body in ({"itemId": item.instance_id}, {"itemId": "0"}):
        bungie.fail_next("TransferItem", "drop")
        with pytest.raises(requests.ConnectionError):
            client.act("TransferItem", itemReferenceHash=item.item_hash, stackSize=1, **body)
    entries = game.entries(mark)
    assert find_executed_calls(entries) == Counter()
    assert {call.item for call in find_uncertain_calls(entries)} == {item.instance_id}


def test_a_repeated_report_counts_once_with_a_key(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    reports, executed = [report(step(item))] * 2, Counter([to_vault(item)])
    assert checks.check_reports(reports, executed, Counter(), has_key=True) == []
    assert checks.check_reports(reports, executed, Counter(), has_key=False) != []


def test_a_repeated_form_may_be_answered_with_the_earlier_report(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    reports, executed = [report(step(item))], Counter([to_vault(item)])
    assert checks.check_reports(reports, Counter(), executed) == []
    assert checks.check_reports(reports, Counter(), Counter()) != []


def test_a_form_with_a_key_moves_the_item_once(game, client):
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    reports = Counter([to_vault(item), to_vault(item)])
    fields = {"item_instance_id": item.instance_id, IDEMPOTENCY_KEY: "k"}
    (violations,) = checks.check_repetition(Form(path="/", fields=fields), reports)
    assert "carried out 2 times" in violations
    del fields[IDEMPOTENCY_KEY]
    assert checks.check_repetition(Form(path="/", fields=fields), reports) == []


def test_a_difference_and_a_second_undo_are_found(game, client):
    before = game.read_belongings()
    item = find_unequipped(game.profile, client.characters[0], Bucket.KINETIC)
    undo_report = report(step(item), message="Undone: everything is where it was before.")
    assert checks.check_undo(before, game.read_belongings(), [undo_report], Counter()) == []
    client.transfer(item, item.holder, to_vault=True)
    (violations,) = checks.check_undo(before, game.read_belongings(), [undo_report], Counter())
    assert violations.startswith(f"undone, but not as before: {item.instance_id} is vault of vault")
    (violations,) = checks.check_undo(before, before, [undo_report], Counter([to_vault(item)]))
    assert violations.startswith("the second undo of one job has carried out")


def test_errors_of_the_site_and_blank_pages_are_found():
    assert checks.check_answer(answer(500, html="<p>Something broke on our side</p>")) != []
    assert checks.check_answer(answer(200, html="<body></body>")) != []
    assert checks.check_answer(answer(200)) != []
    assert checks.check_answer(answer(503, html=f"<body>{'Maintenance. ' * 9}</body>")) == []


def test_naming_another_move_that_does_not_exist_is_found():
    message = "Another move of yours is still under way. Nothing was done: try again."
    assert checks.check_no_foreign_job([report(ok=False, message=message)]) != []
    assert checks.check_no_foreign_job([report()]) == []


def test_tracebacks_and_ids_in_the_log_are_found(game):
    assert checks.check_log("GET /inventory/ 200 player=92e501c02215", game.ids) == []
    assert checks.check_log("Traceback (most recent call last):", game.ids) != []
    text = f"GET /Destiny2/3/Profile/{game.membership_id}/ lost"
    assert checks.check_log(text, game.ids) == ["the log has 1 membership ids in clear"]
