"""Application factory: builds the services and binds extensions and blueprints."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from destiny_web import cli
from destiny_web.auth import gate, oauth
from destiny_web.auth import views as auth
from destiny_web.config import ROOT, Settings
from destiny_web.home import views as home
from destiny_web.inventory import tile_renderer
from destiny_web.inventory import views as inventory
from destiny_web.ops import views as ops
from destiny_web.web import (
    errors,
    headers,
    hosts,
    limits,
    logs,
    metrics,
    parts,
    presentation,
    purging,
    templating,
)
from destiny_web.web.extensions import bootstrap, compress, csrf
from destiny_web.web.services import EXTENSION_KEY, Services
from destiny_web.web.sessions import StoreSessions
from destiny_web.xur import cli as xur_commands
from destiny_web.xur import views as xur

_MAX_REQUEST_BYTES = 64 * 1024


def create_app(
    settings: Settings | None = None, *, now: Callable[[], datetime] | None = None
) -> Flask:
    """Build the application. Opens no connection and changes nothing on disk.

    Args:
        settings: Read from the environment when not given.
        now: The clock; a test may pass its own.

    Raises:
        InvalidSettings: the environment is not valid; ends the program and names every fault.
    """
    settings = settings or Settings.from_env()
    logs.configure(settings.log_format, settings.secret_keys[0])
    app = Flask(
        "destiny_web",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, settings)
    services = Services.of(settings, now)
    app.extensions[EXTENSION_KEY] = services
    app.session_interface = StoreSessions(services.store, services.cipher, services.now)
    _bind(app, settings, services)
    for blueprint in (home.bp, auth.bp, inventory.bp, xur.bp, ops.bp):
        app.register_blueprint(blueprint)
    app.cli.add_command(cli.manifest)
    app.cli.add_command(cli.sessions)
    app.cli.add_command(xur_commands.xur)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    newest, *older = settings.secret_keys
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_SECURE=settings.is_https,
        MAX_CONTENT_LENGTH=_MAX_REQUEST_BYTES,
        # The token is valid as long as the session: a page may stay open for hours.
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/javascript",
            "application/json",
            "image/svg+xml",
        ],
    )


def _bind(app: Flask, settings: Settings, services: Services) -> None:
    """Bind the extensions. The first one handles a request first, and its response last."""
    logs.init_app(app)
    metrics.init_app(app, services.metrics, services.now)
    hosts.init_app(app, settings)
    headers.init_app(app, settings)
    templating.init_app(app, settings)
    presentation.init_app(app)
    parts.init_app(app)
    tile_renderer.init_app(app, settings.bungie_root)
    errors.init_app(app)
    limits.init_app(app, settings, services.store, services.now)
    purging.init_app(app, services)
    bootstrap.init_app(app)
    compress.init_app(app)
    gate.init_app(app)  # before the CSRF check: without a sign-in, the answer is "sign in"
    csrf.init_app(app)
    oauth.init_app(app, settings)
