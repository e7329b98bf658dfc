"""The bodies of the actions: one shape per request of section "Actions" of Bungie's API."""

from typing import Annotated, TypeVar

import msgspec

from bungie_sandbox.errors import Code, Refusal
from bungie_sandbox.game_data.game import NO_INSTANCE

# In JSON an int64 is a string; in requests Bungie accepts a number too.
Int64 = Annotated[str, msgspec.Meta(pattern=r"^-?\d{1,19}$")] | int


class ActionRequest(msgspec.Struct, rename="camel", kw_only=True):
    """The fields of every action. No field is required: Bungie has a default for each."""

    sent_character_id: Int64 = msgspec.field(default=NO_INSTANCE, name="characterId")
    membership_type: int = 0

    @property
    def character_id(self) -> str:
        """The id of the character, as a string."""
        return str(self.sent_character_id)


class ItemRequest(ActionRequest, kw_only=True):
    """An action on one instance: EquipItem."""

    sent_item_id: Int64 = msgspec.field(default=NO_INSTANCE, name="itemId")

    @property
    def instance_id(self) -> str:
        """The instance id as a string; ``"0"`` for a stack."""
        return str(self.sent_item_id)


class StackRequest(ItemRequest, kw_only=True):
    """PullFromPostmaster."""

    item_reference_hash: int = 0
    stack_size: int = 0


class TransferRequest(StackRequest, kw_only=True):
    """TransferItem. A missing ``transferToVault`` counts as false."""

    transfer_to_vault: bool = False


class StateRequest(ItemRequest, kw_only=True):
    """SetLockState, SetTrackedState."""

    state: bool = False


class EquipItemsRequest(ActionRequest, kw_only=True):
    """EquipItems."""

    item_ids: list[Int64] = []


class Plug(msgspec.Struct, rename="camel", kw_only=True):
    """The ``plug`` of InsertSocketPlugFree."""

    socket_index: int = -1
    socket_array_type: int = 0
    plug_item_hash: int = 0


class InsertPlugRequest(ItemRequest, kw_only=True):
    """InsertSocketPlugFree."""

    plug: Plug = msgspec.field(default_factory=Plug)


class LoadoutRequest(ActionRequest, kw_only=True):
    """EquipLoadout, ClearLoadout; with hashes SnapshotLoadout, UpdateLoadoutIdentifiers."""

    loadout_index: int = 0
    color_hash: int | None = None
    icon_hash: int | None = None
    name_hash: int | None = None


ActionRequestType = TypeVar("ActionRequestType", bound=ActionRequest)


def decode(
    body: bytes, content_type: str, request_type: type[ActionRequestType]
) -> ActionRequestType:
    """Decode the body of an action.

    Raises:
        Refusal: 26 without a body; 30 for a body that is no JSON (a form, for example) or has
            wrong types; 25 for JSON that is no object.
    """
    if not body:
        raise Refusal(Code.MISSING_POST_BODY)
    if not content_type.startswith("application/json"):
        raise Refusal(Code.JSON_DESERIALIZATION)
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Refusal(Code.JSON_DESERIALIZATION) from error
    if not isinstance(value, dict):
        raise Refusal(Code.INVALID_POST_BODY)
    try:
        return msgspec.convert(value, request_type)
    except msgspec.ValidationError as error:
        raise Refusal(Code.JSON_DESERIALIZATION, {"field": str(error)}) from error
