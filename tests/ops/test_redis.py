"""The site with Redis, in one process and in several."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests

from destiny_web.app import create_app
from destiny_web.storage.redis import RedisStore
from tests.browsing import Browser
from tests.conftest import settings_for
from tests.serving import served


@contextmanager
def site(bungie, folder, url):
    """Build the site with its sessions in a Redis."""
    app = create_app(settings_for(bungie, folder, redis_url=url))
    try:
        yield app
    finally:
        app.extensions["destiny_web"].store.close()


def test_with_a_redis_address_the_store_is_in_redis(bungie, folder, redis):
    with site(bungie, folder, redis.url) as app:
        browser = Browser(app, bungie)
        browser.sign_in()
        assert browser.open("/inventory/").status == 200
        assert isinstance(app.extensions["destiny_web"].store, RedisStore)
    assert not list(folder.glob("store.sqlite*"))


def test_a_stopped_redis_is_an_error_page_and_does_not_sign_out(bungie, folder, lasting):
    with site(bungie, folder, lasting.url) as app:
        browser = Browser(app, bungie)
        browser.sign_in()
        lasting.stop(signal.SIGKILL)
        page = browser.open("/inventory/")
        assert page.status == 503
        assert page.one("h1").text
        assert "Traceback" not in page.html
        lasting.start()
        page = browser.open("/inventory/")
        assert page.status == 200
        assert page.all(data_owner="vault")


def test_readiness_says_that_redis_is_away(bungie, folder, lasting):
    with site(bungie, folder, lasting.url) as app:
        browser = app.test_client()
        assert browser.get("/readyz").status_code == 200
        lasting.stop()
        answer = browser.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"] == {"manifest": "ok", "store": "the store does not work"}
        assert browser.get("/healthz").status_code == 200
        lasting.start()
        assert browser.get("/readyz").status_code == 200


def test_two_sites_of_two_processes_serve_one_session_from_one_redis(bungie, folder, redis):
    second_folder = folder / "second"
    second_folder.mkdir()
    for file in folder.glob("manifest*"):
        (second_folder / file.name).hardlink_to(file)
    shared = {"REDIS_URL": redis.url, "WEB_CONCURRENCY": "2"}
    with (
        served(bungie, second_folder, **shared) as second,
        served(bungie, folder, **shared) as first,
        requests.Session() as browser,
    ):
        consent = browser.get(f"{first}/auth/login", timeout=30)
        signed_in = browser.post(consent.url, data={"decision": "allow"}, timeout=60)
        assert signed_in.url == f"{first}/inventory/"

        def open_inventory(address):
            with requests.Session() as session:  # a connection of its own, to any of the processes
                session.cookies.update(browser.cookies)
                answer = session.get(f"{address}/inventory/", timeout=60, allow_redirects=False)
                return answer.status_code, 'data-owner="vault"' in answer.text

        with ThreadPoolExecutor(8) as crowd:
            answers = set(crowd.map(open_inventory, [first, second] * 12))
        assert answers == {(200, True)}
        page = browser.get(f"{second}/inventory/", timeout=60)
        assert "Sign out" in page.text
    assert not list(folder.glob("store.sqlite*"))
    assert not list(second_folder.glob("store.sqlite*"))
