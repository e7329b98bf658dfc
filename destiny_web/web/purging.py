"""Purge of expired records, started by requests."""

from flask import Flask, request

from destiny_web.services.purging import PurgeSchedule
from destiny_web.web.services import Services


def init_app(app: Flask, services: Services) -> None:
    """Let requests start the hourly purge; probes do not."""
    schedule = PurgeSchedule(services.store, services.now, services.background)

    @app.before_request
    def purge() -> None:
        if request.blueprint != "ops":
            schedule.purge_if_due()
