"""Host names and addresses of this machine."""

import pytest

from destiny_web.services.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "site.localhost", "127.0.0.1", "127.8.0.1", "::1"])
def test_loopback_names_and_addresses_are_of_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "192.0.2.1",
        "10.0.0.7",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "mylocalhost",
    ],
)
def test_all_other_names_and_addresses_are_not(host):
    assert not is_loopback(host)
