"""Moves in a process of its own: `python -m tests.services.mover`, with JSON on standard input."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from destiny_web.domain.account.characters import Membership
from destiny_web.domain.moves.errors import MoveError
from destiny_web.domain.moves.planner import Move
from destiny_web.manifest.store import Manifest, path_of
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.moves.commands import MoveItem
from destiny_web.services.moves.outcome import Report
from destiny_web.services.moves.service import MoveService
from destiny_web.services.profiles import Profiles
from destiny_web.storage.sqlite import SQLiteStore


class Token:
    """A ``TokenSource`` whose access token does not expire."""

    def __init__(self, token: str, player: str) -> None:
        self._token = token
        self.player = player

    def access_token(self) -> str:
        return self._token

    def renew(self, refused: str) -> str:
        raise AssertionError(refused)


def now() -> datetime:
    return datetime.now(UTC)


def build_services(order: dict):
    """Return move service, profiles, client and membership, and the resources to close."""
    folder = Path(order["folder"])
    store = SQLiteStore(folder / "store.sqlite")
    profiles = Profiles(store, ManifestDefinitions(Manifest(path_of(folder, "en"))), now)
    moves = MoveService(store, profiles, now)
    session = http_session("tests")
    transport = Transport(session, order["root"], order["api_key"])
    client = BungieClient(transport, Token(order["token"], "1"), Pacing())
    membership = Membership(type=order["type"], membership_id=order["membership"])
    return moves, profiles, client, membership, (store, session)


def main() -> None:
    """Make the moves of the order, and print the result of each."""
    order = json.load(sys.stdin)
    moves, _, client, membership, _ = build_services(order)
    print("ready", flush=True)
    for move in order["moves"]:
        try:
            command = MoveItem(move=Move(**move))
            report: Report = moves.run(client, membership, command)
        except MoveError as refusal:
            print(json.dumps({"ok": False, "said": str(refusal), "steps": 0}), flush=True)
            continue
        count = sum(result.ok for result in report.results)
        print(json.dumps({"ok": report.ok, "said": report.message, "steps": count}), flush=True)


if __name__ == "__main__":
    main()
