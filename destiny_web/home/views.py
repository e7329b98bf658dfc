"""The front page."""

from flask import Blueprint, render_template

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    """Say what this is, and lead on."""
    return render_template("home.html")
