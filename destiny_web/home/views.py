"""The front page."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show the front page to a visitor; send a signed-in player to the inventory."""
    if current_user.is_authenticated:
        return redirect(url_for("inventory.index"))
    return render_template("home.html")
