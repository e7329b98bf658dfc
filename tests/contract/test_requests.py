"""Every request of the site's client fits Bungie's official description."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bungie_sandbox.server import Sandbox, running
from destiny_web.bungie.client import BungieClient, PublicClient
from destiny_web.bungie.errors import Refused
from destiny_web.bungie.models.profile import Reference
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from tests.contract import official


class FixedToken:
    """A token source with one token that is always valid."""

    def __init__(self, token: str) -> None:
        self._token = token

    @property
    def player(self) -> str:
        return "1"

    def access_token(self) -> str:
        return self._token

    def renew(self, refused: str) -> str:
        raise AssertionError(refused)


def create_client(bungie: Sandbox) -> BungieClient:
    transport = Transport(http_session("tests"), bungie.root, bungie.api_key)
    tokens = FixedToken(bungie.sign_in()["access_token"])
    return BungieClient(transport, tokens, Pacing())


MEMBERSHIP_TYPE, MEMBERSHIP, CHARACTER, ITEM = (
    3,
    "4611686018467000010",
    "2305843009260000100",
    "69175",
)
INSTANCE = Reference(item_hash=3853748946, instance_id=ITEM)
STACK = Reference(item_hash=3853748946, instance_id=None, quantity=5)
CALLS = {
    "linked_profiles": [lambda client: client.linked_profiles("20006001")],
    "profile": [
        lambda client: client.profile(MEMBERSHIP_TYPE, MEMBERSHIP),
        lambda client: client.profile(MEMBERSHIP_TYPE, MEMBERSHIP, [200]),
    ],
    "item": [lambda client: client.item(MEMBERSHIP_TYPE, MEMBERSHIP, ITEM)],
    "vendors": [lambda client: client.vendors(MEMBERSHIP_TYPE, MEMBERSHIP, CHARACTER)],
    "vendor": [lambda client: client.vendor(MEMBERSHIP_TYPE, MEMBERSHIP, CHARACTER, 2190858386)],
    "transfer_item": [
        lambda client: client.transfer_item(MEMBERSHIP_TYPE, CHARACTER, INSTANCE, to_vault=True),
        lambda client: client.transfer_item(MEMBERSHIP_TYPE, CHARACTER, STACK, to_vault=False),
    ],
    "pull_from_postmaster": [
        lambda client: client.pull_from_postmaster(MEMBERSHIP_TYPE, CHARACTER, STACK),
    ],
    "equip_item": [lambda client: client.equip_item(MEMBERSHIP_TYPE, CHARACTER, ITEM)],
    "equip_items": [lambda client: client.equip_items(MEMBERSHIP_TYPE, CHARACTER, [ITEM, ITEM])],
    "set_lock_state": [
        lambda client: client.set_lock_state(MEMBERSHIP_TYPE, CHARACTER, ITEM, locked=True),
    ],
}

SENDS_NOTHING = {"rest", "clock_skew"}


def list_violations(bungie: Sandbox) -> list[str]:
    return [
        f"{entry.method} {entry.path}: {violation}"
        for entry in bungie.requests
        if entry.path.startswith("/Platform/")
        for violation in official.find_request_violations(
            entry.method, entry.path.removeprefix("/Platform"), entry.query, entry.body
        )
    ]


@pytest.mark.parametrize("method", sorted(CALLS))
def test_a_request_of_the_client_is_as_described(method):
    with running(vault=5) as bungie:
        bungie.clock.set(datetime(2026, 11, 21, 12, tzinfo=UTC))  # a weekend: Xûr is present
        client = create_client(bungie)
        for call in CALLS[method]:
            with suppress(Refused):  # this test checks only the request
                call(client)
        assert len(bungie.requests) == len(CALLS[method])
        assert list_violations(bungie) == []


def test_the_request_without_a_token_is_as_described():
    with running(vault=5) as bungie:
        public = PublicClient(Transport(http_session("tests"), bungie.root, bungie.api_key))
        assert public.public_vendors().vendors
        assert [entry.operation for entry in bungie.requests] == ["GetPublicVendors"]
        assert list_violations(bungie) == []


def test_every_request_of_the_client_is_checked():
    public = {name for name in vars(BungieClient) if not name.startswith("_")}
    assert public - SENDS_NOTHING == CALLS.keys()
