"""A gateway before the sandbox: it forwards requests, and answers some of them itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import requests

from bungie_sandbox.server import Sandbox

TOKEN_PATH = "/Platform/App/OAuth/token/"  # noqa: S105 (a path, not a secret)
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "date"}


@dataclass
class Reply:
    """An answer that the gateway sends itself."""

    status: int = 400
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Gateway:
    """Address, answers and received requests of a gateway.

    Attributes:
        root: Address of the gateway.
        replies: Answers of the gateway, by the beginning of the request's path.
        rewrites: Functions that change the sandbox's answer (bytes to bytes), by path as well.
        date: The Date header of forwarded answers; None: there is none.
    """

    def __init__(self, bungie: Sandbox) -> None:
        self.bungie = bungie
        self.root = ""
        self.replies: dict[str, Reply] = {}
        self.rewrites: dict = {}
        self.date: str | None = None
        self.seen: list[tuple[str, str]] = []
        self.guard = Lock()

    def requests_to(self, path: str) -> int:
        """Count the received requests whose path begins with *path*."""
        with self.guard:
            return sum(seen_path.startswith(path) for _, seen_path in self.seen)

    def answer(self, method: str, path: str, headers, body: bytes) -> Reply:
        """Answer a request, or forward it."""
        with self.guard:
            self.seen.append((method, path))
        for start, reply in self.replies.items():
            if path.startswith(start):
                return reply
        response = requests.request(
            method,
            self.bungie.root + path,
            headers={name: value for name, value in headers.items() if name != "Host"},
            data=body or None,
            allow_redirects=False,
            timeout=30,
        )
        content = response.content
        for start, rewrite in self.rewrites.items():
            if path.startswith(start):
                content = rewrite(content)
        forwarded_headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in _HOP_BY_HOP
        }
        if self.date is not None:
            forwarded_headers["Date"] = self.date
        return Reply(response.status_code, content, forwarded_headers)


@contextmanager
def gateway(bungie: Sandbox) -> Iterator[Gateway]:
    """Listen until the block ends."""
    front = Gateway(bungie)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = front.answer(self.command, self.path, self.headers, body)
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_GET  # noqa: N815 (the name that the server looks for)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        front.root = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield front
        finally:
            server.shutdown()
            thread.join()
