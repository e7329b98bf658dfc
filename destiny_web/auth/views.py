"""Sign-in, sign-out, and which Destiny account is played."""

from contextlib import suppress
from datetime import timedelta
from typing import cast

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from destiny_web.auth import oauth
from destiny_web.auth.client import current_client, current_tokens
from destiny_web.auth.gate import safe_path
from destiny_web.auth.user import Player
from destiny_web.bungie.errors import ConsentEnded
from destiny_web.domain.account.characters import Membership
from destiny_web.manifest.errors import ManifestError
from destiny_web.services import memberships
from destiny_web.storage.cipher import hash_identifier
from destiny_web.web.errors import answer, answer_bungie
from destiny_web.web.problems import Problem
from destiny_web.web.services import current_services
from destiny_web.web.sessions import ServerSession

REMEMBERED = timedelta(days=400)

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.get("/login")
def login() -> Response:
    """Send the player to Bungie's sign-in page."""
    with suppress(ManifestError):
        current_services().manifest_updater.ensure(
            wait=0
        )  # the definitions come while the player consents
    session["next"] = safe_path(request.args.get("next"), url_for("inventory.index"))
    return oauth.authorize()


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """Finish the sign-in that Bungie sends back."""
    try:
        tokens = oauth.exchange(current_services().now())
    except oauth.SignInFailed as error:
        return answer(
            Problem(
                status=400, kind="sign-in", title="That sign-in did not work", message=str(error)
            )
        )
    on = safe_path(session.get("next"), url_for("inventory.index"))
    forget()  # whoever was signed in here before, or had planted this session's id, is out
    login_user(Player(tokens.membership_id))
    current_tokens().save(tokens)
    Player(tokens.membership_id).remember()
    return redirect(url_for(".membership", next=on))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget the tokens and the session."""
    forget()
    flash("You are signed out, and your tokens are gone from here.", "done")
    home = redirect(url_for("home.index"), 303)
    home.headers["Clear-Site-Data"] = '"cache"'
    return home


@bp.get("/membership")
def membership() -> ResponseReturnValue:
    """Show which Destiny accounts there are; with only one there is nothing to choose."""
    found = memberships.playable_memberships(current_client(), current_user.id)
    on = safe_path(request.args.get("next"), url_for("inventory.index"))
    if current_user.membership is None:
        last = remembered(current_user.id)
        known = found if len(found) == 1 else [one for one in found if one.key == last]
        if known:
            return play(known[0], on)
    choices = [
        {
            "value": one.key,
            "name": one.name,
            "platform": memberships.platform_name(one),
            "chosen": one == (current_user.membership or found[0]),
        }
        for one in found
    ]
    return render_template("auth/membership.html", choices=choices, next=on)


@bp.post("/membership")
def choose_membership() -> ResponseReturnValue:
    """Play the account that was chosen."""
    found = memberships.playable_memberships(current_client(), current_user.id)
    chosen = next((one for one in found if one.key == request.form.get("membership")), None)
    if chosen is None:
        flash("Choose one of your Destiny accounts.", "refused")
        return redirect(url_for(".membership"), 303)
    return play(chosen, safe_path(request.form.get("next"), url_for("inventory.index")))


def play(membership: Membership, on: str) -> ResponseReturnValue:
    """Remember which account is played, also for the next sign-in, and go on."""
    Player(current_user.id, membership).remember()
    parts = current_services()
    parts.store.put(
        "choice",
        hash_identifier(current_user.id),
        membership.key.encode(),
        parts.now() + REMEMBERED,
    )
    return redirect(on, 303)


def remembered(player_id: str) -> str:
    """Return the key of the account that the player chose last; ``""`` for none."""
    return (current_services().store.get("choice", hash_identifier(player_id)) or b"").decode()


@bp.app_errorhandler(ConsentEnded)
def sign_out(error: ConsentEnded) -> Response:
    """Sign the player out, since Bungie gives this site no more tokens."""
    end_session()
    return answer_bungie(error)


def end_session() -> None:
    """Drop the tokens and everything in the session."""
    current_tokens().forget()
    logout_user()
    session.clear()


def forget() -> None:
    """End the session, and give it a new id."""
    end_session()
    cast("ServerSession", session).rotate()
