"""An HTTP/1.1 server for a WSGI application: keep-alive, one thread per connection.

Werkzeug's own server closes the connection after each answer; Bungie and this server keep it
open. An application may put a :class:`DeliveryFault` into the environment under
``sandbox.break``; the server then does not deliver the answer, or only a part of it.
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

DELIVERY_FAULT: Final = "sandbox.break"
CLOSING: Final = "sandbox.closing"
_MAX_BODY: Final = 8 * 1024 * 1024
_MAX_HANG_SECONDS: Final = 300.0
_JOIN_SECONDS: Final = 5.0
_STATUSES_WITHOUT_BODY: Final = frozenset({204, 304})


class DeliveryFault(StrEnum):
    """How the delivery of an answer fails."""

    DROP = "drop"  # the connection is closed before the first byte
    CUT = "cut"  # the connection is closed in the middle of the body
    HANG = "hang"  # no byte is sent until the client closes the connection


class Server(ThreadingMixIn, TCPServer):
    """Serves a WSGI application on a socket; ``close`` ends every open connection."""

    allow_reuse_address = True
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, application: WSGIApplication) -> None:
        self.application = application
        self.closing = Event()
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._connection_threads: set[Thread] = set()
        super().__init__((host, port), _Handler)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="sandbox", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving: accept no connection, close the open ones, end the waiting answers."""
        self.closing.set()
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._connection_threads):
            thread.join(_JOIN_SECONDS)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection in this thread, which is registered until the connection ends."""
        self._connection_threads.add(current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connection_threads.discard(current_thread())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Register a connection, then start a thread for it."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Remove a connection from the register and close it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print an error, unless the client has closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection: serves one request after the other until either side closes it."""

    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: Any) -> None:
        """Print nothing: the sandbox has a journal."""

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            self.send_error(413)
            self.close_connection = True
            return
        environ = self._build_environ(body)
        status_and_headers: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            status_and_headers[:] = [status, headers]

        chunks = self.server.application(environ, start_response)
        payload = _join(chunks)
        status, headers = status_and_headers
        self._send(status, headers, payload, environ.get(DELIVERY_FAULT))

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = _serve  # noqa: N815

    def _read_body(self) -> bytes | None:
        """Return the body of the request; ``None``: the body is too large."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            return None
        return self.rfile.read(int(length))

    def _read_chunks(self) -> bytes | None:
        body = BytesIO()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if body.tell() + size > _MAX_BODY:
                return None
            body.write(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body.getvalue()

    def _build_environ(self, body: bytes) -> dict[str, Any]:
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
            "wsgi.input_terminated": True,  # the chunks of a body are joined already
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
        self,
        status: str,
        headers: list[tuple[str, str]],
        payload: bytes,
        fault: DeliveryFault | None,
    ) -> None:
        if fault is DeliveryFault.HANG:
            self.server.closing.wait(_MAX_HANG_SECONDS)
        if fault in {DeliveryFault.HANG, DeliveryFault.DROP}:
            self.close_connection = True
            return
        all_headers = list(headers)
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            all_headers.append(("Date", self.date_time_string()))
        has_body = int(status[:3]) not in _STATUSES_WITHOUT_BODY
        if "content-length" not in names and has_body:
            all_headers.append(("Content-Length", str(len(payload))))
        if self.close_connection:
            all_headers.append(("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in all_headers)
        # One write, so that a small head and body travel in one packet.
        answer = f"{self.protocol_version} {status}\r\n{head}\r\n".encode("latin-1")
        if fault is DeliveryFault.CUT:
            answer += payload[: len(payload) // 2]
            self.close_connection = True
        elif has_body and self.command != "HEAD":
            answer += payload
        self.wfile.write(answer)


def _join(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
