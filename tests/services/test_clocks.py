"""Our clock or Bungie's is set while the site runs: the page shows the state of the game."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from destiny_web.domain.account.characters import Membership
from destiny_web.domain.moves.planner import Move
from destiny_web.manifest.store import Manifest, path_of
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.moves.commands import MoveItem
from destiny_web.services.moves.service import MoveService
from destiny_web.services.profiles import Profiles
from destiny_web.storage.sqlite import SQLiteStore
from tests.inventory.worlds import ENERGY
from tests.services.mover import Token

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Site:
    """The services of a site whose clock is set by the test, with one item to move."""

    def __init__(self, bungie, folder, session) -> None:
        self.bungie = bungie
        self.clock = BEGIN
        bungie.clock.set(BEGIN)
        main = bungie.player().main
        self.membership = Membership(type=main.type, membership_id=main.id)
        self.store = SQLiteStore(folder / "store.sqlite", now=self.now)
        definitions = ManifestDefinitions(Manifest(path_of(folder, "en")))
        self.profiles = Profiles(self.store, definitions, self.now)
        self.moves = MoveService(self.store, self.profiles, self.now)
        self.client = BungieClient(
            Transport(session, bungie.root, bungie.api_key, now=self.now),
            Token(bungie.sign_in()["access_token"], "1"),
            Pacing(spacing=0.0),
        )
        profile = self.load(anew=True)
        self.characters = [character.character_id for character in profile.characters[:2]]
        self.item = next(
            item
            for item in profile.items_in("vault", int(ENERGY))
            if not item.definition.unique_label
        )

    def now(self) -> datetime:
        return self.clock

    def load(self, *, anew=False):
        return self.profiles.load(self.client, self.membership, anew=anew).profile

    def pass_time(self, seconds: float) -> None:
        """Advance both clocks."""
        self.clock += timedelta(seconds=seconds)
        self.bungie.clock.advance(seconds)

    def owner_in_game(self) -> str:
        return self.bungie.holder_of(self.item.instance_id)

    def owner_on_page(self, *, anew=False) -> str:
        return self.load(anew=anew).instance(self.item.instance_id).owner

    def move(self) -> None:
        """Move the item between the vault and a character, from its owner on the page."""
        source = self.owner_on_page()
        report = self.moves.run(
            self.client,
            self.membership,
            MoveItem(
                move=Move(
                    item_hash=self.item.item_hash,
                    instance_id=self.item.instance_id,
                    source=source,
                    destination=self.characters[0] if source == "vault" else "vault",
                )
            ),
        )
        assert report.ok, report.message
        assert self.owner_on_page() == self.owner_in_game()


@pytest.fixture
def session():
    with http_session("tests") as session:
        yield session


@pytest.fixture
def site(bungie, folder, session):
    """A function that builds a new site, for each example of a property."""

    def build(**lag) -> Site:
        bungie.reset()
        bungie.configure(access_seconds=10_000_000, **lag)
        for file in folder.glob("store.sqlite*"):
            file.unlink()
        return Site(bungie, folder, session)

    yield build
    bungie.configure(cache_seconds=0.0, write_lag=0.0, access_seconds=3600)
    bungie.clock.run()


def test_with_a_clock_set_back_the_page_still_changes(site, bungie):
    built = site()
    with closing(built.store):
        built.clock -= timedelta(minutes=10)
        instance_id = built.item.instance_id
        control_game(bungie, event="dismantle", item=instance_id)
        assert built.load(anew=True).instance(instance_id) is None


def test_a_snapshot_from_the_future_counts_as_old(site, bungie):
    built = site()
    with closing(built.store):
        built.clock -= timedelta(minutes=10)
        control_game(bungie, event="dismantle", item=built.item.instance_id)
        # Loads from Bungie, because a snapshot from the future does not count as fresh.
        assert built.load().instance(built.item.instance_id) is None


@pytest.mark.parametrize("ahead", [60, 3600])
def test_a_mint_after_its_arrival_does_not_hide_a_move(site, bungie, ahead):
    built = site()
    with closing(built.store):
        bungie.clock.advance(ahead)
        built.load(anew=True)
        built.move()
        assert built.owner_on_page() == built.owner_in_game()
        assert built.owner_on_page(anew=True) == built.owner_in_game()


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move")),
        st.tuples(st.just("read")),
        st.tuples(st.just("pass"), st.sampled_from([1.0, 20.0, 70.0])),
        st.tuples(st.just("ours"), st.sampled_from([-3600.0, -600.0, -5.0, 5.0, 600.0])),
        st.tuples(st.just("theirs"), st.sampled_from([-3600.0, -600.0, -5.0, 5.0, 600.0])),
    ),
    max_size=8,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_with_any_change_of_the_clocks_the_page_shows_each_move_and_becomes_right(site, steps):
    built = site()
    with closing(built.store):
        for action, *amount in steps:
            if action == "move":
                built.move()
            elif action == "read":
                assert built.owner_on_page(anew=True) == built.owner_in_game()
            elif action == "pass":
                built.pass_time(*amount)
            elif action == "ours":
                built.clock += timedelta(seconds=amount[0])
            else:
                built.bungie.clock.advance(*amount)
        assert built.owner_on_page(anew=True) == built.owner_in_game()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_with_reads_that_lag_the_page_is_right_after_the_lag(site, steps):
    built = site(cache_seconds=60.0, write_lag=60.0)
    with closing(built.store):
        for action, *amount in steps:
            if action == "move" and built.owner_on_page() == built.owner_in_game():
                built.move()
            elif action == "read":
                built.load(anew=True)
            elif action == "pass":
                built.pass_time(*amount)
            elif action == "ours":
                built.clock += timedelta(seconds=amount[0])
            elif action == "theirs":
                built.bungie.clock.advance(*amount)
        # The lag has ended on Bungie's clock, also if that was set, and three minutes on ours.
        built.pass_time(2 * 3600)
        built.load(anew=True)
        built.pass_time(200)
        assert built.owner_on_page(anew=True) == built.owner_in_game()


def control_game(bungie, **event) -> None:
    import requests  # noqa: PLC0415

    address = f"{bungie.root}/sandbox/game"
    requests.post(address, json={"player": "Cayde#0006", **event}, timeout=10).raise_for_status()
