"""The long-lived objects of one process, made once and shared by its threads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Self, cast

from flask import current_app

from destiny_web.bungie.client import PublicClient
from destiny_web.bungie.pacing import Pacing
from destiny_web.bungie.transport import Transport, http_session
from destiny_web.config import Settings
from destiny_web.manifest.store import Manifest, path_of
from destiny_web.services.background import BackgroundTasks
from destiny_web.services.catalogue import ManifestCatalogue
from destiny_web.services.definitions import ManifestDefinitions
from destiny_web.services.manifest_updater import DownloadOrder, ManifestUpdater
from destiny_web.services.moves.service import MoveService
from destiny_web.services.profiles import Profiles
from destiny_web.services.xur.offers import OfferService
from destiny_web.services.xur.stock import StockService
from destiny_web.storage.cipher import Cipher
from destiny_web.storage.redis import RedisStore
from destiny_web.storage.sqlite import SQLiteStore
from destiny_web.storage.store import Store
from destiny_web.web.metrics import Metrics

_KEY = "destiny_web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What views work with, through the services."""

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
    background: BackgroundTasks
    stocks: StockService
    offers: OfferService
    metrics: Metrics

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], datetime] | None = None) -> Self:
        """Build everything from the settings; opens no file and no connection yet."""
        clock = now or utcnow
        store = store_of(settings, now)
        metrics = Metrics()
        # Its rows are kept as domain definitions; a second copy of each would be waste.
        manifest = Manifest(path_of(settings.data_dir, settings.locale), keep=256)
        definitions = ManifestDefinitions(manifest)
        profiles = Profiles(store, definitions, clock)
        agent = user_agent(settings)
        transport = transport_of(settings, metrics, clock)
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
                    user_agent=agent,
                ),
            ),
            definitions=definitions,
            profiles=profiles,
            moves=MoveService(store, profiles, clock, metrics.moved),
            background=background,
            stocks=stocks,
            offers=OfferService(store, catalogue, clock, background, stocks),
            metrics=metrics,
        )


def store_of(settings: Settings, now: Callable[[], datetime] | None = None) -> Store:
    """Return the store that the settings ask for; it opens nothing yet."""
    if settings.redis_url:
        return RedisStore(settings.redis_url, now=now)
    return SQLiteStore(settings.data_dir / "store.sqlite", now=now or utcnow)


def transport_of(settings: Settings, metrics: Metrics, now: Callable[[], datetime]) -> Transport:
    """Return the way to Bungie; *metrics* counts what is sent along it."""
    session = http_session(user_agent(settings))
    return Transport(session, settings.bungie_root, settings.bungie_api_key, metrics.called, now)


def current_services() -> Services:
    """Return the backend of the application at work."""
    return cast("Services", current_app.extensions[_KEY])


def utcnow() -> datetime:
    """Return the moment that it is."""
    return datetime.now(UTC)


def user_agent(settings: Settings) -> str:
    """Say who calls, as Bungie asks: AppName/Version AppId/number (+web)."""
    try:
        release = version("destiny-web")
    except PackageNotFoundError:  # a checkout that was not installed: the usual case
        release = "0.1.0"
    return f"destiny_web/{release} AppId/{settings.bungie_client_id} (+{settings.public_url})"
