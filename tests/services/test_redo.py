"""An undo can be undone, which is a redo; a redo is an ordinary job."""

import msgspec
import pytest

from destiny_web.domain.account.characters import Membership
from destiny_web.services.codec import decode
from destiny_web.services.moves.job_records import JobRecords, LastJob
from tests.inventory.worlds import ENERGY, fields, owners, roomy, tiles

PAGE = "/inventory/"


@pytest.fixture
def last_job(app, bungie):
    """Read the record of the account's last job."""
    services = app.extensions["destiny_web"]
    main = bungie.player().main
    membership = Membership(type=main.type, membership_id=main.id, name="")
    return lambda: JobRecords(services.store, services.now).last_job(membership)


def undo(browser, last_job):
    status, answer = browser.json("/inventory/undo", job_id=last_job().job_id)
    assert status == 200
    return answer["message"]


def test_undo_and_redo_take_turns(browser, bungie, last_job):
    page = browser.open(PAGE)
    item, destination = tiles(page, owner="vault", bucket_hash=ENERGY)[0], roomy(page, ENERGY)
    browser.submit("/inventory/transfer", **fields(item, destination))
    assert not last_job().is_undo
    turns = []
    for _ in range(3):
        message = undo(browser, last_job)
        holder = bungie.holder_of(item["data-item-instance-id"])
        turns.append((message.split(":")[0], holder, last_job().is_undo))
    assert turns == [
        ("Undone", "vault", True),
        ("Redone", destination, False),
        ("Undone", "vault", True),
    ]


def test_a_job_after_an_undo_is_no_undo(browser, last_job):
    page = browser.open(PAGE)
    first, second = tiles(page, owner="vault", bucket_hash=ENERGY)[:2]
    browser.submit("/inventory/transfer", **fields(first, roomy(page, ENERGY)))
    undo(browser, last_job)
    browser.submit("/inventory/transfer", **fields(second, roomy(page, ENERGY)))
    assert not last_job().is_undo


def test_a_redo_that_the_game_refused_is_offered_again_as_a_redo(browser, bungie, last_job):
    page = browser.open(PAGE)
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    browser.submit("/inventory/transfer", **fields(item, roomy(page, ENERGY)))
    undo(browser, last_job)
    bungie.refuse_next("TransferItem", 4242)
    assert browser.json("/inventory/undo", job_id=last_job().job_id)[0] == 409
    assert last_job().is_undo


def test_an_undo_that_stopped_half_way_can_be_redone(browser, bungie, last_job):
    page = browser.open(PAGE)
    destination = roomy(page, ENERGY)
    source = next(owner for owner in owners(page) if owner != destination)
    item = tiles(page, owner=source, bucket_hash=ENERGY, location="bag")[0]
    browser.submit("/inventory/transfer", **fields(item, destination))
    bungie.fail_next("TransferItem", "maintenance", skip=1)
    assert browser.json("/inventory/undo", job_id=last_job().job_id)[0] == 503
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"
    assert last_job().is_undo
    assert undo(browser, last_job).startswith("Redone: ")
    assert bungie.holder_of(item["data-item-instance-id"]) == destination


def test_a_record_of_an_older_release_is_no_undo():
    record = {"job_id": "1f", "message": "Moved.", "recorded_steps": []}
    job = decode(msgspec.msgpack.encode(record), LastJob)
    assert job == LastJob(job_id="1f", message="Moved.", recorded_steps=(), is_undo=False)
