"""Titles and messages of the error pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Content of an error page. ``kind`` selects its picture."""

    status: int
    kind: str
    title: str
    message: str


PROBLEMS = {
    400: Problem(
        status=400,
        kind="bad-request",
        title="That request is not valid",
        message="Something in it is missing or malformed. Nothing was changed.",
    ),
    401: Problem(
        status=401,
        kind="sign-in",
        title="Please sign in",
        message="This page belongs to a player. Sign in with your Bungie account to see yours.",
    ),
    403: Problem(
        status=403,
        kind="forbidden",
        title="That is not yours to do",
        message="You are not allowed to do that here.",
    ),
    404: Problem(
        status=404,
        kind="not-found",
        title="There is nothing here",
        message="The page does not exist, or no longer.",
    ),
    429: Problem(
        status=429,
        kind="slow-down",
        title="Too fast",
        message="Too many requests in a short time. Wait a moment, then try again.",
    ),
    500: Problem(
        status=500,
        kind="error",
        title="Something broke on our side",
        message="It is not your fault, and nothing of yours was lost.",
    ),
    502: Problem(
        status=502,
        kind="no-answer",
        title="Bungie does not answer",
        message="Bungie's servers did not give a usable answer. Nothing was lost; try again soon.",
    ),
    503: Problem(
        status=503,
        kind="maintenance",
        title="Bungie is in maintenance",
        message="Bungie has switched its service off for now. Your items are safe.",
    ),
}

OLD_FORM = Problem(
    status=400,
    kind="bad-request",
    title="That form is no longer good",
    message="It was open for too long, or came from another site. Nothing was changed: load the"
    " page again and repeat what you did.",
)
FOREIGN_FORM = Problem(
    status=403,
    kind="forbidden",
    title="That form came from another site",
    message="This site accepts forms from its own pages only. Nothing was changed: open the page"
    " here and repeat what you did.",
)
