"""The checks of the soak test find what is wrong: each is given a lie and an honest case."""

from collections import Counter

import pytest
import requests

from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.world import ingame
from bungie_sandbox.world.belongings import VAULT
from soak import checks
from soak.browser import Answer
from soak.game import Call, carried_out, left_open
from soak.pages import KEY, Form, read_page
from tests.sandbox.guest import Guest
from tests.sandbox.picking import bagged, named, stored


@pytest.fixture
def guest(bungie):
    with Guest(bungie) as signed_in:
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


class TestConservation:
    """Nothing is lost, and nothing is made."""

    def test_a_move_changes_nothing(self, game, guest):
        before = game.belongings().totals
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        assert guest.transfer(item, item.holder, to_vault=True) == 1
        assert checks.check_conservation(before, game.belongings().totals) == []

    def test_a_lost_item_is_found(self, game):
        before = game.belongings().totals
        item = stored(game.profile, item_type=3)
        ingame.dismantle(game.profile, item.instance_id)
        (found,) = checks.check_conservation(before, game.belongings().totals)
        assert found == f"items were lost: 1 × {item.instance_id}"

    def test_an_amount_that_was_made_is_found(self, game, guest):
        before = game.belongings().totals
        prism = named("Enhancement Prism")
        ingame.loot(game.bungie.world, game.profile, guest.characters[0], prism, 2)
        (found,) = checks.check_conservation(before, game.belongings().totals)
        assert found == f"items were made: 2 × stacks of {prism}"


class TestReports:
    """What is reported is what the journal has."""

    def test_an_honest_report_passes(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        told, mark = step(item), game.mark()
        guest.transfer(item, item.holder, to_vault=True)
        carried = carried_out(game.entries(mark))
        assert carried.total() == 1
        assert checks.check_reports([report(told)], carried, Counter()) == []

    def test_a_call_that_was_never_made_is_found(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        (found,) = checks.check_reports([report(step(item))], Counter(), Counter())
        assert found.startswith("reported as done, but not carried out")

    def test_a_call_that_is_not_reported_is_found(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        carried = Counter([to_vault(item)])
        for told in (report(), report(step(item, ok=False, code=1642), ok=False)):
            (found,) = checks.check_reports([told], carried, Counter())
            assert found.startswith("carried out, but reported as not done or not at all")

    def test_a_denial_of_what_was_carried_out_is_found(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        told = step(item, ok=False, code=None)
        denial = report(told, ok=False, message="Bungie is in maintenance. Nothing was changed.")
        (found,) = checks.check_reports([denial], Counter([to_vault(item)]), Counter())
        assert "is said, but carried out is" in found
        denial = report(step(item), ok=False, message="That is gone. Nothing was changed.")
        found = checks.check_reports([denial], Counter([to_vault(item)]), Counter())
        assert any("denies the report's own steps" in text for text in found)

    def test_a_page_that_denies_what_was_carried_out_is_found(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        page = answer(html='<body><p role="alert">No answer. Nothing was changed.</p></body>')
        (found,) = checks.check_reports([page], Counter([to_vault(item)]), Counter())
        assert "is said, but carried out is" in found
        assert checks.check_reports([page], Counter(), Counter()) == []

    def test_a_lost_answer_may_be_reported_as_unknown(self, bungie, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        told, mark = step(item, ok=False, code=None), game.mark()
        bungie.fail_next("TransferItem", "lost")
        with pytest.raises(requests.ConnectionError):
            guest.transfer(item, item.holder, to_vault=True)
        carried = carried_out(game.entries(mark))
        assert carried == Counter(
            [Call("transfer", item.instance_id, 1, to_vault=True, owner=guest.characters[0])]
        )
        unknown = report(told, ok=False, message="Bungie's answer got lost on the way.")
        assert checks.check_reports([unknown], carried, Counter()) == []

    def test_a_call_that_was_dropped_may_be_taken_as_done_for_an_instance_only(
        self, bungie, game, guest
    ):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        mark = game.mark()
        for body in ({"itemId": item.instance_id}, {"itemId": "0"}):
            bungie.fail_next("TransferItem", "drop")
            with pytest.raises(requests.ConnectionError):
                guest.act("TransferItem", itemReferenceHash=item.item_hash, stackSize=1, **body)
        entries = game.entries(mark)
        assert carried_out(entries) == Counter()
        assert {call.item for call in left_open(entries)} == {item.instance_id}

    def test_one_report_that_is_told_two_times_counts_once_with_a_key(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        twice, carried = [report(step(item))] * 2, Counter([to_vault(item)])
        assert checks.check_reports(twice, carried, Counter(), has_key=True) == []
        assert checks.check_reports(twice, carried, Counter(), has_key=False) != []

    def test_a_form_that_comes_again_may_be_answered_with_its_earlier_report(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        again, carried = [report(step(item))], Counter([to_vault(item)])
        assert checks.check_reports(again, Counter(), carried) == []
        assert checks.check_reports(again, Counter(), Counter()) != []

    def test_a_form_with_a_key_moves_one_time(self, game, guest):
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        twice = Counter([to_vault(item), to_vault(item)])
        fields = {"item_instance_id": item.instance_id, KEY: "k"}
        (found,) = checks.check_repetition(Form(path="/", fields=fields), twice)
        assert "carried out 2 times" in found
        del fields[KEY]
        assert checks.check_repetition(Form(path="/", fields=fields), twice) == []


class TestUndo:
    """What was undone is as before, and is not undone again."""

    def test_a_difference_and_a_second_undo_are_found(self, game, guest):
        before = game.belongings()
        item = bagged(game.profile, guest.characters[0], Bucket.KINETIC)
        undone = report(step(item), message="Undone: everything is where it was before.")
        assert checks.check_undo(before, game.belongings(), [undone], Counter()) == []
        guest.transfer(item, item.holder, to_vault=True)
        (found,) = checks.check_undo(before, game.belongings(), [undone], Counter())
        assert found.startswith(f"undone, but not as before: {item.instance_id} is vault of vault")
        (found,) = checks.check_undo(before, before, [undone], Counter([to_vault(item)]))
        assert found.startswith("the second undo of one job has carried out")


class TestAnswers:
    """An answer is no error of the site, and never empty."""

    def test_errors_of_the_site_and_blank_pages_are_found(self):
        assert checks.check_answer(answer(500, html="<p>Something broke on our side</p>")) != []
        assert checks.check_answer(answer(200, html="<body></body>")) != []
        assert checks.check_answer(answer(200)) != []
        assert checks.check_answer(answer(503, html=f"<body>{'Maintenance. ' * 9}</body>")) == []

    def test_waiting_for_a_request_that_is_not_there_is_found(self):
        waiting = "Another move of yours is still under way. Nothing was done: try again."
        assert checks.check_waiting([report(ok=False, message=waiting)]) != []
        assert checks.check_waiting([report()]) == []

    def test_tracebacks_and_ids_in_the_log_are_found(self, game):
        assert checks.check_log("GET /inventory/ 200 player=92e501c02215", game.ids) == []
        assert checks.check_log("Traceback (most recent call last):", game.ids) != []
        text = f"GET /Destiny2/3/Profile/{game.membership_id}/ lost"
        assert checks.check_log(text, game.ids) == ["the log has 1 membership ids in clear"]
