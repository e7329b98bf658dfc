"""A process that stands before the sandbox and keeps its answers to GetProfile.

The sandbox needs longer to make an answer than a page needs altogether, and its thread would share
the interpreter lock with what is measured. So the first answer to each address is kept and sent
again, from a process of its own. Every other request is forwarded.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import requests

_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "date", "server", "content-length"})
_KEPT_PATH = "/Profile/"


class _Handler(BaseHTTPRequestHandler):
    """Answers from memory, or forwards to ``server.target``."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server
        assert isinstance(server, _Server)
        answer = server.answers.get(self.path)
        if answer is None:
            answer = self._forward(server.target, body)
            if self.command == "GET" and _KEPT_PATH in self.path:
                server.answers[self.path] = answer
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 (the name that the server looks for)

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _forward(self, target: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        response = requests.request(
            self.command,
            target + self.path,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            stream=True,
            timeout=60,
        )
        kept_headers = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in _HOP_BY_HOP
        }
        return response.status_code, kept_headers, response.raw.read(decode_content=False)


class _Server(ThreadingHTTPServer):
    """The server with the kept answers, by address."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}


def _serve(target: str, port: Connection) -> None:
    server = _Server(target)
    port.send(server.server_port)
    server.serve_forever()


@contextmanager
def keeping_answers(root: str) -> Iterator[str]:
    """Run the process until the block ends; yield its address.

    Args:
        root: Address of the sandbox.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(root, sender), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}"
    finally:
        process.terminate()
        process.join()
