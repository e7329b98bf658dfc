"""DestinyComponentType: numbers, names, and who may see what."""

from typing import Final

from bungie_sandbox.refusals import Code, Refusal

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

# Only the owner, with the scope to read inventories, or whoever the owner shows them to.
INVENTORY: Final = frozenset({101, 102, 103, 201, 600})
# Only the owner, whatever is shown to others.
SELF: Final = frozenset({105})
# "Show my progression to others".
PROGRESSION: Final = frozenset({104, 202, 204, 700, 800, 900, 1100, 1300})


def parse(text: str) -> frozenset[int]:
    """Read the ``components`` parameter: numbers or names, joined by commas.

    Raises:
        Refusal: it is empty (18) or holds something unknown (7).
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise Refusal(Code.INVALID_PARAMETERS, {"components": "at least one is needed"})
    found = set()
    for word in words:
        number = int(word) if word.isdecimal() else _NUMBERS.get(word.lower())
        if number not in NAMES:
            raise Refusal(Code.PARAMETER_PARSE_FAILURE, {"components": word})
        found.add(number)
    return frozenset(found)
