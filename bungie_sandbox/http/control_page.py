"""The control page: the state of the sandbox, with forms for frequent commands."""

from html import escape

from werkzeug.wrappers import Response

from bungie_sandbox.bungie import Bungie
from bungie_sandbox.clock import format_timestamp
from bungie_sandbox.faults import KINDS
from bungie_sandbox.game_data.game import Bucket
from bungie_sandbox.http.authorize import render_page
from bungie_sandbox.world.belongings import PLACES, VAULT

_SHOWN_REQUESTS = 25
_CLASSES = ("Titan", "Hunter", "Warlock")


def control_page(bungie: Bungie) -> Response:
    """Return the page under ``/sandbox/``."""
    sections = (
        _render_clock(bungie),
        _render_players(bungie),
        _render_faults(bungie),
        _render_requests(bungie),
    )
    return render_page("Sandbox", "".join(sections))


def _form(command: str, fields: str) -> str:
    return f'<form class="row" method="post" action="/sandbox/{command}">{fields}</form>'


def _render_clock(bungie: Bungie) -> str:
    now = format_timestamp(bungie.clock.now())
    return (
        "<h1>Sandbox</h1><p>A Bungie.net on this machine. The API under <code>/sandbox/</code>"
        " has the same commands; <code>bungie_sandbox/README.md</code> describes them.</p>"
        f"<h2>Clock: {now}</h2>"
        + _form("clock", '<button name="advance" value="3600">One hour later</button>'
                '<button name="advance" value="86400">One day later</button>'
                '<button name="run" value="1">Real time</button>')
        + _form("reset", "<button>Reset everything</button>")
    )  # fmt: skip


def _render_players(bungie: Bungie) -> str:
    rows = []
    for player in bungie.world.players[:20]:
        for membership in player.memberships:
            profile = membership.generated_profile
            if profile is None:
                continue
            vault_used = len(profile.items_in(VAULT, Bucket.VAULT))
            for character in profile.characters.values():
                place_options = "".join(
                    f"<option{' selected' if place == character.place else ''}>{place}</option>"
                    for place in PLACES
                )
                hidden_fields = (
                    '<input type="hidden" name="event" value="travel">'
                    f'<input type="hidden" name="player" value="{player.bungie_id}">'
                    f'<input type="hidden" name="character" value="{character.character_id}">'
                )
                label = f"Place of {player.full_name}'s character"
                rows.append(
                    f"<tr><td>{escape(player.full_name)}<td>{_CLASSES[character.class_type]}"
                    f"<td>{profile.power_of(character.character_id)}"
                    f"<td>{vault_used} of {profile.vault_capacity}<td>"
                    + _form("game", f"{hidden_fields}"
                            f'<select name="place" aria-label="{escape(label)}">'
                            f"{place_options}</select><button>Go</button>")
                )  # fmt: skip
    if not rows:
        return "<h2>Players</h2><p>No profile has been read yet.</p>"
    return (
        "<h2>Players</h2><table><tr><th>Player<th>Class<th>Power<th>Vault<th>Place</tr>"
        + "".join(rows)
        + "</table>"
    )


def _render_faults(bungie: Bungie) -> str:
    planned = "".join(
        f"<li><code>{escape(fault.operation)}</code>: {escape(fault.kind)}"
        f"{f' {fault.code}' if fault.code else ''}, {fault.times} left</li>"
        for fault in bungie.faults.planned
    )
    kinds = "".join(f"<option>{kind}</option>" for kind in sorted(KINDS))
    return (
        "<h2>Faults</h2>"
        + (f"<ul>{planned}</ul>" if planned else "<p>None planned.</p>")
        + _form("faults", '<input name="operation" value="TransferItem" aria-label="Operation">'
                f'<select name="kind" aria-label="Kind">{kinds}</select>'
                '<input name="code" type="number" placeholder="code" aria-label="Error code">'
                '<input name="times" type="number" value="1" aria-label="Times">'
                "<button>Plan</button>")
    )  # fmt: skip


def _render_requests(bungie: Bungie) -> str:
    rows = "".join(
        f"<tr><td>{entry.time[11:19]}<td>{entry.status}<td>{entry.code or ''}"
        f"<td>{escape(entry.operation)}<td><code>{escape(entry.path)}</code>"
        f"<td>{escape(entry.fault)}</tr>"
        for entry in reversed(list(bungie.journal.entries)[-_SHOWN_REQUESTS:])
    )
    return (
        "<h2>Requests</h2><table><tr><th>Time<th>Status<th>Code<th>Operation<th>Path<th>Fault</tr>"
        f"{rows}</table>"
    )
