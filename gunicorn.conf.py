"""Settings of gunicorn, which reads this file itself. See docs/operations.md."""

import errno
import os
import select
import shutil
import ssl
import tempfile
import time
from contextlib import suppress
from typing import Any

from gunicorn import glogging
from gunicorn.workers.gthread import TConn, ThreadWorker

from destiny_web.config import Settings
from destiny_web.manifest.errors import NoManifest
from destiny_web.web.logs import CensoringFormatter

_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# Wrong settings end the program here, before workers are forked that would all fail.
_SETTINGS = Settings.from_env()

# Seconds that a thread waits for the first byte of a new connection, and in total for the bytes
# of one request. With them, 16 threads close 40 half-open connections in ten seconds.
_FIRST_BYTE_TIMEOUT, _REQUEST_TIMEOUT = 0.2, 3.0


class Receiver:
    """Reads from a client's socket, with a time limit for each request.

    Without the limit, a client that sends half a request can block a thread for any time.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._waited = 0.0
        self.is_late = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return the bytes that the client has sent.

        Raises:
            ConnectionResetError: the client took too long; gunicorn then closes the connection.
        """
        started_at = time.monotonic()
        if not self._is_readable(max(0.0, _REQUEST_TIMEOUT - self._waited)):
            self.is_late = True
            raise ConnectionResetError(errno.ECONNRESET, "the request did not come in time")
        data: bytes = self._sock.recv(size)
        self._waited += time.monotonic() - started_at
        return data

    def _is_readable(self, seconds: float) -> bool:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True  # these bytes are decrypted already, so the socket may have no more
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(seconds * 1000))


class Connection(TConn):  # type: ignore[misc]  # gunicorn is untyped
    """A connection that uses a thread only while a request is received or answered."""

    receiver: Receiver | None = None

    def init(self) -> None:
        """Make the parser read through a receiver; each request has a time limit of its own."""
        super().init()
        unreader = getattr(self.parser, "unreader", None)
        if unreader is not None:
            self.receiver = unreader.sock = Receiver(self.sock)

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (gunicorn's)
        """Close the connection once; without waiting for a client that was late."""
        if self.sock.fileno() >= 0:
            super().close(graceful and not (self.receiver and self.receiver.is_late))

    def wait_for_data(self, timeout: float) -> bool:
        """Wait for the first byte; if none comes, the connection waits in the main loop."""
        return bool(super().wait_for_data(min(timeout, _FIRST_BYTE_TIMEOUT)))


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A gthread worker without the deadlock of a quick stop.

    Gunicorn's own signal handler takes the thread pool's lock and raises an exception. It runs in
    the main thread, which may hold this lock already: while it passes a request to the pool, or
    while it handles a first signal (Ctrl-C sends two signals: the terminal's to the process group,
    then the master's). Then the worker never ends, and keeps the port.
    """

    def accept(self, listener: Any) -> None:
        """Accept a new connection as gunicorn does, but with time limits."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}:
                raise
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def handle(self, conn: Connection) -> Any:
        """Answer a request, and close its connection in this thread, not in the main loop.

        Gunicorn waits up to two seconds for the client to close its side. In the main loop, a few
        clients that never close it would delay all other requests.
        """
        result = super().handle(conn)
        if not result:
            conn.close(graceful=True)
        return result

    def handle_quit(self, signal: int, frame: Any) -> None:
        """Stop as for SIGTERM, but do not wait for open connections; running requests end first."""
        self.cfg.set("graceful_timeout", 0)
        self.handle_exit(signal, frame)


class Logger(glogging.Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Gunicorn's logger without ids and secrets: its error lines contain request addresses."""

    def setup(self, cfg: Any) -> None:
        """Set the handlers up with a formatter that removes ids and secrets."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(CensoringFormatter(handler.formatter, _SETTINGS.secret_keys[0]))


bind = f"127.0.0.1:{os.environ.get('PORT', '5000')}"
# Two processes use two cores. Threads wait for Bungie, which takes most of a request's time.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = Worker
threads = 16
# A request may read a profile (15 s) and make several calls. A worker that hangs is replaced.
timeout = 120
graceful_timeout = 60
# A stop waits for idle connections, so they are kept open for a few seconds only.
keepalive = 5
# The application logs each request itself, without query strings, which may hold secrets.
accesslog = None
errorlog = "-"
logger_class = Logger
loglevel = "info"
# The control socket would be a file in the home folder; this site does not use it.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Make the folder into which each process writes its metrics: see ``web/metrics.py``.

    It has to exist before prometheus_client is imported. It is a new folder at each start, because
    counters of earlier processes would be added again.
    """
    os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="destiny_web-metrics-")


def post_worker_init(worker: Any) -> None:
    """Start the first download of the definitions: probes only check that they exist."""
    with suppress(NoManifest):
        worker.wsgi.extensions["destiny_web"].manifest_updater.ensure(wait=0)


def child_exit(_server: Any, worker: Any) -> None:
    """Delete the gauges of an ended process; its counters stay."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (see above)

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(os.environ.get(_METRICS_FOLDER, ""), ignore_errors=True)
