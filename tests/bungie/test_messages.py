"""The messages of failures, which are logged: they name the operation and no player's id."""

import re

import pytest

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError
from destiny_web.bungie.models.profile import Reference
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from tests.gateway import Reply, gateway
from tests.services.mover import Token

MEMBERSHIP, CHARACTER, INSTANCE = (
    "4611686018467000010",
    "2305843009300000001",
    "6917530010000000001",
)
ITEM = Reference(item_hash=347366834, instance_id=INSTANCE, quantity=1)
ENVELOPE = f'{{"ErrorCode": 1620, "Message": "No character {CHARACTER} on {MEMBERSHIP}."}}'
CALLS = {
    "GetLinkedProfiles": lambda client: client.linked_profiles("20006001"),
    "GetProfile": lambda client: client.profile(3, MEMBERSHIP),
    "GetItem": lambda client: client.item(3, MEMBERSHIP, INSTANCE),
    "GetVendors": lambda client: client.vendors(3, MEMBERSHIP, CHARACTER),
    "GetVendor": lambda client: client.vendor(3, MEMBERSHIP, CHARACTER, 2190858386),
    "TransferItem": lambda client: client.transfer_item(3, CHARACTER, ITEM, to_vault=True),
}
REPLIES = {
    "an HTML page": Reply(500, b"<html></html>"),
    "too many calls": Reply(429, b""),
    "unavailable": Reply(503, b""),
    "another shape": Reply(200, b'{"ErrorCode": 1, "Response": 7}'),
    "a message with ids": Reply(500, ENVELOPE.encode()),
    "a truncated answer": Reply(200, b'{"ErrorCode": 1, "Resp'),
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_failure_names_its_operation_and_no_id(bungie, operation, reply):
    with gateway(bungie) as front, http_session("tests") as session:
        front.replies["/"] = reply
        error = failure_of(Transport(session, front.root, "key"), operation)
    if error is not None:  # an action takes any answer
        assert error.operation == operation
        assert not re.search("[0-9]{6}", error.message)


@pytest.mark.parametrize("operation", CALLS)
def test_a_connection_that_fails_names_no_id(operation):
    with http_session("tests") as session:
        error = failure_of(Transport(session, "http://127.0.0.1:9", "key"), operation)
    assert error.message == f"{operation}: no connection"


def failure_of(transport, operation):
    client = BungieClient(transport, Token("token", "20006001"), Pacing())
    try:
        CALLS[operation](client)
    except BungieError as error:
        return error
    return None
