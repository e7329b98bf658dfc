"""Requests keep the store tidy: what has ended is dropped now and then."""

from flask import Flask, request

from destiny_web.services.purging import PurgeSchedule
from destiny_web.web.services import Services


def init_app(app: Flask, parts: Services) -> None:
    """Let requests, but no probes, begin the purge of each hour."""
    schedule = PurgeSchedule(parts.store, parts.now, parts.background)

    @app.before_request
    def purge() -> None:
        if request.blueprint != "ops":
            schedule.purge_if_due()
