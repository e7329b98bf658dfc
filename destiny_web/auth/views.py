"""Sign-in, sign-out, and the choice of the Destiny account."""

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

_CHOICE_LIFETIME = timedelta(days=400)

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.get("/login")
def login() -> Response:
    """Send the player to Bungie's sign-in page."""
    with suppress(ManifestError):
        # Start the download of the definitions while the player is on Bungie's page.
        current_services().manifest_updater.ensure(wait=0)
    session["next"] = safe_path(request.args.get("next"), url_for("inventory.index"))
    return oauth.authorize()


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """Finish the sign-in after Bungie's redirect."""
    try:
        tokens = oauth.exchange(current_services().now())
    except oauth.SignInFailed as error:
        return answer(
            Problem(
                status=400, kind="sign-in", title="That sign-in did not work", message=str(error)
            )
        )
    next_path = safe_path(session.get("next"), url_for("inventory.index"))
    replace_session()  # sign out another player; an id that an attacker has set becomes invalid
    login_user(Player(tokens.membership_id))
    current_tokens().save(tokens)
    Player(tokens.membership_id).remember()
    return redirect(url_for(".membership", next=next_path))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Delete the tokens and the session."""
    replace_session()
    flash("You are signed out, and this site has deleted your tokens.", "done")
    response = redirect(url_for("home.index"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.get("/membership")
def membership() -> ResponseReturnValue:
    """Show the player's Destiny accounts; a single account is chosen without asking."""
    accounts = memberships.playable_memberships(current_client(), current_user.id)
    next_path = safe_path(request.args.get("next"), url_for("inventory.index"))
    if current_user.membership is None:
        last_key = load_choice(current_user.id)
        for account in accounts:
            if len(accounts) == 1 or account.key == last_key:
                return keep_choice(account, next_path)
    choices = [
        {
            "value": account.key,
            "name": account.name,
            "platform": memberships.platform_name(account),
            "chosen": account == (current_user.membership or accounts[0]),
        }
        for account in accounts
    ]
    return render_template("auth/membership.html", choices=choices, next=next_path)


@bp.post("/membership")
def choose_membership() -> ResponseReturnValue:
    """Choose a Destiny account."""
    accounts = memberships.playable_memberships(current_client(), current_user.id)
    key = request.form.get("membership")
    account = next((account for account in accounts if account.key == key), None)
    if account is None:
        flash("Choose one of your Destiny accounts.", "refused")
        return redirect(url_for(".membership"), 303)
    return keep_choice(account, safe_path(request.form.get("next"), url_for("inventory.index")))


def keep_choice(account: Membership, next_path: str) -> ResponseReturnValue:
    """Keep the chosen account for this session and the next sign-in; redirect to *next_path*."""
    Player(current_user.id, account).remember()
    services = current_services()
    services.store.put(
        "choice",
        hash_identifier(current_user.id),
        account.key.encode(),
        services.now() + _CHOICE_LIFETIME,
    )
    return redirect(next_path, 303)


def load_choice(player_id: str) -> str:
    """Return the key of the account that the player chose last; ``""`` for none."""
    return (current_services().store.get("choice", hash_identifier(player_id)) or b"").decode()


@bp.app_errorhandler(ConsentEnded)
def sign_out(error: ConsentEnded) -> Response:
    """Sign the player out, because Bungie gives this site no more tokens."""
    end_session()
    return answer_bungie(error)


def end_session() -> None:
    """Delete the tokens and the content of the session."""
    current_tokens().forget()
    logout_user()
    session.clear()


def replace_session() -> None:
    """End the session, and start an empty one with a new id."""
    end_session()
    cast("ServerSession", session).rotate()
