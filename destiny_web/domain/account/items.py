"""Items: one thing that is unique, or many alike."""

from enum import StrEnum

import msgspec

from destiny_web.bungie.models.enums import ItemState, TransferStatus
from destiny_web.domain.account.definitions import ItemDefinition


class Location(StrEnum):
    """Where, with its owner, an item lies."""

    EQUIPPED = "equipped"
    BAG = "bag"
    VAULT = "vault"
    POSTMASTER = "postmaster"
    ACCOUNT = "account"


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An instance of an item, or a stack of items that are all alike.

    Attributes:
        definition: What it is.
        instance_id: None for a stack; a string, since it exceeds 2**53.
        owner: A character id, ``vault`` or ``account``.
        bucket_hash: Its home bucket, also while it lies in the vault or the postmaster.
        quantity: 1 for an instance.
        power: 0 when it has none.
        state: ``ItemState`` flags.
        transfer_status: ``TransferStatus`` flags, as of the last read.
        cannot_equip_reason: ``EquipFailureReason`` flags, as of the last read.
        tier: Gear tier, 1 to 5; 0 when it has none.
    """

    definition: ItemDefinition
    instance_id: str | None = None
    owner: str
    location: Location
    bucket_hash: int
    quantity: int = 1
    power: int = 0
    damage_type: int = 0
    state: int = 0
    transfer_status: int = 0
    cannot_equip_reason: int = 0
    required_level: int = 0
    lockable: bool = False
    tier: int = 0
    energy: int = 0

    @property
    def item_hash(self) -> int:
        """What it is, as a number."""
        return self.definition.item_hash

    @property
    def name(self) -> str:
        """Its name."""
        return self.definition.name

    @property
    def equipped(self) -> bool:
        """It is worn."""
        return self.location is Location.EQUIPPED

    @property
    def locked(self) -> bool:
        """It is protected from being dismantled (locked items move freely)."""
        return bool(self.state & ItemState.LOCKED)

    @property
    def masterwork(self) -> bool:
        """It is a masterwork."""
        return bool(self.state & ItemState.MASTERWORK)

    @property
    def crafted(self) -> bool:
        """It was made by its owner."""
        return bool(self.state & ItemState.CRAFTED)

    @property
    def transferable(self) -> bool:
        """It may leave its owner, if there is a way."""
        return self.definition.transferable and not (
            self.transfer_status & TransferStatus.NOT_TRANSFERABLE
        )
