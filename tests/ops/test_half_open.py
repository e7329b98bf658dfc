"""Connections that send an incomplete request: they block a thread for a short time only."""

import socket
from contextlib import ExitStack
from threading import Event
from urllib.parse import urlsplit

import pytest
import requests

from tests.serving import served

CONNECTIONS = 40
SILENT = b""
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
FORM = (
    b"POST /auth/logout HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
HALF_A_BODY = FORM + b"Content-Length: 60000\r\n\r\ncsrf_token="
HALF_A_CHUNK = FORM + b"Transfer-Encoding: chunked\r\n\r\n64\r\ncsrf_token="


@pytest.mark.parametrize(
    "sent",
    [SILENT, HALF_A_HEAD, HALF_A_BODY, HALF_A_CHUNK],
    ids=["silent", "half-a-head", "half-a-body", "half-a-chunk"],
)
def test_forty_half_open_connections_do_not_keep_others_from_the_site(bungie, folder, sent):
    with served(bungie, folder) as address, ExitStack() as stack:
        url = urlsplit(address)
        connections = []
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((url.hostname, url.port), timeout=60)
            connections.append(stack.enter_context(connection))
            connection.sendall(sent)
        assert requests.get(f"{address}/healthz", timeout=25).status_code == 200
        for connection in connections:  # the site closes each of them
            while connection.recv(4096):
                pass
        assert requests.get(f"{address}/healthz", timeout=25).status_code == 200
    assert "Traceback" not in (folder / "gunicorn.log").read_text()


def test_clients_that_never_close_their_side_do_not_keep_others_from_the_site(bungie, folder):
    complete_request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with served(bungie, folder) as address, ExitStack() as stack:
        url = urlsplit(address)
        for _ in range(CONNECTIONS):
            connection = socket.create_connection((url.hostname, url.port), timeout=60)
            stack.enter_context(connection).sendall(complete_request)
        assert requests.get(f"{address}/healthz", timeout=25).status_code == 200


@pytest.mark.parametrize("pause", [0.5, 1.5])
def test_a_slow_request_is_answered_within_the_time_limit(bungie, folder, pause):
    with served(bungie, folder) as address:
        url = urlsplit(address)
        with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
            for _ in range(2):  # each request of a connection has a time limit of its own
                Event().wait(pause)
                connection.sendall(b"GET /healthz HTTP/1.1\r\n")
                Event().wait(pause)
                connection.sendall(f"Host: {url.netloc}\r\n\r\n".encode())
                answer = b""
                while b'{"ok":true}' not in answer:
                    answer += (read := connection.recv(4096))
                    assert read, answer
                assert answer.startswith(b"HTTP/1.1 200")
