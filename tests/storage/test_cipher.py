"""Seals hold, and keys are replaced without losing anything."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destiny_web.storage.cipher import Cipher, InvalidSeal, hash_identifier


@given(st.binary())
def test_what_was_sealed_opens_as_it_was(plain):
    cipher = Cipher(["key"])
    assert cipher.open(cipher.seal(plain)) == plain


@pytest.mark.parametrize("key", ["x", "x" * 32, "x" * 1000, "schlüssel 🔑"])
def test_a_key_may_be_of_any_length(key):
    assert Cipher([key]).open(Cipher([key]).seal(b"token")) == b"token"


def test_a_seal_hides_what_it_holds_and_is_never_the_same():
    cipher = Cipher(["key"])
    assert b"token" not in cipher.seal(b"token")
    assert cipher.seal(b"token") != cipher.seal(b"token")


def test_an_older_key_still_opens():
    assert Cipher(["new", "old"]).open(Cipher(["old"]).seal(b"token")) == b"token"


def test_the_newest_key_seals():
    assert Cipher(["new"]).open(Cipher(["new", "old"]).seal(b"token")) == b"token"


def test_a_key_that_is_gone_opens_nothing():
    with pytest.raises(InvalidSeal):
        Cipher(["new"]).open(Cipher(["old"]).seal(b"token"))


@given(st.integers(0, 72), st.integers(1, 255))
def test_an_altered_seal_does_not_open(place, difference):
    sealed = bytearray(urlsafe_b64decode(Cipher(["key"]).seal(b"a token")))
    sealed[place] ^= difference
    with pytest.raises(InvalidSeal):
        Cipher(["key"]).open(urlsafe_b64encode(sealed))


@pytest.mark.parametrize("sealed", [b"", b"gAAAA", b"\xff\x00", b"<html>"])
def test_what_is_no_seal_does_not_open(sealed):
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
def test_a_cipher_without_good_keys_is_a_fault_of_the_program(keys):
    with pytest.raises(ValueError, match="keys"):
        Cipher(keys)


def test_the_name_of_an_identifier_does_not_tell_it():
    assert (
        hash_identifier("id") == "a56145270ce6b3bebd1dd012b73948677dd618d496488bc608a3cb43ce3547dd"
    )
