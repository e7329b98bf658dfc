"""Settings: every variable, every fault, and the example file."""

import dataclasses
import re
from random import Random
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.config import ROOT, InvalidSettings, Settings
from tests.serving import KEY

OLDER_KEY = "tQ4-VbX9_mKe2LrZ8wNc6Ydh"
GOOD = {
    "BUNGIE_API_KEY": "key",
    "BUNGIE_CLIENT_ID": "12345",
    "BUNGIE_CLIENT_SECRET": "secret",
    "SECRET_KEY": KEY,
}


def test_the_defaults_are_the_documented_ones():
    settings = Settings.from_env(GOOD)
    assert settings.bungie_root == "https://www.bungie.net"
    assert settings.public_url == "http://127.0.0.1:5000"
    assert settings.data_dir == ROOT / "instance"
    assert settings.log_format == "text"
    assert not settings.is_https
    assert not settings.is_practice


def test_every_missing_variable_is_named_at_once():
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env({})
    assert [fault.split()[0] for fault in caught.value.faults] == list(GOOD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", f"{KEY},short"),
        ("PUBLIC_URL", "http://vault.example.org"),
        ("PUBLIC_URL", "vault.example.org"),
        ("PUBLIC_URL", "https://vault.example.org/app"),
        ("PUBLIC_URL", "https://[::1"),
        ("BUNGIE_ROOT", "ftp://www.bungie.net"),
        ("BUNGIE_ROOT", "https://www.bungie.net/Platform"),
        ("BUNGIE_ROOT", "https://user:secret@www.bungie.net"),
        ("BUNGIE_ROOT", "http://127.0.0.1:99999"),
        ("BUNGIE_ROOT", "http://www.bungie.net"),
        ("BUNGIE_ROOT", "http://192.0.2.1:5055"),
        ("BUNGIE_ROOT", "http://127.0.0.1.example.org"),
        ("DATA_DIR", str(ROOT / "README.md")),
        ("LOG_FORMAT", "yaml"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://user@mail.example.org"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_UNSUBSCRIBE", "http://example.org/leave"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("REDIS_URL", "redis://127.0.0.1:99999"),
        ("REDIS_URL", "redis:///0"),
        ("REDIS_URL", "redis://127.0.0.1/sessions"),
        ("REDIS_URL", "unix://?db=1"),
        ("RATE_LIMIT_SCALE", "-1"),
        ("RATE_LIMIT_SCALE", "much"),
        ("RATE_LIMIT_SCALE", "inf"),
        ("RATE_LIMIT_SCALE", "nan"),
    ],
)
def test_a_fault_contains_the_name_of_its_variable_and_not_the_value(name, value):
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(GOOD | {name: value})
    (fault,) = caught.value.faults
    assert fault.startswith(f"{name} ")
    assert value not in fault


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:5000", "http://[::1]:5000", "https://x.org"]
)
def test_the_public_address_is_https_or_on_this_machine(url):
    assert Settings.from_env(GOOD | {"PUBLIC_URL": url + "/"}).public_url == url


def test_a_mail_server_needs_a_sender():
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(GOOD | {"SMTP_URL": "smtp://127.0.0.1:8025"})
    assert caught.value.faults == ["MAIL_FROM is missing; SMTP_URL needs a sender"]
    mail = {"SMTP_URL": "smtps://u:hidden@mail.example.org", "MAIL_FROM": "xur@example.org"}
    settings = Settings.from_env(GOOD | mail)
    assert settings.mail_from == "xur@example.org"
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["https://vault.example.org", "http://127.0.0.1:5055", "http://[::1]:5055", "http://localhost"],
)
def test_the_address_of_bungie_is_https_or_on_this_machine(url):
    assert Settings.from_env(GOOD | {"BUNGIE_ROOT": url}).bungie_root == url


@pytest.mark.parametrize(
    "key",
    [
        "k" * 32,
        "0123456789abcdef",
        "fedcba9876543210",
        "changemechangeme",
        "ChangeMe-ChangeMe",
        "change-this-secret-key",
        "your-secret-key-here",
        "mysecretkeymysecretkey",
        "abcabcabcabcabcabcabc",
        "aaaabbbbccccdddd",
        "12345678901234567890",
        "qwertyuiopasdfghjklzxcvbnm",
        "passwordpassword",
        "4f9c" * 16,
    ],
)
def test_a_key_that_is_easy_to_guess_is_refused(key):
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(GOOD | {"SECRET_KEY": f"{KEY},{key}"})
    (fault,) = caught.value.faults
    assert fault.startswith("SECRET_KEY is easy to guess")
    assert "secrets.token_hex" in fault
    assert key not in fault.replace("secrets.token_hex", "")


@given(st.integers())
def test_a_key_of_the_documented_command_is_never_refused(seed):
    key = Random(seed).randbytes(32).hex()
    assert Settings.from_env(GOOD | {"SECRET_KEY": key}).secret_keys == (key,)


@given(st.integers())
def test_a_random_key_of_the_shortest_length_is_not_refused(seed):
    key = "".join(Random(seed).choices(ascii_letters + digits, k=16))
    assert Settings.from_env(GOOD | {"SECRET_KEY": key}).secret_keys == (key,)


@given(st.text(digits + ascii_letters, min_size=1, max_size=6), st.integers(16, 64))
def test_a_key_that_repeats_a_short_text_is_refused(text, length):
    with pytest.raises(InvalidSettings):
        Settings.from_env(GOOD | {"SECRET_KEY": (text * length)[:length]})


def test_secret_keys_are_kept_newest_first():
    keys = Settings.from_env(GOOD | {"SECRET_KEY": f"{KEY}, {OLDER_KEY}"}).secret_keys
    assert keys == (KEY, OLDER_KEY)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "rediss://:geheim@redis.example.org",
        "redis://[::1]:6379",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_the_address_of_redis_is_read_and_is_not_part_of_the_representation(url):
    settings = Settings.from_env(GOOD | {"REDIS_URL": url})
    assert settings.redis_url == url
    assert url not in repr(settings)


@pytest.mark.parametrize(("text", "scale"), [("", 1.0), ("0", 0.0), ("0.5", 0.5), ("20", 20.0)])
def test_rate_limits_are_scaled_by_any_number_that_is_not_negative(text, scale):
    assert Settings.from_env(GOOD | {"RATE_LIMIT_SCALE": text}).rate_limit_scale == scale


def test_no_secret_is_part_of_the_representation():
    text = repr(Settings.from_env(GOOD))
    assert "secret" not in text.replace("client_secret", "")
    assert KEY not in text


def test_the_example_file_lists_every_variable_and_no_other():
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    source = (ROOT / "destiny_web/config.py").read_text()
    assert listed == set(re.findall(r'read\("([A-Z_]+)"', source))
    assert len(listed) >= len(dataclasses.fields(Settings)) - 1  # the locale is no variable yet
