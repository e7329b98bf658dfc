"""Rules about plugs: perks, mods and what else sits in a socket of an item."""

import re

from destiny_web.domain.account.definitions import ItemDefinition

# Bungie marks most empty plugs in the category ("v400.weapon.mod_empty"), but many share the
# category of the plugs that fit ("enhancements.v2_general"): these are known by hash only.
# fmt: off
_EMPTY_PLUGS = frozenset(
    {
        720857, 79843948, 235531041, 253922071, 321296654, 330751742, 424005861,
        481675395, 573150099, 662916127, 706611068, 717667840, 760030801, 770211541,
        787139317, 791435474, 807186981, 1078080765, 1137289077, 1180997867, 1182150429,
        1285086138, 1372656116, 1390587439, 1608119540, 1618645595, 1659393211, 1675508353,
        1679876242, 1692473496, 1715180370, 1728096240, 1803434835, 1826298670, 1835369552,
        1844045567, 1959648454, 1961918267, 1980618587, 2111549310, 2164407902, 2269836811,
        2325217837, 2352766955, 2447143568, 2600899007, 2620967748, 2789698445, 2794014115,
        2801436041, 2802541735, 2931483505, 3200810407, 3207138885, 3251563851, 3363787531,
        3416473448, 3472368310, 3545404847, 3625698764, 3738398030, 3819991001, 3820147479,
        3834374608, 3851138800, 3854296178, 3875863236, 3965359154, 4024425661, 4037640975,
        4043342755, 4055462131, 4059708161, 4106547009, 4144354978, 4173924323, 4205702044,
        4216349042, 4248210736,
    }
)
# fmt: on
_EMPTY_CATEGORY = re.compile(r"(?:^|[._])empty(?:$|[._])")
# A plug that is newer than the list: the name is known in English only.
_EMPTY_NAME = re.compile(r"Empty \S.* Socket")


def is_empty_plug(definition: ItemDefinition) -> bool:
    """Tell whether a plug only stands for an empty socket: it has no effect.

    The plugs that restore a default, such as the default shader, are empty plugs too.
    """
    return (
        definition.item_hash in _EMPTY_PLUGS
        or _EMPTY_CATEGORY.search(definition.plug_category) is not None
        or _EMPTY_NAME.fullmatch(definition.name) is not None
    )
