"""The inventory, an item's page, and the actions."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from destiny_web.domain.account.items import Item
from destiny_web.inventory import page, reading, responses
from destiny_web.inventory.forms import EquipForm, LockForm, PullForm, TransferForm, UndoForm
from destiny_web.web.services import current_services

bp = Blueprint("inventory", __name__, url_prefix="/inventory")


@bp.get("/")
def index() -> str:
    """Show everything that the player owns."""
    seen = reading.profile()
    settings = current_services().settings
    shown = page.page(seen.profile, images=settings.bungie_root, base=url_for(".index"))
    asked = request.args.get("on", "")
    return render_template(
        "inventory/index.html",
        page=shown,
        shown=page.first_shown(shown.heads, asked),
        **seen.context(current_services().now()),
    )


@bp.get("/items/<instance_id>")
def item(instance_id: str) -> str:
    """Show one item and what can be done with it."""
    seen = reading.profile()
    return _item_page(seen, seen.profile.instance(instance_id))


@bp.get("/stacks/<owner>/<int:item_hash>")
def stack(owner: str, item_hash: int) -> str:
    """Show a stack and what can be done with it."""
    seen = reading.profile()
    lost = request.args.get("lost") == "1"
    return _item_page(seen, reading.stack(seen.profile, owner, item_hash, lost=lost))


def _item_page(seen: reading.VisibleProfile, found: Item | None) -> str:
    if found is None:
        abort(404)
    detail = reading.detail(seen.profile, found, url_for(".index"))
    return render_template(
        "inventory/item.html",
        detail=detail,
        back=url_for(".index", on=found.owner, _anchor=detail.tile.anchor or None),
        **seen.context(current_services().now()),
    )


@bp.get("/preview")
def preview() -> str:
    """Show every step that a move would take, before it is made."""
    form = TransferForm(request.args)
    if not form.validate():
        abort(400)
    seen = reading.profile()
    shown = reading.preview(seen.profile, form.move())
    return render_template("inventory/preview.html", preview=shown, move=form.move())


@bp.post("/transfer")
def transfer() -> ResponseReturnValue:
    """Bring an item to another owner, and equip it there when asked to."""
    return responses.act(TransferForm())


@bp.post("/pull")
def pull() -> ResponseReturnValue:
    """Take an item out of a character's postmaster."""
    return responses.act(PullForm())


@bp.post("/equip")
def equip() -> ResponseReturnValue:
    """Equip items that a character holds."""
    return responses.act(EquipForm())


@bp.post("/lock")
def lock() -> ResponseReturnValue:
    """Lock or unlock an item."""
    return responses.act(LockForm())


@bp.post("/undo")
def undo() -> ResponseReturnValue:
    """Take the last job back."""
    return responses.act(UndoForm())


@bp.post("/refresh")
def refresh() -> ResponseReturnValue:
    """Read the account anew."""
    trouble = reading.profile(anew=True).trouble
    flash(trouble or "Read from Bungie just now.", "refused" if trouble else "done")
    return redirect(url_for(".index", on=request.form.get("on")), 303)
