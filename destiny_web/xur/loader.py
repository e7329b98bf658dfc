"""Loads what Xûr's page shows: the stock, and what the player owns of it.

All reads of one page together wait for Bungie no longer than one ``WaitBudget``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_login import current_user

from destiny_web.auth.client import current_tokens
from destiny_web.bungie.client import BungieClient
from destiny_web.bungie.errors import BungieError
from destiny_web.domain.account.characters import Character, Membership
from destiny_web.domain.account.definitions import ItemDefinition
from destiny_web.domain.account.ownership import count_currencies
from destiny_web.domain.account.profile import Profile
from destiny_web.domain.xur.stock import Screen
from destiny_web.services.background import WaitBudget
from destiny_web.services.manifest_updater import UNKNOWN_ITEM_INTERVAL
from destiny_web.services.xur.offers import CharacterOffers, OneToken, PlayerAccess
from destiny_web.services.xur.stock import StockState
from destiny_web.web.services import current_services
from destiny_web.web.templating import age
from destiny_web.xur.ownership import PlayerBelongings, describe_owned_copies, measure_rooms
from destiny_web.xur.presence import PresenceSummary, summarize_presence
from destiny_web.xur.presenter import CurrencyAmount, build_currencies, build_screens
from destiny_web.xur.sections import Buyer, PageOffers, arrange_offers

_NO_OFFERS = CharacterOffers(screens=(), currencies={}, read_at=None, trouble="", pending=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterTab:
    """A link that shows Xûr's page for one character of the player."""

    character_id: str
    name: str
    race: str
    power: int
    is_selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class XurPage:
    """Everything on the page.

    Attributes:
        tabs: The player's characters; empty without a player.
        currencies: The currencies of Xûr's costs, and what the player has of each.
        pending: Bungie has not answered everything yet.
        trouble: Why the player's own data is missing or old; ``""`` when it is complete.
        age: The time since the selected character's stock was read; ``""``: it was not read.
    """

    presence: PresenceSummary
    offers: PageOffers
    currencies: tuple[CurrencyAmount, ...]
    tabs: tuple[CharacterTab, ...] = ()
    pending: bool = False
    trouble: str = ""
    age: str = ""

    @property
    def is_past(self) -> bool:
        """Nothing of the stock can be bought now."""
        return _is_past(self.presence)

    @property
    def selected_character(self) -> str:
        """Id of the character whose stock is shown; ``""`` without a player."""
        return next((tab.character_id for tab in self.tabs if tab.is_selected), "")


def load_stock_state(wait: WaitBudget | None = None) -> StockState:
    """Return what is known about Xûr.

    Args:
        wait: How long to wait for Bungie; the time of one page when not given.

    Raises:
        NoManifest: the definitions are not downloaded yet.
    """
    services = current_services()
    services.manifest_updater.ensure()
    state = services.stocks.current(wait)
    if state.stock and any(not sale_item.definition.known for sale_item in state.stock.offers):
        services.manifest_updater.look(UNKNOWN_ITEM_INTERVAL)
    return state


def load_page(character_id: str, show: str) -> XurPage:
    """Load the page, with the player's own data when a player is signed in.

    Args:
        character_id: The character whose stock is shown; any other value selects the character
            that was played last.
        show: The part of the stock that is shown; an unknown value shows all of it.
    """
    wait = WaitBudget(current_services().stocks.patience)
    state = load_stock_state(wait)
    if not current_user.is_authenticated:
        return _build_public_page(state, show)
    try:
        access = _player_access(current_user.membership)
        profile = _load_profile(access, wait)
    except BungieError as error:
        return _build_public_page(state, show, trouble=str(error))
    if profile is None:
        trouble = "Bungie has not sent your inventory yet."
        return _build_public_page(state, show, trouble=trouble, pending=True)
    if not profile.characters:
        return _build_public_page(state, show, trouble="Your account has no characters.")
    character = profile.character(character_id) or profile.characters[0]
    offers = _load_offers(access, profile, character, wait, is_here=state.presence.here)
    # What Bungie answered for this player may have completed the public stock.
    state = current_services().stocks.current(wait)
    return _build_player_page(state, profile, character, offers, show)


def _build_public_page(
    state: StockState, show: str, *, trouble: str = "", pending: bool = False
) -> XurPage:
    services = current_services()
    screens, image_root = _screens_of(state), services.settings.bungie_root
    presence = summarize_presence(state, services.now())
    return XurPage(
        presence=presence,
        offers=arrange_offers(
            build_screens(screens, image_root), show, buyer=None, is_past=_is_past(presence)
        ),
        currencies=build_currencies(_currencies_of(screens).values(), {}, image_root),
        pending=state.pending or pending,
        trouble=trouble,
    )


def _load_offers(
    access: PlayerAccess,
    profile: Profile,
    character: Character,
    wait: WaitBudget,
    *,
    is_here: bool,
) -> CharacterOffers:
    """Return what Xûr offers to *character*: nothing while Xûr is away."""
    services = current_services()
    if is_here:
        return services.offers.load(access, character, profile.characters, wait)
    services.offers.seed(access, character, wait)
    return _NO_OFFERS


def _build_player_page(
    state: StockState, profile: Profile, character: Character, offers: CharacterOffers, show: str
) -> XurPage:
    services = current_services()
    has_character_stock = offers.read_at is not None
    screens = offers.screens if has_character_stock else _screens_of(state)
    sale_items = [sale_item for screen in screens for sale_item in screen.offers]
    currencies = _currencies_of(screens)
    quantities = count_currencies(profile, currencies) | dict(offers.currencies)
    belongings = PlayerBelongings(
        copies=describe_owned_copies(profile, sale_items),
        currencies=quantities,
        rooms=measure_rooms(profile, character.character_id, sale_items),
    )
    image_root = services.settings.bungie_root
    presence = summarize_presence(state, services.now(), has_character_stock=has_character_stock)
    buyer = Buyer(class_type=character.class_type, class_name=character.class_name)
    return XurPage(
        presence=presence,
        offers=arrange_offers(
            build_screens(screens, image_root, belongings),
            show,
            buyer,
            is_past=_is_past(presence),
        ),
        tabs=_build_tabs(profile.characters, character),
        currencies=build_currencies(currencies.values(), quantities, image_root),
        pending=state.pending or offers.pending,
        trouble=offers.trouble,
        age=age(offers.read_at, services.now()) if offers.read_at else "",
    )


def _player_access(membership: Membership) -> PlayerAccess:
    """Return a client for background tasks: with the access token, without the session.

    Raises:
        BungieError: there is no valid access token.
    """
    services = current_services()
    tokens = OneToken(str(current_user.get_id()), current_tokens().access_token())
    client = BungieClient(services.transport, tokens, services.pacing)
    return PlayerAccess(client=client, membership=membership)


def _load_profile(access: PlayerAccess, wait: WaitBudget) -> Profile | None:
    """Return the player's profile; None when it did not arrive in time.

    Raises:
        BungieError: Bungie failed, and there is no snapshot.
    """
    services = current_services()
    snapshot = services.profiles.load_kept(access.membership)
    if snapshot is not None and snapshot.fresh:
        return snapshot.profile
    errors: list[BungieError] = []

    def read() -> None:
        try:
            services.profiles.load(access.client, access.membership)
        except BungieError as error:
            errors.append(error)

    services.background.run(f"profile {access.membership.key}", read, wait=wait.left)
    snapshot = services.profiles.load_kept(access.membership)
    if snapshot is None and errors:
        raise errors[0]
    return snapshot.profile if snapshot else None


def _is_past(presence: PresenceSummary) -> bool:
    return presence.is_stock_past or not presence.is_here


def _screens_of(state: StockState) -> Sequence[Screen]:
    return state.stock.screens if state.stock else ()


def _currencies_of(screens: Iterable[Screen]) -> dict[int, ItemDefinition]:
    """Return the currencies of all costs, by item hash."""
    return {
        cost.currency.item_hash: cost.currency
        for screen in screens
        for sale_item in screen.offers
        for cost in sale_item.costs
    }


def _build_tabs(characters: Sequence[Character], selected: Character) -> tuple[CharacterTab, ...]:
    return tuple(
        CharacterTab(
            character_id=character.character_id,
            name=character.name,
            race=character.race_name,
            power=character.power,
            is_selected=character is selected,
        )
        for character in characters
    )
