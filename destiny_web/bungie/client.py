"""Bungie's API as this program uses it: one method per endpoint."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from destiny_web.bungie.errors import BungieError, FreshTokenRefused, TokenRefused
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import BUNGIE_NEXT, Component, ErrorCode
from destiny_web.bungie.models.vendors import OFFERS, STOCK, VendorDetail, Vendors
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.tokens import TokenSource
from destiny_web.bungie.transport import Transport

T = TypeVar("T")

INVENTORY = (
    Component.PROFILES,
    Component.PROFILE_INVENTORIES,
    Component.PROFILE_CURRENCIES,
    Component.CHARACTERS,
    Component.CHARACTER_INVENTORIES,
    Component.CHARACTER_EQUIPMENT,
    Component.ITEM_INSTANCES,
)
"""What the inventory page shows: about a sixth of a full answer."""

DETAIL = (
    Component.ITEM_INSTANCES,
    Component.ITEM_PERKS,
    Component.ITEM_STATS,
    Component.ITEM_SOCKETS,
    Component.ITEM_COMMON_DATA,
)
"""What an item's page shows."""

_ITEMS = "/Destiny2/Actions/Items"


class BungieClient:
    """Calls in the name of one player.

    Every action takes the membership's type and the owner's id, raises a ``Refused`` when
    the game says no, and ``AnswerLost`` when it is not known what came of it. No action is
    ever sent twice by itself, but for one case: a call that was refused because of its
    token was not carried out, and goes out once more with a new token. When Bungie refuses
    the new token as well, the call fails as ``FreshTokenRefused``.
    """

    def __init__(self, transport: Transport, tokens: TokenSource, pacing: Pacing) -> None:
        self._transport = transport
        self._tokens = tokens
        self._pacing = pacing

    def linked_profiles(self, bungie_membership_id: str) -> profile_models.LinkedProfiles:
        """List the Destiny accounts of a Bungie.net account."""
        path = f"/Destiny2/{BUNGIE_NEXT}/Profile/{bungie_membership_id}/LinkedProfiles/"
        return self._get(
            "GetLinkedProfiles", path, profile_models.LinkedProfiles, {"getAllMemberships": "true"}
        )

    def profile(
        self, membership_type: int, membership_id: str, components: Iterable[int] = INVENTORY
    ) -> profile_models.Profile:
        """Read everything that a membership owns."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/"
        return self._get("GetProfile", path, profile_models.Profile, _asked(components))

    def item(
        self,
        membership_type: int,
        membership_id: str,
        instance_id: str,
        components: Iterable[int] = DETAIL,
    ) -> profile_models.ItemDetail:
        """Read one instance."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Item/{instance_id}/"
        return self._get("GetItem", path, profile_models.ItemDetail, _asked(components))

    def vendors(self, membership_type: int, membership_id: str, character_id: str) -> Vendors:
        """Read what every vendor sells to a character, without rolls; takes up to ten seconds."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Character/{character_id}"
        return self._get("GetVendors", f"{path}/Vendors/", Vendors, _asked(STOCK))

    def vendor(
        self, membership_type: int, membership_id: str, character_id: str, vendor_hash: int
    ) -> VendorDetail:
        """Read what one vendor sells to a character, with rolls.

        Raises:
            VendorNotFound: not in the world now, or hidden by Bungie.
        """
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Character/{character_id}"
        return self._get(
            "GetVendor", f"{path}/Vendors/{vendor_hash}/", VendorDetail, _asked(OFFERS)
        )

    def transfer_item(
        self,
        membership_type: int,
        character_id: str,
        item: profile_models.Reference,
        *,
        to_vault: bool,
    ) -> None:
        """Move an item between a character, who gives or receives it, and the vault."""
        body = _item(item) | {"transferToVault": to_vault}
        self._act("TransferItem", membership_type, character_id, body)

    def pull_from_postmaster(
        self, membership_type: int, character_id: str, item: profile_models.Reference
    ) -> None:
        """Take an item out of a character's own postmaster."""
        self._act("PullFromPostmaster", membership_type, character_id, _item(item))

    def equip_item(self, membership_type: int, character_id: str, instance_id: str) -> None:
        """Equip an item that the character holds."""
        self._act("EquipItem", membership_type, character_id, {"itemId": instance_id})

    def equip_items(
        self, membership_type: int, character_id: str, instance_ids: Sequence[str]
    ) -> dict[str, int]:
        """Equip several items in their order; return each one's ErrorCode by instance id.

        An item that Bungie leaves out of its answer is left out here.
        """
        body = {"itemIds": list(instance_ids)}
        answer = self._act(
            "EquipItems", membership_type, character_id, body, shape=profile_models.EquipResults
        )
        return {one.item_instance_id: one.equip_status for one in answer.equip_results or ()}

    def set_lock_state(
        self, membership_type: int, character_id: str, instance_id: str, *, locked: bool
    ) -> None:
        """Lock or unlock an item; for one in the vault any character of the account will do."""
        body = {"itemId": instance_id, "state": locked}
        self._act("SetLockState", membership_type, character_id, body)

    @property
    def clock_skew(self) -> timedelta:
        """How far Bungie's clock is ahead of ours."""
        return self._transport.clock_skew

    def rest(self) -> None:
        """Return when the player's next action may start, in whatever process."""
        self._pacing.rest(self._tokens.player)

    def _get(self, operation: str, path: str, shape: type[T], params: dict[str, str]) -> T:
        return self._authorized(
            operation,
            lambda token: self._transport.get(
                path, shape, token=token, params=params, operation=operation
            ),
        )

    def _act(
        self,
        action: str,
        membership_type: int,
        character_id: str,
        body: dict[str, Any],
        *,
        shape: Any = object,
    ) -> Any:
        body |= {"characterId": character_id, "membershipType": membership_type}
        self._pacing.wait(self._tokens.player)
        try:
            return self._authorized(
                action,
                lambda token: self._transport.post(
                    f"{_ITEMS}/{action}/", shape, body, token=token, operation=action
                ),
            )
        finally:
            self._pacing.ended(self._tokens.player)

    def _authorized(self, operation: str, send: Callable[[str], T]) -> T:
        try:
            token = self._tokens.access_token()
            try:
                return send(token)
            except TokenRefused as refusal:
                fresh = self._renew(token, refusal)
            try:
                return send(fresh)
            except TokenRefused as refusal:
                raise FreshTokenRefused(refusal.message, code=refusal.code) from refusal
        except BungieError as error:
            error.operation = operation
            raise

    def _renew(self, token: str, refusal: TokenRefused) -> str:
        if refusal.code == ErrorCode.ACCESS_TOKEN_HAS_EXPIRED:
            return self._tokens.renew(token, expired=True)
        return self._tokens.renew(token)


class PublicClient:
    """Calls in nobody's name: the API key is all that they need."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def public_vendors(self) -> Vendors:
        """Read what those vendors sell whose stock is the same for everybody."""
        return self._transport.get(
            "/Destiny2/Vendors/", Vendors, params=_asked(STOCK), operation="GetPublicVendors"
        )


def _asked(components: Iterable[int]) -> dict[str, str]:
    # One comma-joined value: repeated keys are not understood.
    return {"components": ",".join(str(int(component)) for component in components)}


def _item(item: profile_models.Reference) -> dict[str, Any]:
    return {
        "itemReferenceHash": item.item_hash,  # needed for instances too
        "itemId": item.instance_id or "0",  # "0": a stack has no instance
        "stackSize": item.quantity,
    }
