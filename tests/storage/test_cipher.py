"""Encryption and decryption, and the replacement of keys without data loss."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.storage.cipher import Cipher, InvalidSeal, hash_identifier


@given(st.binary())
def test_sealed_data_opens_unchanged(plain):
    cipher = Cipher(["key"])
    assert cipher.open(cipher.seal(plain)) == plain


@pytest.mark.parametrize("key", ["x", "x" * 32, "x" * 1000, "schlüssel 🔑"])
def test_a_key_may_be_of_any_length(key):
    assert Cipher([key]).open(Cipher([key]).seal(b"token")) == b"token"


def test_a_seal_hides_its_data_and_differs_each_time():
    cipher = Cipher(["key"])
    assert b"token" not in cipher.seal(b"token")
    assert cipher.seal(b"token") != cipher.seal(b"token")


def test_an_older_key_still_opens():
    assert Cipher(["new", "old"]).open(Cipher(["old"]).seal(b"token")) == b"token"


def test_the_newest_key_seals():
    assert Cipher(["new"]).open(Cipher(["new", "old"]).seal(b"token")) == b"token"


def test_a_seal_of_a_removed_key_does_not_open():
    with pytest.raises(InvalidSeal):
        Cipher(["new"]).open(Cipher(["old"]).seal(b"token"))


@given(st.integers(0, 72), st.integers(1, 255))
def test_an_altered_seal_does_not_open(position, difference):
    sealed = bytearray(urlsafe_b64decode(Cipher(["key"]).seal(b"a token")))
    sealed[position] ^= difference
    with pytest.raises(InvalidSeal):
        Cipher(["key"]).open(urlsafe_b64encode(sealed))


@pytest.mark.parametrize("sealed", [b"", b"gAAAA", b"\xff\x00", b"<html>"])
def test_data_that_is_not_a_seal_does_not_open(sealed):
    with pytest.raises(InvalidSeal):
        Cipher(["key"]).open(sealed)
    with pytest.raises(InvalidSeal):
        Cipher(["key"]).rotate(sealed)


def test_a_seal_of_an_older_key_is_stale_until_it_is_rotated():
    both = Cipher(["new", "old"])
    sealed = Cipher(["old"]).seal(b"token")
    assert both.is_stale(sealed)
    assert not both.is_stale(both.rotate(sealed))
    assert Cipher(["new"]).open(both.rotate(sealed)) == b"token"


@pytest.mark.parametrize("keys", [[], [""], ["key", ""], "key"])
def test_a_cipher_without_valid_keys_is_a_programming_error(keys):
    with pytest.raises(ValueError, match="keys"):
        Cipher(keys)


def test_the_hash_of_an_identifier_does_not_contain_it():
    assert (
        hash_identifier("id") == "a56145270ce6b3bebd1dd012b73948677dd618d496488bc608a3cb43ce3547dd"
    )
