"""A site that has no definitions yet shows a page that goes on by itself."""

import pytest
from playwright.sync_api import expect

from tests.serving import served

pytestmark = pytest.mark.xdist_group("browser")  # one browser at a time: two cores


@pytest.mark.parametrize("scripts", [False, True], ids=["without-javascript", "with-javascript"])
def test_a_waiting_page_goes_on_when_the_definitions_are_there(
    chromium, sandbox, definitions, tmp_path, scripts
):
    sandbox.reset()
    sandbox.fail_next("GetDestinyManifest", "maintenance", times=-1)
    with served(sandbox, tmp_path) as address:
        context = chromium.new_context(base_url=address, java_script_enabled=scripts)
        page = context.new_page()
        page.goto("/xur/")
        expect(page).to_have_title("One moment · Vault")
        (tmp_path / definitions.name).hardlink_to(definitions)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Xûr")
        context.close()
