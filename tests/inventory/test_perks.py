"""The perks on an item's page."""

import pytest

from bungie_sandbox.game_data import plugs


@pytest.mark.parametrize("socket_name", [plugs.EMPTY_MOD, plugs.EMPTY_CATALYST])
def test_an_empty_socket_is_not_among_the_perks(browser, bungie, socket_name):
    role = "mod" if socket_name == plugs.EMPTY_MOD else "catalyst"
    empty_plug = plugs.plug_hash(role, socket_name)
    item = next(
        item
        for item in bungie.profile().all_items()
        if item.definition.type_name.endswith("Rifle") and empty_plug in item.roll.plugs
    )
    page = browser.open(f"/inventory/items/{item.instance_id}")
    inserted_names = {plugs.all_plugs()[plug].name for plug in item.roll.plugs}
    shown_names = {name for name in inserted_names if name in page.text}
    assert socket_name in inserted_names
    assert socket_name not in shown_names
    assert len(shown_names) > 2
