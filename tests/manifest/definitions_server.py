"""A small server with a manifest, over real HTTP on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEMS = "DestinyInventoryItemDefinition"
BUCKETS = "DestinyInventoryBucketDefinition"
STATS = "DestinyStatDefinition"
KEY = "a-secret-api-key"


class Server(ThreadingHTTPServer):
    """Serves what ``files`` says, and remembers what it was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.asked = []
        self.files = {}
        self.faults = {}  # path -> answers to give first, one each time
        self.stop_at = None  # the path of which only half is sent until `go_on`
        self.break_at = None  # the path of which only half is sent, for good
        self.stopped, self.go_on = threading.Event(), threading.Event()
        self.offer({ITEMS: {"1": {"hash": 1}}, BUCKETS: {"2": {"hash": 2}}})

    def offer(self, tables, *, mark="a", version="1", locale="en"):
        """Publish these tables, as values or as they are on the wire, under new paths."""
        paths = {name: f"/content/{name}-{mark}.json" for name in tables}
        for name, path in paths.items():
            self.files[path] = self.encoded(tables[name])
        self.list(paths, version=version, locale=locale)
        return paths

    def list(self, paths, *, version="1", locale="en"):
        """Say that these are the paths of the tables."""
        offered = {"version": version, "jsonWorldComponentContentPaths": {locale: paths}}
        self.answer({"Response": offered, "ErrorCode": 1})

    def answer(self, envelope, status=200):
        self.files["/Platform/Destiny2/Manifest/"] = (status, self.encoded(envelope))

    def times(self, part):
        return sum(part in path for path, _ in self.asked)

    @staticmethod
    def encoded(value):
        return value if isinstance(value, bytes) else json.dumps(value).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, path = self.server, self.path.partition("?")[0]
        # As it came: http.server itself has tidied the path.
        server.asked.append((self.requestline.split()[1], dict(self.headers)))
        faults = server.faults.get(path)
        answer = faults.pop(0) if faults else server.files.get(path, (404, b"not here"))
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body.decode())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if path == server.break_at:
            body = body[: len(body) // 2]
            self.close_connection = True
        if path == server.stop_at:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            server.stopped.set()
            server.go_on.wait(30)
            body = body[len(body) // 2 :]
        self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            """The other side was killed: that is what the test is about."""

    def log_message(self, *_):
        """Say nothing."""
