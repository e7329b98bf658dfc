"""Decoding of values from the store."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decode(raw: bytes | None, shape: type[T]) -> T | None:
    """Decode a value; None when there is none, or when an older release has written it."""
    if raw is None:
        return None
    try:
        return msgspec.msgpack.decode(raw, type=shape)
    except msgspec.MsgspecError:
        return None
