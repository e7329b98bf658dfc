"""Gunicorn's settings; it reads this file by itself. See docs/operations.md."""

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

_COUNTED = "PROMETHEUS_MULTIPROC_DIR"

# Wrong settings end the start here, once, before any worker is forked to fail again and again.
_SETTINGS = Settings.from_env()

# Seconds that a thread waits for the first byte of a new connection, and for a client over all
# the bytes of one request. Sixteen threads get rid of forty half-open connections in ten seconds.
_FIRST_BYTE, _WHOLE_REQUEST = 0.2, 3.0


class Receiver:
    """Reads from a client's socket, and waits for the client only so long for each request.

    Without it a client that sends half a request holds a thread for as long as it likes.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._waited = 0.0
        self.is_late = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return what the client has sent.

        Raises:
            ConnectionResetError: the client took too long; gunicorn then closes the connection.
        """
        begun = time.monotonic()
        if not self._is_readable(max(0.0, _WHOLE_REQUEST - self._waited)):
            self.is_late = True
            raise ConnectionResetError(errno.ECONNRESET, "the request did not come in time")
        data: bytes = self._sock.recv(size)
        self._waited += time.monotonic() - begun
        return data

    def _is_readable(self, seconds: float) -> bool:
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True  # decrypted already, so the socket below may have nothing
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(seconds * 1000))


class Connection(TConn):  # type: ignore[misc]  # gunicorn is untyped
    """A connection that holds a thread only while it is sending a request or being answered."""

    receiver: Receiver | None = None

    def init(self) -> None:
        """Make the parser read through a receiver; each request has its own time."""
        super().init()
        unreader = getattr(self.parser, "unreader", None)
        if unreader is not None:
            self.receiver = unreader.sock = Receiver(self.sock)

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (gunicorn's)
        """Close it once; wait for no client that was late."""
        if self.sock.fileno() >= 0:
            super().close(graceful and not (self.receiver and self.receiver.is_late))

    def wait_for_data(self, timeout: float) -> bool:
        """Wait for the first byte; without one the connection waits in the main loop."""
        return bool(super().wait_for_data(min(timeout, _FIRST_BYTE)))


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """A gthread worker that a quick stop cannot lock up.

    Gunicorn's own handler takes the thread pool's lock, and ends the process by an exception,
    wherever the main thread is: that may hold this lock, as a request is just being handed to
    the pool, or a first signal is being handled (Ctrl-C in a terminal sends two, the terminal's
    to the group, then the master's). Such a worker never ends, and keeps the port.
    """

    def accept(self, listener: Any) -> None:
        """Accept a new connection, as gunicorn does, but with limits of time."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}:
                raise
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def handle(self, conn: Connection) -> Any:
        """Answer a request, and close its connection here, not in the main loop.

        Gunicorn waits up to two seconds for the client to close its side. In the main loop a few
        clients that never do keep everybody else waiting.
        """
        result = super().handle(conn)
        if not result:
            conn.close(graceful=True)
        return result

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
        worker.wsgi.extensions["destiny_web"].manifest_updater.ensure(wait=0)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a process that has ended told of its present; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 (see above)

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Remove the folder."""
    shutil.rmtree(os.environ.get(_COUNTED, ""), ignore_errors=True)
