"""DestinyComponentType: numbers, names, and the privacy of each component."""

from typing import Final

from bungie_sandbox.errors import Code, Refusal

NAMES: Final = {
    0: "None",
    100: "Profiles",
    101: "VendorReceipts",
    102: "ProfileInventories",
    103: "ProfileCurrencies",
    104: "ProfileProgression",
    105: "PlatformSilver",
    200: "Characters",
    201: "CharacterInventories",
    202: "CharacterProgressions",
    203: "CharacterRenderData",
    204: "CharacterActivities",
    205: "CharacterEquipment",
    206: "CharacterLoadouts",
    300: "ItemInstances",
    301: "ItemObjectives",
    302: "ItemPerks",
    303: "ItemRenderData",
    304: "ItemStats",
    305: "ItemSockets",
    306: "ItemTalentGrids",
    307: "ItemCommonData",
    308: "ItemPlugStates",
    309: "ItemPlugObjectives",
    310: "ItemReusablePlugs",
    400: "Vendors",
    401: "VendorCategories",
    402: "VendorSales",
    500: "Kiosks",
    600: "CurrencyLookups",
    700: "PresentationNodes",
    800: "Collectibles",
    900: "Records",
    1000: "Transitory",
    1100: "Metrics",
    1200: "StringVariables",
    1300: "Craftables",
    1400: "SocialCommendations",
}
_NUMBERS: Final = {name.lower(): number for number, name in NAMES.items()}

# For the owner with the scope to read inventories, and for all if the player is not private.
INVENTORY: Final = frozenset({101, 102, 103, 201, 600})
# For the owner only, also if the player is not private.
SELF: Final = frozenset({105})
# "Show my progression to others".
PROGRESSION: Final = frozenset({104, 202, 204, 700, 800, 900, 1100, 1300})


def parse(text: str) -> frozenset[int]:
    """Read the ``components`` parameter: numbers or names, joined by commas.

    Raises:
        Refusal: it is empty (18) or has an unknown component (7).
    """
    components = [component.strip() for component in text.split(",") if component.strip()]
    if not components:
        raise Refusal(Code.INVALID_PARAMETERS, {"components": "at least one is needed"})
    numbers = set()
    for component in components:
        is_number = component.isdecimal()
        number = int(component) if is_number else _NUMBERS.get(component.lower())
        if number not in NAMES:
            raise Refusal(Code.PARAMETER_PARSE_FAILURE, {"components": component})
        numbers.add(number)
    return frozenset(numbers)
