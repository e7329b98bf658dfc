"""The program: start, serving and stop."""

import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from bungie_sandbox.__main__ import parse
from bungie_sandbox.options import Options
from bungie_sandbox.server import running


def start(*arguments: str) -> subprocess.Popen:
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "bungie_sandbox", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_output(process: subprocess.Popen) -> str:
    """What it prints when it is ready."""
    lines = []
    while "control page" not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
        lines.append(line)
    return "".join([*lines, line])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_prints_its_address_serves_and_stops_without_output(number):
    with start("--vault", "10") as process:
        output = read_output(process)
        root = re.search(r"BUNGIE_ROOT=(\S+)", output)[1]
        key = re.search(r"BUNGIE_API_KEY=(\S+)", output)[1]
        answer = requests.get(
            f"{root}/Platform/Destiny2/Manifest/", headers={"X-API-Key": key}, timeout=30
        )
        assert answer.json()["ErrorCode"] == 1
        process.send_signal(number)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_the_program_stops_after_any_number_of_signals():
    with start("--vault", "10") as process:
        read_output(process)
        for number in (signal.SIGINT, signal.SIGTERM) * 100:
            process.send_signal(number)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_the_program_prints_one_line_if_the_port_is_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start("--port", port) as process:
            assert process.wait(30) == 1
            assert process.stderr.read().splitlines() == [
                f"Cannot listen on 127.0.0.1:{port}: {os.strerror(98)}"
            ]


def test_the_help_names_every_option():
    answer = subprocess.run(
        [sys.executable, "-m", "bungie_sandbox", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    options = {f"--{name.replace('_', '-')}" for name in (*Options.__struct_fields__, "strict")}
    for option in options:
        assert option in answer.stdout


def test_options_are_read_from_the_command_line():
    defaults = {"port": 5055}
    assert parse([]) == Options(**defaults)
    arguments = [
        "--latency",
        "GetProfile=0.4:2",
        "--latency",
        "*=0:1",
        "--write-lag",
        "3",
        "--full",
    ]
    latency = {"GetProfile": (0.4, 2.0), "*": (0.0, 1.0)}
    assert parse(arguments) == Options(latency=latency, write_lag=3, full=True, **defaults)
    assert parse(["--strict"]) == Options(
        spacing=True, address_limit=True, servers=3, cache_seconds=60, **defaults
    )


@pytest.mark.parametrize("latency", ["GetProfile", "0.4:2", "GetProfile=0.4", "GetProfile=a:b"])
def test_a_wrong_latency_is_an_error(latency, capsys):
    with pytest.raises(SystemExit):
        parse(["--latency", latency])
    assert "--latency" in capsys.readouterr().err


def test_a_connection_serves_many_requests(bungie):
    parts = urlsplit(bungie.root)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    local_addresses = set()
    for path in ("/common/destiny2_content/icons/sign-arc.fff.svg", "/nowhere", "/sandbox/clock"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        local_addresses.add(connection.sock.getsockname())
    connection.close()
    assert len(local_addresses) == 1


def test_a_chunked_body_is_read(client):
    body = [b'{"itemId": "5", ', b'"membershipType": 3}']
    answer = client.session.post(
        client.root + "/Destiny2/Actions/Items/EquipItem/",
        data=iter(body),
        headers={"Content-Type": "application/json"},
        timeout=30,
    )
    assert answer.json()["ErrorCode"] == 1620


def test_a_head_request_has_no_body(bungie):
    answer = requests.head(
        f"{bungie.root}/common/destiny2_content/icons/sign-arc.fff.svg", timeout=30
    )
    assert answer.status_code == 200
    assert answer.content == b""


def test_many_pictures_are_served_at_once(bungie):
    def fetch(number):
        path = f"/common/destiny2_content/icons/sword.exotic.{number:08x}.svg"
        return requests.get(bungie.root + path, timeout=30).status_code

    with ThreadPoolExecutor(24) as executor:
        assert set(executor.map(fetch, range(200))) == {200}


def test_several_sandboxes_run_at_the_same_time():
    with running(vault=1) as first, running(vault=2) as second:
        assert first.root != second.root
        first.reset()
        assert len(first.world.players) == len(second.world.players)


def test_a_stopped_sandbox_does_not_answer():
    with running(vault=0) as bungie:
        root = bungie.root
        session = requests.Session()
        assert session.get(f"{root}/sandbox/clock", timeout=30).status_code == 200
    with session, pytest.raises(requests.ConnectionError):
        session.get(f"{root}/sandbox/clock", timeout=30)


def test_a_malformed_request_does_not_affect_others(bungie):
    parts = urlsplit(bungie.root)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        assert select.select([connection], [], [], 5)[0]
    assert requests.get(f"{bungie.root}/sandbox/clock", timeout=30).status_code == 200
