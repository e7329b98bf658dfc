"""Arranges Xûr's stock on the page: chips that filter it, and sections that fold.

For a player who can buy, the sections say what to do with an item: it is new, it is owned, it is
locked. For everybody else they say what kind of item it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from destiny_web.bungie.models.enums import ANY_CLASS
from destiny_web.xur.presenter import Kind, SaleItemView, ScreenView, list_buyable_items
from destiny_web.xur.text import strip_control_characters

_NAMED_ITEMS: Final = 4
"""How many items the heading of a folded section names; it only counts the rest."""

_FEW_ROWS: Final = 24
"""Up to this number of rows, all of them are in sight at first."""


class Filter(StrEnum):
    """The values of ``show`` that name a filter; another value is the hash of a vendor."""

    MISSING = "missing"
    CLASS = "class"
    AFFORDABLE = "affordable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A link that shows a part of the stock.

    Attributes:
        show: Value of the query parameter ``show``; ``""`` for the whole stock.
        screen_link: The sale item that opens the screen of this chip, where there is one.
    """

    label: str
    count: int
    show: str
    is_current: bool
    screen_link: SaleItemView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGroup:
    """The rows of a section that are on the same screen of Xûr."""

    screen_name: str
    sale_items: tuple[SaleItemView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSection:
    """A section that folds.

    Attributes:
        anchor: HTML id.
        note: What all rows share, beside the title.
        names: The first items by name, for the heading while the section is folded.
        is_open: The section is not folded at first.
        is_compact: No row has perks or stats, so that several rows fit side by side.
    """

    anchor: str
    title: str
    note: str
    names: str
    groups: tuple[OfferGroup, ...]
    count: int
    is_open: bool
    is_compact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOffers:
    """Xûr's stock as the page shows it.

    Attributes:
        is_known: There is a stock, even if the current filter leaves nothing of it.
        show: The current filter; ``""`` for the whole stock.
    """

    is_known: bool
    show: str
    chips: tuple[Chip, ...]
    sections: tuple[OfferSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The character who can buy the stock."""

    class_type: int
    class_name: str


_Predicate = Callable[[SaleItemView], bool]


def arrange_offers(
    screens: Sequence[ScreenView], show: str, buyer: Buyer | None, *, is_past: bool = False
) -> PageOffers:
    """Arrange the stock in sections, and build the chips.

    Args:
        screens: Xûr's stock.
        show: The value of the query parameter; an unknown value shows the whole stock.
        buyer: None when no player is signed in; without effect when the stock is past.
        is_past: The stock cannot be bought any more.
    """
    buyer = None if is_past else buyer
    predicates = _list_predicates(screens, buyer)
    show = show if show in predicates else ""
    sale_items = list(filter(predicates[show], list_buyable_items(screens)))
    key_of = (lambda item: _key_for_buyer(item, buyer)) if buyer else _key_by_kind
    sections: list[OfferSection] = []
    for anchor, title, note in _titles_for(buyer) if buyer else _TITLES_BY_KIND:
        section_items = [item for item in sale_items if key_of(item) == anchor]
        if section_items:
            # By kind, all that is short is open. For a player what is new is open, and so is
            # for a past stock the first section; but a short choice is open as a whole.
            is_by_kind = buyer is None and not is_past
            opened_items = section_items if is_by_kind else sale_items
            is_short = (is_by_kind or bool(show)) and len(opened_items) <= _FEW_ROWS
            sections.append(
                OfferSection(
                    anchor=anchor,
                    title=title,
                    note=note or _shared_refusal(section_items),
                    names=_list_names(section_items),
                    groups=_group_by_screen(section_items, screens),
                    count=len(section_items),
                    is_open=is_short or not sections,
                    is_compact=not any(item.perks or item.stats for item in section_items),
                )
            )
    return PageOffers(
        is_known=bool(screens),
        show=show,
        chips=_build_chips(screens, show, predicates),
        sections=tuple(sections),
    )


_NEW, _OWNED, _OTHER, _OTHER_CLASSES, _LOCKED = "new", "owned", "materials", "classes", "locked"

_TITLES_BY_KIND: Final = (
    (Kind.WEAPON, "Weapons", ""),
    (Kind.ARMOR, "Armor", ""),
    (Kind.OTHER, "Materials, engrams and more", ""),
)


def _titles_for(buyer: Buyer) -> tuple[tuple[str, str, str], ...]:
    """Return the sections for a player, in order: HTML id, title, and what its rows share."""
    return (
        (_NEW, "New to you", "you have none of these"),
        (_OWNED, "You own these", ""),
        (_OTHER, "Materials, engrams and more", ""),
        (_OTHER_CLASSES, "For other classes", f"a {buyer.class_name} cannot use these"),
        (_LOCKED, "Locked", ""),
    )


def _key_for_buyer(item: SaleItemView, buyer: Buyer) -> str:
    if item.locked:
        return _LOCKED
    if item.for_class not in {ANY_CLASS, buyer.class_type}:
        return _OTHER_CLASSES
    if item.acquired or (item.owned and item.is_collectible):
        return _OWNED
    return _NEW if item.is_collectible else _OTHER


def _key_by_kind(item: SaleItemView) -> str:
    return item.kind


def _list_predicates(screens: Sequence[ScreenView], buyer: Buyer | None) -> dict[str, _Predicate]:
    """Return which sale items each value of ``show`` selects, in the order of the chips."""
    predicates: dict[str, _Predicate] = {"": lambda _: True}
    if buyer:
        predicates[Filter.MISSING] = lambda item: _key_for_buyer(item, buyer) == _NEW
        predicates[Filter.CLASS] = lambda item: item.for_class == buyer.class_type
        predicates[Filter.AFFORDABLE] = lambda item: not item.locked and item.affordable != 0
    if len(screens) > 1:
        for screen in screens:
            predicates[str(screen.vendor_hash)] = _is_on(screen)
    return predicates


def _is_on(screen: ScreenView) -> _Predicate:
    return lambda item: item.vendor_hash == screen.vendor_hash


def _build_chips(
    screens: Sequence[ScreenView], show: str, predicates: dict[str, _Predicate]
) -> tuple[Chip, ...]:
    labels = {
        "": "All",
        Filter.MISSING: "New to you",
        Filter.CLASS: "My class",
        Filter.AFFORDABLE: "Can afford",
    } | {str(screen.vendor_hash): screen.name for screen in screens}
    screen_links: dict[str, list[SaleItemView]] = {}
    for screen in screens:
        for link in screen.screen_links:
            screen_links.setdefault(str(link.opens_vendor_hash), []).append(link)
    sale_items = list_buyable_items(screens)
    return tuple(
        Chip(
            label=labels[value],
            count=sum(map(predicate, sale_items)),
            show=value,
            is_current=value == show,
            screen_link=screen_link,
        )
        for value, predicate in predicates.items()
        for screen_link in screen_links.get(value, [None])
    )


def _group_by_screen(
    sale_items: Iterable[SaleItemView], screens: Iterable[ScreenView]
) -> tuple[OfferGroup, ...]:
    rows: dict[int, list[SaleItemView]] = {}
    for item in sale_items:
        rows.setdefault(item.vendor_hash, []).append(item)
    return tuple(
        OfferGroup(screen_name=screen.name, sale_items=tuple(rows[screen.vendor_hash]))
        for screen in screens
        if screen.vendor_hash in rows
    )


def _shared_refusal(sale_items: Sequence[SaleItemView]) -> str:
    refusals = {item.refusals for item in sale_items}
    return " ".join(refusals.pop()) if len(refusals) == 1 else ""


def _list_names(sale_items: Iterable[SaleItemView]) -> str:
    # A control character in one name would change the direction of those that follow.
    names = list(dict.fromkeys(strip_control_characters(item.name) for item in sale_items))
    listed = ", ".join(names[:_NAMED_ITEMS])
    return f"{listed} and {len(names) - _NAMED_ITEMS} more" if names[_NAMED_ITEMS:] else listed
