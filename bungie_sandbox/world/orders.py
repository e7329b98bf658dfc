"""What the bodies of the actions say: one shape per request of section "Actions"."""

from typing import Annotated, TypeVar

import msgspec

from bungie_sandbox.game_data.game import NO_INSTANCE
from bungie_sandbox.refusals import Code, Refusal

# int64 is a string on the wire; in requests Bungie takes a number as well.
Int64 = Annotated[str, msgspec.Meta(pattern=r"^-?\d{1,19}$")] | int


class Order(msgspec.Struct, rename="camel", kw_only=True):
    """What every action says. No field is required, so each has what it counts as."""

    character_id: Int64 = NO_INSTANCE
    membership_type: int = 0

    @property
    def character(self) -> str:
        """The character's id, as a string."""
        return str(self.character_id)


class ItemOrder(Order, kw_only=True):
    """An order about one instance: EquipItem."""

    item_id: Int64 = NO_INSTANCE

    @property
    def instance(self) -> str:
        """The instance id; ``"0"`` for a stack."""
        return str(self.item_id)


class StackOrder(ItemOrder, kw_only=True):
    """PullFromPostmaster."""

    item_reference_hash: int = 0
    stack_size: int = 0


class TransferOrder(StackOrder, kw_only=True):
    """TransferItem. A missing ``transferToVault`` counts as false."""

    transfer_to_vault: bool = False


class StateOrder(ItemOrder, kw_only=True):
    """SetLockState, SetTrackedState."""

    state: bool = False


class SetOrder(Order, kw_only=True):
    """EquipItems."""

    item_ids: list[Int64] = []


class Plug(msgspec.Struct, rename="camel", kw_only=True):
    """The plug of InsertSocketPlugFree."""

    socket_index: int = -1
    socket_array_type: int = 0
    plug_item_hash: int = 0


class PlugOrder(ItemOrder, kw_only=True):
    """InsertSocketPlugFree."""

    plug: Plug = msgspec.field(default_factory=Plug)


class LoadoutOrder(Order, kw_only=True):
    """EquipLoadout, ClearLoadout; with hashes SnapshotLoadout, UpdateLoadoutIdentifiers."""

    loadout_index: int = 0
    color_hash: int | None = None
    icon_hash: int | None = None
    name_hash: int | None = None


Kind = TypeVar("Kind", bound=Order)


def read(body: bytes, content_type: str, kind: type[Kind]) -> Kind:
    """Read the body of an action.

    Raises:
        Refusal: 26 without a body, 30 for what is not JSON or of the wrong types (a
            form, say), 25 for JSON that is no object.
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
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Refusal(Code.JSON_DESERIALIZATION, {"field": str(error)}) from error
