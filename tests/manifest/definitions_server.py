"""A small HTTP server on loopback that serves a manifest."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEMS = "DestinyInventoryItemDefinition"
BUCKETS = "DestinyInventoryBucketDefinition"
STATS = "DestinyStatDefinition"
KEY = "a-secret-api-key"


class DefinitionsServer(ThreadingHTTPServer):
    """Serves ``files``, and records the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.requests = []  # path and headers of each request
        self.files = {}
        self.faults = {}  # by path: answers that are sent before the file, one for each request
        self.stop_at = None  # of this path only the first half is sent until `go_on`
        self.break_at = None  # of this path only the first half is sent
        self.stopped, self.go_on = threading.Event(), threading.Event()
        self.publish({ITEMS: {"1": {"hash": 1}}, BUCKETS: {"2": {"hash": 2}}})

    def publish(self, tables, *, mark="a", version="1", locale="en"):
        """Serve these tables, given as values or as bytes, under new paths, and list them."""
        paths = {name: f"/content/{name}-{mark}.json" for name in tables}
        for name, path in paths.items():
            self.files[path] = self.encode(tables[name])
        self.list_paths(paths, version=version, locale=locale)
        return paths

    def list_paths(self, paths, *, version="1", locale="en"):
        """Set the paths of the tables that the manifest lists."""
        manifest = {"version": version, "jsonWorldComponentContentPaths": {locale: paths}}
        self.set_manifest_answer({"Response": manifest, "ErrorCode": 1})

    def set_manifest_answer(self, envelope, status=200):
        self.files["/Platform/Destiny2/Manifest/"] = (status, self.encode(envelope))

    def count_requests(self, part):
        return sum(part in path for path, _ in self.requests)

    @staticmethod
    def encode(value):
        return value if isinstance(value, bytes) else json.dumps(value).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, path = self.server, self.path.partition("?")[0]
        # The original path: http.server has normalized self.path.
        server.requests.append((self.requestline.split()[1], dict(self.headers)))
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
            """The client was killed: that is what the test is about."""

    def log_message(self, *_):
        """Log nothing."""
