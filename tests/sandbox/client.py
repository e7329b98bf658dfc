"""A client of the sandbox for tests: it sends every request without checking it."""

from typing import Any

import requests

from bungie_sandbox.game_data.game import NO_INSTANCE
from bungie_sandbox.server import Sandbox
from bungie_sandbox.world.belongings import VAULT, Item, Profile

EVERYTHING = (
    "100,101,102,103,104,105,200,201,202,203,204,205,206,300,301,302,303,304,305,306,307,308,"
    "309,310,500,600,700,800,900,1000,1100,1200,1300,1400"
)


class SandboxClient:
    """A client that is signed in as a player; with ``player=None`` it has no token."""

    def __init__(self, bungie: Sandbox, player: str | None = "", **headers: str) -> None:
        self.bungie = bungie
        self.root = bungie.root + "/Platform"
        self.session = requests.Session()
        self.session.headers["X-API-Key"] = bungie.api_key
        self.tokens = {}
        if player is not None:
            self.tokens = bungie.sign_in(player or None)
            self.session.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        self.session.headers.update(headers)
        self.player = bungie.player(player or None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    @property
    def profile(self) -> Profile:
        return self.bungie.profile(self.player.bungie_id)

    @property
    def membership_type(self) -> int:
        return self.player.main.type

    @property
    def path(self) -> str:
        return f"/Destiny2/{self.membership_type}/Profile/{self.player.main.id}/"

    @property
    def characters(self) -> list[str]:
        return list(self.profile.characters)

    def get(self, path: str, components: str = "", **query: Any) -> requests.Response:
        params = query | ({"components": components} if components else {})
        return self.session.get(self.root + path, params=params, timeout=10)

    def read(self, path: str, components: str = "", **query: Any) -> Any:
        """The Response of a read that must succeed."""
        response = self.get(path, components, **query).json()
        assert response["ErrorCode"] == 1, response
        return response["Response"]

    def post(self, path: str, body: Any) -> requests.Response:
        return self.session.post(self.root + path, json=body, timeout=10)

    def act(self, action: str, **body: Any) -> int:
        """The ErrorCode of an action on items; the first character and the type are filled in."""
        return self.send(f"/Destiny2/Actions/Items/{action}/", **body)

    def loadout(self, action: str, **body: Any) -> int:
        """The ErrorCode of an action on loadouts."""
        return self.send(f"/Destiny2/Actions/Loadouts/{action}/", **body)

    def send(self, path: str, **body: Any) -> int:
        filled = {"characterId": self.characters[0], "membershipType": self.membership_type} | body
        return self.post(path, filled).json()["ErrorCode"]

    def transfer(self, item: Item, character: str, *, to_vault: bool, amount: int = 1) -> int:
        return self.act(
            "TransferItem",
            itemReferenceHash=item.item_hash,
            itemId=item.instance_id or NO_INSTANCE,
            stackSize=amount,
            transferToVault=to_vault,
            characterId=character,
        )

    def pull(self, item: Item, amount: int = 1) -> int:
        return self.act(
            "PullFromPostmaster",
            itemReferenceHash=item.item_hash,
            itemId=item.instance_id or NO_INSTANCE,
            stackSize=amount,
            characterId=item.holder,
        )

    def equip(self, item: Item, character: str | None = None) -> int:
        return self.act(
            "EquipItem",
            itemId=item.instance_id or NO_INSTANCE,
            characterId=character or item.holder,
        )

    def lock(self, item: Item, *, state: bool, character: str | None = None) -> int:
        holder = self.characters[0] if item.holder == VAULT else item.holder
        return self.act(
            "SetLockState",
            itemId=item.instance_id or NO_INSTANCE,
            state=state,
            characterId=character or holder,
        )
