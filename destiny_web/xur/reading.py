"""Reading for a page: his stock, and what the player has to do with it.

Nothing here waits for Bungie longer than one short while, all in all: see ``Patience``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_login import current_user

from destiny_web.auth.client import current_tokens
from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError
from destiny_web.domain.account.characters import Character, Membership
from destiny_web.domain.account.ownership import count_currencies
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import Screen
from destiny_web.services.background import WaitBudget
from destiny_web.services.manifest_updater import UNKNOWN_SEEN
from destiny_web.services.xur.offers import CharacterOffers, OneToken, PlayerAccess
from destiny_web.services.xur.stock import StockState
from destiny_web.web.services import current_services
from destiny_web.web.templating import age
from destiny_web.xur.ownership import PlayerBelongings, coins, owned
from destiny_web.xur.page import Price, Shelf, shelves
from destiny_web.xur.presence import PresenceSummary, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A character to look through the eyes of."""

    character_id: str
    name: str
    race: str
    power: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class XurPageContent:
    """Everything on the page.

    Attributes:
        tabs: The player's characters; none for a visitor.
        coins: What the player has of the currencies that prices are in.
        pending: Something is still on its way.
        trouble: What could not be had for this player; ``""`` when all could.
        age: How long ago the character's own view was read; ``""``: it was not.
    """

    standing: PresenceSummary
    shelves: tuple[Shelf, ...]
    tabs: tuple[Tab, ...] = ()
    coins: tuple[Price, ...] = ()
    pending: bool = False
    trouble: str = ""
    age: str = ""


def known(wait: WaitBudget | None = None) -> StockState:
    """Return what is known about him.

    Raises:
        NoManifest: the definitions are not there yet.
    """
    parts = current_services()
    parts.manifest_updater.ensure()
    found = parts.stocks.current(wait)
    if found.stock and any(not one.definition.known for one in found.stock.offers):
        parts.manifest_updater.look(UNKNOWN_SEEN)
    return found


def shown(character_id: str) -> XurPageContent:
    """Arrange what is known, with the player's side of it where there is a player.

    Args:
        character_id: Through whose eyes; the last played one's when it is nobody's.
    """
    wait = WaitBudget(current_services().stocks.patience)
    found = known(wait)
    membership: Membership | None = (
        current_user.membership if current_user.is_authenticated else None
    )
    if membership is None:
        return _for_everybody(found)
    try:
        asker = _asker(membership)
        profile = _profile(asker, wait)
    except BungieError as error:
        return _for_everybody(found, trouble=str(error))
    if profile is None:
        return _for_everybody(found, trouble="Bungie has not told yet what you own.", pending=True)
    if not profile.characters:
        return _for_everybody(found, trouble="Your account has no characters.")
    chosen = profile.character(character_id) or profile.characters[0]
    return _for_player(found, asker, profile, chosen, wait)


def _for_everybody(
    found: StockState, *, trouble: str = "", pending: bool = False
) -> XurPageContent:
    parts = current_services()
    return XurPageContent(
        standing=standing(found, parts.now()),
        shelves=shelves(_screens(found), parts.settings.bungie_root),
        pending=found.pending or pending,
        trouble=trouble,
    )


def _for_player(
    found: StockState, asker: PlayerAccess, profile: Profile, chosen: Character, wait: WaitBudget
) -> XurPageContent:
    parts = current_services()
    if found.presence.here:
        offered = parts.offers.load(asker, chosen, profile.characters, wait)
        found = parts.stocks.current(wait)  # what this player was told may have completed it
    else:
        parts.offers.seed(asker, chosen, wait)
        found = parts.stocks.current(wait)
        offered = CharacterOffers(
            screens=(), currencies={}, read_at=None, trouble="", pending=False
        )
    live = offered.read_at is not None
    screens = offered.screens if live else _screens(found)
    sold = [offer for screen in screens for offer in screen.offers]
    currencies = {cost.currency.item_hash: cost.currency for one in sold for cost in one.costs}
    held = count_currencies(profile, currencies) | dict(offered.currencies)
    images = parts.settings.bungie_root
    return XurPageContent(
        standing=standing(found, parts.now(), told=live),
        shelves=shelves(
            screens, images, PlayerBelongings(owned=owned(profile, sold), currencies=held)
        ),
        tabs=tuple(_tab(one, chosen) for one in profile.characters),
        coins=coins(currencies.values(), held, images),
        pending=found.pending or offered.pending,
        trouble=offered.trouble,
        age=age(offered.read_at, parts.now()) if offered.read_at else "",
    )


def _asker(membership: Membership) -> PlayerAccess:
    """Return who can ask beside this request: with its token, and without its session.

    Raises:
        BungieError: there is no token to be had.
    """
    parts = current_services()
    tokens = OneToken(str(current_user.get_id()), current_tokens().access_token())
    client = BungieClient(parts.transport, tokens, parts.pacing)
    return PlayerAccess(client=client, membership=membership)


def _profile(asker: PlayerAccess, wait: WaitBudget) -> Profile | None:
    """Return what the player owns, as far as it is known in time.

    Raises:
        BungieError: Bungie failed, and nothing is known.
    """
    parts = current_services()
    kept = parts.profiles.kept(asker.membership)
    if kept is not None and kept.fresh:
        return kept.profile
    failed: list[BungieError] = []

    def read() -> None:
        try:
            parts.profiles.load(asker.client, asker.membership)
        except BungieError as error:
            failed.append(error)

    parts.background.run(f"profile {asker.membership.key}", read, wait=wait.left)
    kept = parts.profiles.kept(asker.membership)
    if kept is None and failed:
        raise failed[0]
    return kept.profile if kept else None


def _screens(found: StockState) -> Iterable[Screen]:
    return found.stock.screens if found.stock else ()


def _tab(one: Character, chosen: Character) -> Tab:
    return Tab(
        character_id=one.character_id,
        name=one.name,
        race=one.race_name,
        power=one.power,
        chosen=one is chosen,
    )
