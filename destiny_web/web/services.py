"""Service container: the long-lived objects of one process, shared by its threads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Self, cast

from flask import current_app

from destiny_web.bungie.client import PublicClient
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from destiny_web.clock import utcnow
from destiny_web.config import Settings
from destiny_web.manifest.store import Manifest, path_of
from destiny_web.services.background import BackgroundTasks
from destiny_web.services.catalogue import ManifestCatalogue
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.manifest_updater import DownloadOrder, ManifestUpdater
from destiny_web.services.moves.service import MoveService
from destiny_web.services.preferences import PreferenceStore
from destiny_web.services.profiles import Profiles
from destiny_web.services.visits import Visits
from destiny_web.services.xur.offers import OfferService
from destiny_web.services.xur.stock import StockService
from destiny_web.storage.cipher import Cipher
from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import Store
from destiny_web.web.metrics import Metrics

EXTENSION_KEY = "destiny_web"
"""Key of the container in ``app.extensions``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Service container of one application: built once by the factory, read by the views."""

    settings: Settings
    now: Callable[[], datetime]
    store: Store
    cipher: Cipher
    transport: Transport
    pacing: Pacing
    manifest: Manifest
    manifest_updater: ManifestUpdater
    definitions: ManifestDefinitions
    profiles: Profiles
    moves: MoveService
    preferences: PreferenceStore
    visits: Visits
    background: BackgroundTasks
    stocks: StockService
    offers: OfferService
    metrics: Metrics

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], datetime] | None = None) -> Self:
        """Build all services from the settings; opens no file and no connection yet."""
        clock = now or utcnow
        store = build_store(settings, now)
        metrics = Metrics()
        # Few rows are cached here, because ManifestDefinitions caches the domain definitions.
        manifest = Manifest(path_of(settings.data_dir, settings.locale), keep=256)
        definitions = ManifestDefinitions(manifest)
        profiles = Profiles(store, definitions, clock)
        transport = build_transport(settings, metrics, clock)
        background = BackgroundTasks()
        catalogue = ManifestCatalogue(manifest, definitions)
        stocks = StockService(store, catalogue, PublicClient(transport), clock, background)
        return cls(
            settings=settings,
            now=clock,
            store=store,
            cipher=Cipher(settings.secret_keys),
            transport=transport,
            pacing=Pacing(),
            manifest=manifest,
            manifest_updater=ManifestUpdater(
                manifest,
                DownloadOrder(
                    root=settings.bungie_root,
                    api_key=settings.bungie_api_key,
                    locale=settings.locale,
                    folder=str(settings.data_dir),
                    user_agent=user_agent(settings),
                ),
            ),
            definitions=definitions,
            profiles=profiles,
            moves=MoveService(store, profiles, clock, metrics.count_job),
            preferences=PreferenceStore(store),
            visits=Visits(store, clock),
            background=background,
            stocks=stocks,
            offers=OfferService(store, catalogue, clock, background, stocks),
            metrics=metrics,
        )


def build_store(settings: Settings, now: Callable[[], datetime] | None = None) -> Store:
    """Build the store of the settings: Redis or SQLite; opens nothing yet."""
    if settings.redis_url:
        return RedisStore(settings.redis_url, now=now)
    return SQLiteStore(settings.data_dir / "store.sqlite", now=now or utcnow)


def build_transport(settings: Settings, metrics: Metrics, now: Callable[[], datetime]) -> Transport:
    """Build the transport to Bungie; *metrics* counts its calls."""
    session = http_session(user_agent(settings))
    return Transport(
        session, settings.bungie_root, settings.bungie_api_key, metrics.count_call, now
    )


def current_services() -> Services:
    """Return the service container of the current application."""
    return cast("Services", current_app.extensions[EXTENSION_KEY])


def user_agent(settings: Settings) -> str:
    """Return the User-Agent in Bungie's form: AppName/Version AppId/number (+web)."""
    try:
        release = version("destiny-web")
    except PackageNotFoundError:  # a checkout that is not installed: the usual case
        release = "0.1.0"
    return f"destiny_web/{release} AppId/{settings.bungie_client_id} (+{settings.public_url})"
