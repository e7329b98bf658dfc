"""Items: an instance is unique, a stack is a number of equal items."""

from enum import StrEnum

import msgspec

from destiny_web.bungie.models.enums import ItemState, ItemType, TransferStatus
from destiny_web.domain.account.definitions import ItemDefinition


class Location(StrEnum):
    """Where an item is; its owner is told separately."""

    EQUIPPED = "equipped"
    BAG = "bag"
    VAULT = "vault"
    POSTMASTER = "postmaster"
    ACCOUNT = "account"


# As plain numbers: an operation on an IntFlag takes as long as everything else about an item.
_LOCKED = int(ItemState.LOCKED)
_MASTERWORK = int(ItemState.MASTERWORK)
_CRAFTED = int(ItemState.CRAFTED)
_ENHANCED = int(ItemState.ENHANCED)
_NOT_TRANSFERABLE = int(TransferStatus.NOT_TRANSFERABLE)


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An instance of an item, or a stack of equal items.

    Attributes:
        definition: The static data of the item.
        instance_id: None for a stack; a string, since the number exceeds 2**53.
        owner: A character id, ``vault`` or ``account``.
        bucket_hash: The bucket of the item on a character, also while the item is in the vault
            or the postmaster.
        quantity: 1 for an instance.
        power: 0 when the item has none that counts: only weapons, armor and engrams have one.
        state: ``ItemState`` flags.
        transfer_status: ``TransferStatus`` flags, at the time of the last read.
        cannot_equip_reason: ``EquipFailureReason`` flags, at the time of the last read.
        tier: Gear tier, 1 to 5; 0 when the item has none.
        champion: Breaker type: the champions that the item stuns; 0 for none. Its name is
            ``enums.champion_name``.
        version_number: Which version of the definition the item is; None when Bungie does not say.
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
    champion: int = 0
    version_number: int | None = None

    @property
    def item_hash(self) -> int:
        """The hash of the definition."""
        return self.definition.item_hash

    @property
    def name(self) -> str:
        """The name of the definition."""
        return self.definition.name

    @property
    def watermark(self) -> str:
        """The path of the season's watermark, an overlay for the icon; ``""`` for none."""
        return self.definition.watermark_of(self.version_number)

    @property
    def equipped(self) -> bool:
        """Whether a character has the item equipped."""
        return self.location is Location.EQUIPPED

    @property
    def locked(self) -> bool:
        """Whether the item is protected from being dismantled; it can still be moved."""
        return bool(self.state & _LOCKED)

    @property
    def masterwork(self) -> bool:
        """Whether the item is a masterwork. On a subclass the flag has no meaning."""
        return bool(self.state & _MASTERWORK) and self.definition.item_type != ItemType.SUBCLASS

    @property
    def crafted(self) -> bool:
        """Whether the player has crafted the item. An enhanced item has that flag too."""
        return self.state & (_CRAFTED | _ENHANCED) == _CRAFTED

    @property
    def enhanced(self) -> bool:
        """Whether the player has enhanced a weapon that dropped; never crafted as well."""
        return bool(self.state & _ENHANCED)

    @property
    def transferable(self) -> bool:
        """Whether the item may leave its owner; there may still be no room for it."""
        return self.definition.transferable and not (self.transfer_status & _NOT_TRANSFERABLE)

    @property
    def sequence_number(self) -> int:
        """The instance id as a number: later instances have greater ones; 0 without such an id."""
        instance_id = self.instance_id or ""
        return int(instance_id) if instance_id.isdecimal() and instance_id.isascii() else 0
