"""Commands for operators: ``flask manifest …``, ``flask sessions …``."""

from contextlib import ExitStack
from typing import Any

import click
from flask.cli import AppGroup

from destiny_web.bungie.errors import BungieError
from destiny_web.manifest.errors import ManifestError
from destiny_web.manifest.update import Phase, update
from destiny_web.storage.store import StoreError
from destiny_web.web.services import current_services, user_agent

manifest = AppGroup("manifest", help="The game's definitions on disk.")
sessions = AppGroup("sessions", help="The sessions of players.")

_MEGABYTE = 1_000_000


class _ProgressDisplay(ExitStack):
    """Shows an update's progress in the terminal: a line for each phase, a bar for each table."""

    def __init__(self) -> None:
        super().__init__()
        self._table = ""
        self._bar: Any = None
        self._downloaded = 0

    def phase(self, phase: Phase) -> None:
        """Print the phase that begins."""
        self._close_bar()
        if phase is not Phase.DOWNLOADING:
            click.echo(f"{phase.value.capitalize()} …")

    def downloaded(self, table: str, done: int, total: int | None) -> None:
        """Update the bar of *table*."""
        if table != self._table:
            self._close_bar()
            self._table, self._downloaded = table, 0
            label = table.removeprefix("Destiny").removesuffix("Definition")
            self._bar = self.enter_context(click.progressbar(length=total, label=f"  {label:<16}"))
        self._bar.update(done - self._downloaded)
        self._downloaded = done

    def _close_bar(self) -> None:
        self.pop_all().close()
        self._table = ""


@manifest.command("update")
def update_manifest() -> None:
    """Download the definitions if Bungie has newer ones."""
    services = current_services()
    settings = services.settings
    try:
        with _ProgressDisplay() as display:
            is_updated = update(
                root=settings.bungie_root,
                api_key=settings.bungie_api_key,
                user_agent=user_agent(settings),
                folder=settings.data_dir,
                locale=settings.locale,
                progress=display,
            )
    except (BungieError, ManifestError) as error:
        text = getattr(error, "message", "") or str(error)
        raise click.ClickException(f"{text}; the old manifest, if any, is untouched") from error
    state = "in place" if is_updated else "already here"
    click.echo(f"Version {services.manifest.version}: {state}.")


@manifest.command("status")
def show_manifest() -> None:
    """Show version, age and size of the definitions on disk."""
    services = current_services()
    try:
        facts, size = services.manifest.facts, services.manifest.size
    except ManifestError as error:
        raise click.ClickException(f"there is no manifest yet ({error})") from error
    age = services.now() - facts.built_at
    click.echo(f"version  {facts.version}")
    click.echo(f"language {facts.locale}")
    click.echo(f"built    {facts.built_at:%Y-%m-%d %H:%M} UTC, {age.days} days ago")
    click.echo(f"size     {size / _MEGABYTE:.1f} MB")


@sessions.command("purge")
def purge() -> None:
    """Delete expired records."""
    try:
        count = current_services().store.purge()
    except StoreError as error:
        raise click.ClickException(f"the store does not work: {error}") from error
    click.echo(f"{count} expired records dropped")
