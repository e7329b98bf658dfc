"""The preferences of an account survive, and a change leaves the others as they are."""

import threading

import pytest

from destiny_web.domain.account.characters import Membership
from destiny_web.services.preferences import PreferenceChange, Preferences, PreferenceStore
from destiny_web.storage.sqlite import SQLiteStore
from tests.builders import MEMBERSHIP


@pytest.fixture
def store(tmp_path):
    sqlite = SQLiteStore(tmp_path / "store.sqlite")
    yield sqlite
    sqlite.close()


def test_an_account_without_preferences_has_the_defaults(store):
    assert PreferenceStore(store).load(MEMBERSHIP) == Preferences()


def test_a_change_leaves_the_other_preferences_as_they_are(store):
    preferences = PreferenceStore(store)
    preferences.change(MEMBERSHIP, PreferenceChange(density="names"))
    preferences.change(MEMBERSHIP, PreferenceChange(single_keys=False))
    preferences.change(MEMBERSHIP, PreferenceChange(double_click=True))
    preferences.change(MEMBERSHIP, PreferenceChange(fold=("kinetic", True)))
    preferences.change(MEMBERSHIP, PreferenceChange(fold=("class", False)))
    assert preferences.load(MEMBERSHIP) == Preferences(
        density="names",
        single_keys=False,
        double_click=True,
        folds={"kinetic": True, "class": False},
    )


def test_accounts_do_not_share_their_preferences(store):
    preferences = PreferenceStore(store)
    preferences.change(MEMBERSHIP, PreferenceChange(columns="three"))
    assert preferences.load(Membership(type=1, membership_id="7")) == Preferences()


def test_the_oldest_folds_are_dropped_first(store):
    preferences = PreferenceStore(store)
    for number in range(201):
        preferences.change(MEMBERSHIP, PreferenceChange(fold=(f"group/{number}", True)))
    folds = preferences.load(MEMBERSHIP).folds
    assert len(folds) == 200
    assert "group/0" not in folds
    assert "group/200" in folds


def test_a_value_that_cannot_be_read_gives_the_defaults(store):
    store.put("preferences", MEMBERSHIP.key, b"\xc1 not a message")
    assert PreferenceStore(store).load(MEMBERSHIP) == Preferences()


def test_changes_at_the_same_time_are_all_kept(store):
    preferences = PreferenceStore(store)
    threads = [
        threading.Thread(
            target=preferences.change,
            args=(MEMBERSHIP, PreferenceChange(fold=(f"group/{number}", True))),
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(preferences.load(MEMBERSHIP).folds) == 8
