"""`make run`: serve the site; without credentials, together with a local sandbox of Bungie.net.

Runs in the foreground; Ctrl-C stops every process that it has started.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from secrets import token_hex
from types import FrameType
from urllib.parse import urlsplit

from dotenv import dotenv_values
from werkzeug.serving import make_ssl_devcert

from bungie_sandbox.options import API_KEY, CLIENT_ID, CLIENT_SECRET
from destiny_web.services.loopback import is_loopback

ROOT = Path(__file__).resolve().parent.parent
CREDENTIALS = ("BUNGIE_API_KEY", "BUNGIE_CLIENT_ID", "BUNGIE_CLIENT_SECRET")
SANDBOX_CREDENTIALS = (API_KEY, CLIENT_ID, CLIENT_SECRET)


def main() -> int:
    """Start the processes, wait until one ends, and stop the others."""
    port, sandbox_port = os.environ.get("PORT", "5000"), os.environ.get("SANDBOX_PORT", "5055")
    env = {**_read_env_file(), **os.environ}
    env["PORT"] = port
    env.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    folder = ROOT / env.get("DATA_DIR", "instance")
    is_practice = not any(env.get(name) for name in (*CREDENTIALS, "BUNGIE_ROOT"))
    if not env.get("SECRET_KEY"):
        env["SECRET_KEY"] = _load_or_make_key(folder)
    processes: list[subprocess.Popen[bytes]] = []
    # SIGHUP comes when the terminal is closed: without this handler, gunicorn would go on.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        if is_practice:
            env |= dict(zip(CREDENTIALS, SANDBOX_CREDENTIALS, strict=True))
            env["BUNGIE_ROOT"] = f"http://127.0.0.1:{sandbox_port}"
            # Practice mode has a folder of its own, because its manifest is not the game's.
            env["DATA_DIR"] = str(folder / "practice")
            processes.append(_start_sandbox(sandbox_port, env["PUBLIC_URL"]))
        processes.append(_start_site(env, folder))
        return _watch(processes, env, is_practice=is_practice)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(processes)


def _read_env_file() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}


def _load_or_make_key(folder: Path) -> str:
    """Return the key of an earlier start, or make one: sessions survive a restart."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token_hex(32))
    return path.read_text().strip()


def _start_sandbox(port: str, public_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # the command contains no input of a visitor
        [
            sys.executable,
            "-m",
            "bungie_sandbox",
            "--port",
            port,
            "--redirect-uri",
            f"{public_url}/auth/callback",
        ],
        cwd=ROOT,
    )


def _start_site(env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    url = urlsplit(env["PUBLIC_URL"])
    if url.scheme == "https" and is_loopback(url.hostname or ""):
        # Bungie redirects players only to https. The certificate is made once, because the
        # developer has to accept it in the browser.
        certificate, key = folder / "local.crt", folder / "local.key"
        if not key.exists():
            make_ssl_devcert(str(folder / "local"), host=url.hostname)
            key.chmod(0o600)
        command += ["--certfile", str(certificate), "--keyfile", str(key)]
    return subprocess.Popen(command, cwd=ROOT, env=env)  # noqa: S603  # as above


def _watch(
    processes: list[subprocess.Popen[bytes]], env: dict[str, str], *, is_practice: bool
) -> int:
    """Print the site's address when it answers; return when one of the processes ends."""
    is_announced = False
    while all(process.poll() is None for process in processes):
        if not is_announced and _accepts_connections(env["PORT"]):
            is_announced = True
            print(f"\n  destiny_web is on {env['PUBLIC_URL']}")
            if is_practice:
                root = env["BUNGIE_ROOT"]
                print(
                    f"  practice mode: items come from the sandbox on {root}, not from Bungie.net"
                )
                print("  (for your own account put Bungie's credentials into .env, see README)")
            print("  Ctrl-C stops it\n", flush=True)
        time.sleep(0.3)
    return next((code for code in (process.poll() for process in processes) if code), 1)


def _accepts_connections(port: str) -> bool:
    """Tell whether a process listens on the port: the site does when its workers are ready."""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=2):
            return True
    except OSError:
        return False


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the stop
    # Ctrl-C reaches all processes of the group, SIGTERM reached this process only. Gunicorn, the
    # last process, stops at once on SIGINT; on SIGTERM it waits for open connections.
    for process in reversed(processes):
        if process.poll() is None:
            process.send_signal(signal.SIGINT if process is processes[-1] else signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
