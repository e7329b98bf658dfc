"""HTTP/1.1 for a WSGI application: keep-alive, a thread per connection, and broken wires.

Werkzeug's own server closes the connection after each answer; Bungie does not, and
neither does this one. An application may leave a :class:`Break` in the environment under
``sandbox.break``: then the answer does not arrive as it should.
"""

import contextlib
import socket
import sys
from collections.abc import Iterable
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer, ThreadingMixIn
from threading import Event, Lock, Thread, current_thread
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

BREAK: Final = "sandbox.break"
CLOSING: Final = "sandbox.closing"
_LARGEST_BODY: Final = 8 * 1024 * 1024
_HANGS_AT_MOST: Final = 300.0
_ENDS_WITHIN: Final = 5.0
_NO_BODY: Final = frozenset({204, 304})


class Break(StrEnum):
    """How an answer fails to arrive."""

    DROP = "drop"  # the connection ends before the first byte
    CUT = "cut"  # it ends in the middle of the body
    HANG = "hang"  # nothing comes until the client goes


class Server(ThreadingMixIn, TCPServer):
    """Serves a WSGI application on a socket; ``close`` ends every open connection."""

    allow_reuse_address = True
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self.application = application
        self.closing = Event()
        self._open: set[socket.socket] = set()
        self._guard = Lock()
        self._thread: Thread | None = None
        self._serving: set[Thread] = set()
        super().__init__((host, port), _Handler)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving: no new connections, the open ones end, waiting answers are let go."""
        self.closing.set()
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._guard:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._serving):
            thread.join(_ENDS_WITHIN)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, remembered until it ends."""
        self._serving.add(current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._serving.discard(current_thread())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection, then give it a thread."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection and close it."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away; tell of anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection: requests one after the other until either side ends it."""

    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing: the sandbox has its own log."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.send_error(413)
            self.close_connection = True
            return
        environ = self._environ(body)
        parts: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            parts[:] = [status, headers]

        answer = self.server.application(environ, start_response)
        payload = _joined(answer)
        self._send(parts[0], parts[1], payload, environ.get(BREAK))

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        whole = BytesIO()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if whole.tell() + size > _LARGEST_BODY:
                return None
            whole.write(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return whole.getvalue()

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "REQUEST_URI": self.path,
            "QUERY_STRING": query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,  # a chunked body has been put together
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            CLOSING: self.server.closing,
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            if key not in {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}:
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def _send(
        self, status: str, headers: list[tuple[str, str]], payload: bytes, broken: Break | None
    ) -> None:
        if broken is Break.HANG:
            self.server.closing.wait(_HANGS_AT_MOST)
        if broken in {Break.HANG, Break.DROP}:
            self.close_connection = True
            return
        lines = list(headers)
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            lines.append(("Date", self.date_time_string()))
        empty = int(status[:3]) in _NO_BODY
        if "content-length" not in names and not empty:
            lines.append(("Content-Length", str(len(payload))))
        if self.close_connection:
            lines.append(("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        # One write: head and body in one packet, where they fit.
        whole = f"{self.protocol_version} {status}\r\n{head}\r\n".encode("latin-1")
        if broken is Break.CUT:
            whole += payload[: len(payload) // 2]
            self.close_connection = True
        elif not empty and self.command != "HEAD":
            whole += payload
        self.wfile.write(whole)


def _joined(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
