"""Bungie's API as this program uses it: one method per endpoint."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from destiny_web.bungie.errors import BungieError, FreshTokenRefused, TokenRefused
from destiny_web.bungie.models import profile as profile_models
from destiny_web.bungie.models.enums import BUNGIE_NEXT, Component, ErrorCode
from destiny_web.bungie.models.vendors import (
    OFFER_COMPONENTS,
    STOCK_COMPONENTS,
    VendorDetail,
    Vendors,
)
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.tokens import TokenSource
from destiny_web.bungie.transport import Transport

T = TypeVar("T")

INVENTORY_COMPONENTS = (
    Component.PROFILES,
    Component.PROFILE_INVENTORIES,
    Component.PROFILE_CURRENCIES,
    Component.CHARACTERS,
    Component.CHARACTER_INVENTORIES,
    Component.CHARACTER_EQUIPMENT,
    Component.ITEM_INSTANCES,
    Component.TRANSITORY,
)
"""Components of the inventory page: about a sixth of a full answer."""

ITEM_COMPONENTS = (
    Component.ITEM_STATS,
    Component.ITEM_SOCKETS,
)
"""Components of an item's page."""

_ITEMS = "/Destiny2/Actions/Items"


class BungieClient:
    """Calls with the access token of one player.

    Every action takes the membership type and a character id, raises ``Refused`` when the game
    refuses, and ``AnswerLost`` when it is unknown whether the action was carried out. The client
    never repeats an action, with one exception: a call that was refused because of its token was
    not carried out, and is sent once more with a new token. When Bungie refuses the new token as
    well, the call fails with ``FreshTokenRefused``.
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
        self,
        membership_type: int,
        membership_id: str,
        components: Iterable[int] = INVENTORY_COMPONENTS,
    ) -> profile_models.Profile:
        """Read the characters and items of a membership."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/"
        return self._get("GetProfile", path, profile_models.Profile, _components_query(components))

    def item(
        self,
        membership_type: int,
        membership_id: str,
        instance_id: str,
        components: Iterable[int] = ITEM_COMPONENTS,
    ) -> profile_models.ItemDetail:
        """Read one instance."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Item/{instance_id}/"
        return self._get("GetItem", path, profile_models.ItemDetail, _components_query(components))

    def vendors(self, membership_type: int, membership_id: str, character_id: str) -> Vendors:
        """Read every vendor's stock for a character, without rolls; takes up to ten seconds."""
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Character/{character_id}"
        return self._get(
            "GetVendors", f"{path}/Vendors/", Vendors, _components_query(STOCK_COMPONENTS)
        )

    def vendor(
        self, membership_type: int, membership_id: str, character_id: str, vendor_hash: int
    ) -> VendorDetail:
        """Read the stock of one vendor for a character, with rolls.

        Raises:
            VendorNotFound: the vendor is not in the game now, or Bungie hides the vendor.
        """
        path = f"/Destiny2/{membership_type}/Profile/{membership_id}/Character/{character_id}"
        return self._get(
            "GetVendor",
            f"{path}/Vendors/{vendor_hash}/",
            VendorDetail,
            _components_query(OFFER_COMPONENTS),
        )

    def transfer_item(
        self,
        membership_type: int,
        character_id: str,
        item: profile_models.Reference,
        *,
        to_vault: bool,
    ) -> None:
        """Move an item between a character and the vault."""
        body = _item(item) | {"transferToVault": to_vault}
        self._act("TransferItem", membership_type, character_id, body)

    def pull_from_postmaster(
        self, membership_type: int, character_id: str, item: profile_models.Reference
    ) -> None:
        """Move an item from a character's postmaster to that character."""
        self._act("PullFromPostmaster", membership_type, character_id, _item(item))

    def equip_item(self, membership_type: int, character_id: str, instance_id: str) -> None:
        """Equip an item that the character has."""
        self._act("EquipItem", membership_type, character_id, {"itemId": instance_id})

    def equip_items(
        self, membership_type: int, character_id: str, instance_ids: Sequence[str]
    ) -> dict[str, int]:
        """Equip several items in their order; return each one's ErrorCode by instance id.

        An item that Bungie leaves out of its answer is left out here.
        """
        body = {"itemIds": list(instance_ids)}
        results: profile_models.EquipResults = self._act(
            "EquipItems", membership_type, character_id, body, shape=profile_models.EquipResults
        )
        return {
            result.item_instance_id: result.equip_status for result in results.equip_results or ()
        }

    def set_lock_state(
        self, membership_type: int, character_id: str, instance_id: str, *, locked: bool
    ) -> None:
        """Lock or unlock an item; for an item in the vault, name any character of the account."""
        body = {"itemId": instance_id, "state": locked}
        self._act("SetLockState", membership_type, character_id, body)

    @property
    def clock_skew(self) -> timedelta:
        """How far Bungie's clock is ahead of ours."""
        return self._transport.clock_skew

    def rest(self) -> None:
        """Wait until the player's next action may start, also in another process."""
        self._pacing.wait_for_next(self._tokens.player)

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
        self._pacing.start(self._tokens.player)
        try:
            return self._authorized(
                action,
                lambda token: self._transport.post(
                    f"{_ITEMS}/{action}/", shape, body, token=token, operation=action
                ),
            )
        finally:
            self._pacing.end(self._tokens.player)

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
    """Calls without a player: they need the API key only."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def public_vendors(self) -> Vendors:
        """Read the stock of those vendors whose stock is the same for every player."""
        return self._transport.get(
            "/Destiny2/Vendors/",
            Vendors,
            params=_components_query(STOCK_COMPONENTS),
            operation="GetPublicVendors",
        )


def _components_query(components: Iterable[int]) -> dict[str, str]:
    # One comma-joined value: repeated keys are not understood.
    return {"components": ",".join(str(int(component)) for component in components)}


def _item(item: profile_models.Reference) -> dict[str, Any]:
    return {
        "itemReferenceHash": item.item_hash,  # needed for instances too
        "itemId": item.instance_id or "0",  # "0": a stack has no instance
        "stackSize": item.quantity,
    }
