"""Gunicorn's settings; it reads this file by itself. See docs/operations.md."""

import os
import shutil
import tempfile
from contextlib import suppress
from typing import Any

from gunicorn import glogging
from gunicorn.workers.gthread import ThreadWorker

from destiny_web.config import Settings
from destiny_web.manifest.errors import NoManifest
from destiny_web.web.logs import CensoringFormatter

_COUNTED = "PROMETHEUS_MULTIPROC_DIR"

# Wrong settings end the start here, once, before any worker is forked to fail again and again.
_SETTINGS = Settings.from_env()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A gthread worker that a quick stop cannot lock up.

    Gunicorn's own handler takes the thread pool's lock, and ends the process by an exception,
    wherever the main thread is: that may hold this lock, as a request is just being handed to
    the pool, or a first signal is being handled (Ctrl-C in a terminal sends two, the terminal's
    to the group, then the master's). Such a worker never ends, and keeps the port.
    """

    def handle_quit(self, signal: int, frame: Any) -> None:
        """Stop as for SIGTERM, but wait for no connection; requests under way are finished."""
        self.cfg.set("graceful_timeout", 0)
        self.handle_exit(signal, frame)


class Logger(glogging.Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Gunicorn's logger, without ids and secrets: its error lines name addresses of requests."""

    def setup(self, cfg: Any) -> None:
        """Set the handlers up, and censor what they write."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(CensoringFormatter(handler.formatter, _SETTINGS.secret_keys[0]))


bind = f"127.0.0.1:{os.environ.get('PORT', '5000')}"
# Two processes use two cores; threads wait for Bungie, which takes most of a request's time.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = Worker
threads = 16
# A request may read a profile (15 s) and make several calls; a worker that hangs is replaced.
timeout = 120
graceful_timeout = 60
# A stop waits for connections that are kept open: let that be seconds.
keepalive = 5
# The application logs each request itself, without query strings: they can hold secrets.
accesslog = None
errorlog = "-"
logger_class = Logger
loglevel = "info"
# A socket in the home folder that nobody here uses.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Make the folder into which each process writes what it counts: see ``web/metrics.py``.

    Before anything imports prometheus_client, which looks for the folder then. A fresh one at
    each start: counters of processes that are long gone would be counted again.
    """
    os.environ[_COUNTED] = tempfile.mkdtemp(prefix="destiny_web-metrics-")


def post_worker_init(worker: Any) -> None:
    """Begin to fetch the definitions where there are none: probes only look whether they came."""
    with suppress(NoManifest):
        worker.wsgi.extensions["destiny_web"].keeper.ensure(wait=0)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a process that has ended told of its present; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (see above)

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Remove the folder."""
    shutil.rmtree(os.environ.get(_COUNTED, ""), ignore_errors=True)
