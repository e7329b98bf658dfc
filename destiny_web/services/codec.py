"""Reading what is kept between requests."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decode(raw: bytes | None, shape: type[T]) -> T | None:
    """Read what is kept; None when there is nothing, or something of an older release."""
    if raw is None:
        return None
    try:
        return msgspec.msgpack.decode(raw, type=shape)
    except msgspec.MsgspecError:
        return None
