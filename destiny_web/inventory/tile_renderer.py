"""Renders tiles and keeps their HTML: a tile depends on nothing but its item.

A page has up to two thousand tiles, and after a move one or two of them differ. The items are
frozen and hashable, so the item itself is the key.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import cast

from flask import Flask, current_app
from jinja2 import Environment
from markupsafe import Markup

from destiny_web.domain.account.items import Item
from destiny_web.inventory.tiles import TileContext, build_tile, describe_facts

MOST_KEPT_TILES = 8_000
"""The number of tiles whose HTML is kept: about 1 kB each."""

_EXTENSION_KEY = "destiny_web.tiles"
_TEMPLATE = "macros/tiles.html"


class TileRenderer:
    """Renders tiles and the rows of the table; safe for threads."""

    def __init__(self, environment: Environment, image_root: str) -> None:
        """Keep the arguments.

        Args:
            environment: The template environment of the application.
            image_root: ``BUNGIE_ROOT``, the beginning of every image address.
        """
        self._environment = environment
        self._image_root = image_root
        self._render_kept = lru_cache(maxsize=MOST_KEPT_TILES)(self._render)
        self.describe_facts = lru_cache(maxsize=MOST_KEPT_TILES)(describe_facts)

    @property
    def render_count(self) -> int:
        """How many tiles have been rendered, without those that were kept."""
        return self._render_kept.cache_info().misses

    def for_page(
        self, base_url: str, items: Iterable[Item], newest_seen: int | None
    ) -> Callable[[str], Callable[[Item], Markup]]:
        """Return a function that returns, for a macro, the function that renders an item.

        Args:
            base_url: Address of the inventory page, the beginning of every item's address.
            items: Every item of the page.
            newest_seen: The greatest instance id of the last visit; None when nothing is new.

        Returns:
            Takes the name of a macro in ``macros/tiles.html``: ``tile``, ``row`` or ``currency``.
        """
        copies = self._number_copies(items)

        def render(macro: str, item: Item) -> Markup:
            is_new = newest_seen is not None and item.sequence_number > newest_seen
            return self._render_kept(
                item, macro, base_url, is_new, copies.get(item.instance_id or "", "")
            )

        return lambda macro: partial(render, macro)

    def _number_copies(self, items: Iterable[Item]) -> dict[str, str]:
        """Tell apart the instances whose name and facts are the same, for screen readers.

        Returns:
            By instance id a text such as ``, copy 2 of 3``; the oldest copy is the first.
            Instances that differ from all others are left out.
        """
        groups: dict[tuple[str, str], list[Item]] = {}
        for item in items:
            if item.instance_id is not None:
                groups.setdefault((item.name, self.describe_facts(item)), []).append(item)
        return {
            item.instance_id or "": f", copy {number} of {len(group)}"
            for group in groups.values()
            if len(group) > 1
            for number, item in enumerate(sorted(group, key=_sequence_number), 1)
        }

    def _render(self, item: Item, macro: str, base_url: str, is_new: bool, copy: str) -> Markup:  # noqa: FBT001 (arguments of a cached function)
        tile = build_tile(
            item, TileContext(self._image_root, base_url, is_new=is_new, copy_text=copy)
        )
        module = self._environment.get_template(_TEMPLATE).module
        return cast("Markup", getattr(module, macro)(tile))


def init_app(app: Flask, image_root: str) -> None:
    """Create the renderer of an application."""
    app.extensions[_EXTENSION_KEY] = TileRenderer(app.jinja_env, image_root)


def current_renderer() -> TileRenderer:
    """Return the renderer of the current application."""
    return cast("TileRenderer", current_app.extensions[_EXTENSION_KEY])


def _sequence_number(item: Item) -> int:
    return item.sequence_number
