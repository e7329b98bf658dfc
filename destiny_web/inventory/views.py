"""Routes of the inventory page, of an item's page, and of the actions."""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from destiny_web.domain.account.items import Item
from destiny_web.inventory import loader
from destiny_web.inventory.destinations import find_item, list_destinations
from destiny_web.inventory.forms import (
    CollectForm,
    EquipForm,
    LockForm,
    PullForm,
    TransferForm,
    UndoForm,
    ViewForm,
)
from destiny_web.inventory.loader import VisibleProfile
from destiny_web.inventory.page_response import respond_with_page
from destiny_web.inventory.preview import build_preview
from destiny_web.inventory.responses import change_preferences, run_action

bp = Blueprint("inventory", __name__, url_prefix="/inventory")

_PANEL_ONLY = "panel"


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show everything that the player owns."""
    visible = loader.load_profile()
    return respond_with_page(loader.page_context(visible, request.args.get("on", "")))


@bp.get("/items/<instance_id>")
def item(instance_id: str) -> ResponseReturnValue:
    """Show an instance and what can be done with it, beside the inventory."""
    visible = loader.load_profile()
    return _render_item_page(visible, visible.profile.instance(instance_id))


@bp.get("/stacks/<owner>/<int:item_hash>")
def stack(owner: str, item_hash: int) -> ResponseReturnValue:
    """Show a stack and what can be done with it, beside the inventory."""
    visible = loader.load_profile()
    is_in_postmaster = request.args.get("lost") == "1"
    return _render_item_page(
        visible,
        loader.find_stack(visible.profile, owner, item_hash, is_in_postmaster=is_in_postmaster),
    )


def _render_item_page(visible: VisibleProfile, owned_item: Item | None) -> ResponseReturnValue:
    """Render an item's page; with the query ``part=panel`` only the panel, for scripts."""
    if owned_item is None:
        abort(404)
    detail = loader.load_item_page(visible.profile, owned_item, url_for(".index"))
    back = url_for(".index", on=owned_item.owner, _anchor=detail.tile.anchor or None)
    if request.args.get("part") == _PANEL_ONLY:
        return render_template(
            "inventory/_panel.html", detail=detail, back=back, trouble=visible.trouble
        )
    context = loader.page_context(visible, owned_item.owner)
    return respond_with_page(context | {"detail": detail, "back": back})


@bp.get("/destinations")
def destinations() -> Response:
    """List where an item can be moved to and equipped, as JSON for scripts."""
    profile = loader.load_kept_profile()
    owned_item = find_item(profile, request.args)
    if owned_item is None:
        abort(404)
    return jsonify(list_destinations(profile, owned_item))


@bp.get("/preview")
def preview() -> str:
    """Show every step that a move would take, without carrying it out."""
    form = TransferForm(request.args)
    if not form.validate():
        abort(400)
    move = form.move()
    move_preview = build_preview(loader.load_profile().profile, move)
    return render_template("inventory/preview.html", preview=move_preview, move=move)


@bp.post("/transfer")
def transfer() -> ResponseReturnValue:
    """Move an item to another owner, and equip it there if the form says so."""
    return run_action(TransferForm())


@bp.post("/pull")
def pull() -> ResponseReturnValue:
    """Pull an item out of a character's postmaster."""
    return run_action(PullForm())


@bp.post("/equip")
def equip() -> ResponseReturnValue:
    """Equip items that a character holds."""
    return run_action(EquipForm())


@bp.post("/lock")
def lock() -> ResponseReturnValue:
    """Lock or unlock an item."""
    return run_action(LockForm())


@bp.post("/undo")
def undo() -> ResponseReturnValue:
    """Undo the last job."""
    return run_action(UndoForm())


@bp.post("/refresh")
def refresh() -> ResponseReturnValue:
    """Read the account from Bungie again."""
    trouble = loader.load_profile(force_refresh=True).trouble
    flash(trouble or "Read from Bungie just now.", "refused" if trouble else "done")
    return redirect(url_for(".index", on=request.form.get("on")), 303)


@bp.post("/view")
def view() -> ResponseReturnValue:
    """Change how the page looks."""
    return change_preferences(ViewForm())


@bp.post("/collect")
def collect() -> ResponseReturnValue:
    """Collect everything from a character's postmaster."""
    return run_action(CollectForm())
