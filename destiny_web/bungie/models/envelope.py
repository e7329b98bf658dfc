"""The wrapper around every answer of Bungie's API, and the other shape that a failure can have."""

import msgspec


class Envelope(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """The wrapper of every Platform answer; ``Response`` is decoded only after a success."""

    error_code: int
    response: msgspec.Raw = msgspec.Raw(b"null")
    throttle_seconds: int | None = 0
    error_status: str | None = ""
    message: str | None = ""
    message_data: dict[str, str] | None = None


class OAuthFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A failure of the token endpoint; in outages other endpoints answer with it too."""

    error: str
    error_description: str | None = ""
