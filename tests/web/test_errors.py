"""Errors: the player gets a page with links, never a traceback."""

import logging

import pytest

from tests.inventory.worlds import ENERGY, fields, roomy, tiles

READ = "GetProfile"


def test_an_unknown_address_is_a_page(visitor):
    page = visitor.open("/no/such/page")
    assert page.status == 404
    assert page.one("main").one("a", href="/").text


def test_a_visitor_without_a_sign_in_gets_a_link_to_the_sign_in(visitor):
    page = visitor.open("/inventory/?on=vault")
    assert page.status == 401
    assert page.one("a", href="/auth/login?next=%2Finventory%2F%3Fon%3Dvault").text


@pytest.mark.parametrize("kind", ["html", "truncated", "drop", "maintenance", "maintenance-html"])
def test_without_bungie_the_first_page_is_an_error_page(browser, bungie, kind):
    delete_snapshot(browser)
    bungie.fail_next(READ, kind, times=9)
    page = browser.open("/inventory/")
    assert page.status in {502, 503}
    assert "Bungie" in page.one("h1").text
    assert page.one("main").all("a", href="/inventory/")[0].text == "Try again"


@pytest.mark.parametrize("kind", ["html", "truncated", "drop", "maintenance"])
def test_without_bungie_the_kept_profile_is_shown(browser, bungie, kind):
    tiles_before = tiles(browser.open("/inventory/"))
    bungie.fail_next(READ, kind, times=9)
    page = browser.submit("/inventory/refresh")
    assert page.status == 200
    assert tiles(page) == tiles_before
    assert page.alerts


def test_a_move_during_maintenance_changes_nothing(browser, bungie):
    page = browser.open("/inventory/")
    item = tiles(page, owner="vault", bucket_hash=ENERGY)[0]
    bungie.fail_next("TransferItem", "maintenance")
    status, answer = browser.json("/inventory/transfer", **fields(item, roomy(page, ENERGY)))
    assert (status, answer["code"]) == (503, 5)
    assert "Nothing was changed" in answer["message"]
    assert bungie.holder_of(item["data-item-instance-id"]) == "vault"


def test_json_callers_get_json(visitor):
    answer = visitor.client.post("/inventory/transfer", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["ok"]) == (401, False)


def test_an_unknown_exception_is_a_static_page(visitor, app, caplog):
    def broken():
        raise RuntimeError("this would be a defect")

    app.add_url_rule("/healthz/broken", "ops.healthz.broken", broken)
    app.before_request_funcs[None] = []
    caplog.set_level(logging.CRITICAL, "destiny_web")
    page = visitor.open("/healthz/broken")
    assert page.status == 500
    assert "defect" not in page.html
    assert "Traceback" not in page.html
    assert page.one("a", href="/")


def test_a_broken_template_is_a_static_page(visitor, app, caplog):
    caplog.set_level(logging.CRITICAL, "destiny_web")
    app.jinja_env.globals["url_for"] = None
    page = visitor.open("/no/such/page")
    assert page.status == 404
    assert page.one("h1")


def test_a_failed_store_is_a_page(visitor, app, folder, caplog):
    caplog.set_level(logging.CRITICAL, "destiny_web")
    app.extensions["destiny_web"].store.close()
    (folder / "store.sqlite").unlink(missing_ok=True)
    (folder / "store.sqlite").mkdir()
    visitor.client.set_cookie("session", "a" * 43)
    page = visitor.open("/")
    assert page.status == 503
    assert page.one("h1")


def test_a_request_that_is_too_large_has_a_page(browser):
    answer = browser.client.post("/inventory/transfer", data={"x": "y" * 100_000})
    assert answer.status_code in {400, 413}
    assert b"<h1" in answer.data


def test_every_page_has_the_headers_that_protect_it(browser, bungie):
    headers = browser.open("/inventory/").response.headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert f"img-src 'self' data: {bungie.root}" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_log_line_has_no_query(visitor, caplog):
    caplog.set_level(logging.INFO)
    logging.getLogger("destiny_web").propagate = True
    visitor.open("/auth/callback?code=very-secret-code&state=very-secret-state")
    assert "very-secret" not in caplog.text
    assert "/auth/callback" in caplog.text


def delete_snapshot(browser):
    """Delete the kept profile of the player's account."""
    store = browser.app.extensions["destiny_web"].store
    store.delete("snapshot", browser_key(browser))


def browser_key(browser):
    main = browser.bungie.player().main
    return f"{main.type}-{main.id}"
