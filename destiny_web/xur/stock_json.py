"""Xûr's presence and stock as JSON; docs/xur.md contains the schema."""

from datetime import datetime
from typing import Any, Final

import msgspec

from destiny_web.services.xur.stock import StockState
from destiny_web.xur.feeds import format_iso
from destiny_web.xur.presenter import SaleItemView, ScreenView, build_screens

VERSION: Final = 1
"""Version of the schema: increases when a key is removed or changes its meaning."""


def build_stock_json(state: StockState, image_root: str) -> bytes:
    """Write presence and stock as JSON.

    Args:
        state: What is known about Xûr.
        image_root: ``BUNGIE_ROOT``.
    """
    presence = state.presence
    return msgspec.json.encode(
        {
            "version": VERSION,
            "here": presence.here,
            "since": _optional_iso(presence.since),
            "until": _optional_iso(presence.until),
            "stock": _encode_stock(state, image_root),
        }
    )


def _encode_stock(state: StockState, image_root: str) -> dict[str, Any] | None:
    stock = state.stock
    if stock is None:
        return None
    return {
        "past": state.past,
        "arrives": format_iso(stock.visit.arrives),
        "leaves": format_iso(stock.visit.leaves),
        "changed_at": format_iso(stock.changed_at),
        "screens": [_encode_screen(screen) for screen in build_screens(stock.screens, image_root)],
    }


def _encode_screen(screen: ScreenView) -> dict[str, Any]:
    return {
        "vendor_hash": screen.vendor_hash,
        "name": screen.name,
        "offers": [_encode_sale_item(sale_item) for sale_item in screen.sale_items],
    }


def _encode_sale_item(sale_item: SaleItemView) -> dict[str, Any]:
    return {
        "vendor_item_index": sale_item.index,
        "item_hash": sale_item.item_hash,
        "name": sale_item.name,
        "type": sale_item.type_name,
        "rarity": sale_item.rarity_name,
        "element": sale_item.element_name,
        "class": sale_item.class_name,
        "icon": sale_item.icon,
        "quantity": sale_item.quantity,
        "opens": sale_item.opens_vendor_hash,
        "costs": [
            {
                "item_hash": cost.item_hash,
                "name": cost.name,
                "icon": cost.icon,
                "quantity": cost.quantity,
            }
            for cost in sale_item.costs
        ],
    }


def _optional_iso(moment: datetime | None) -> str | None:
    return format_iso(moment) if moment else None
