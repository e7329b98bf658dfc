"""Lists where an item can go, as JSON for scripts: by the same rules as the panel's buttons.

Each destination has the request that its button in the panel sends, so a script that carries out
a gesture builds no request of its own.
"""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from destiny_web.domain.account.characters import ACCOUNT
from destiny_web.domain.account.items import Item, Location
from destiny_web.domain.account.profile import Profile
from destiny_web.inventory import detail
from destiny_web.inventory.board_builder import cell_id_of
from destiny_web.inventory.detail import DestinationChoice
from destiny_web.inventory.loader import find_stack


def find_item(profile: Profile, args: MultiDict[str, str]) -> Item | None:
    """Find the item that the query of a request names.

    Args:
        profile: The account.
        args: ``item_instance_id``; for a stack ``item_hash`` and ``owner``, and ``lost=1`` when
            it is in the owner's postmaster.

    Returns:
        None when the account has no such item.
    """
    instance_id = args.get("item_instance_id", "")
    if instance_id:
        return profile.instance(instance_id)
    return find_stack(
        profile,
        args.get("owner", ""),
        args.get("item_hash", 0, type=int),
        is_in_postmaster=args.get("lost") == "1",
    )


def list_destinations(profile: Profile, item: Item) -> dict[str, list[dict[str, Any]]]:
    """List the owners that an item can be moved to, and the characters that can equip it.

    A gesture moves a stack as a whole, where the panel asks for the quantity: a stack that does
    not fit as a whole is refused here.

    Returns:
        ``{"move": [destination], "equip": [destination]}``. A destination is ``{"owner": str,
        "name": str, "is_available": bool, "reason": str, "action": str, "fields": {str: str}}``:
        without a reason and not available, the item is there already. ``action`` is the address
        to post ``fields`` to, beside the CSRF token and the idempotency key.
    """
    quantity = detail.count_quantity(profile, item)
    move_choices = detail.build_move_choices(profile, item, quantity, "")
    equip_choices = detail.build_equip_choices(profile, item, "")
    return {
        "move": _describe(item, quantity, move_choices),
        "equip": _describe(item, 1, equip_choices, equip="1"),
    }


def _describe(
    item: Item, quantity: int, choices: Iterable[DestinationChoice], **fields: str
) -> list[dict[str, Any]]:
    item_fields = {
        "item_hash": str(item.item_hash),
        "item_instance_id": item.instance_id or "",
        "on": item.owner,
        "place": cell_id_of(item),
        "quantity": str(quantity),
    }
    return [
        {
            "owner": choice.owner,
            "name": choice.name,
            "is_available": choice.is_available,
            "reason": choice.reason,
        }
        | _request_of(item, choice, item_fields | fields)
        for choice in choices
    ]


def _request_of(item: Item, choice: DestinationChoice, fields: dict[str, str]) -> dict[str, Any]:
    """Return the request of a button: "Collect from the postmaster" or one of the transfer form."""
    is_pull = item.location is Location.POSTMASTER and choice.owner in {item.owner, ACCOUNT}
    if is_pull and "equip" not in fields:
        return {
            "action": url_for("inventory.pull"),
            "fields": fields | {"character_id": item.owner},
        }
    return {
        "action": url_for("inventory.transfer"),
        "fields": fields | {"source": item.owner, "destination": choice.owner},
    }
