"""`make run`: serve the site, and a local Bungie.net beside it when there are no credentials.

Runs in the foreground; Ctrl-C stops everything that it started.
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

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ROOT = Path(__file__).resolve().parent.parent
CREDENTIALS = ("BUNGIE_API_KEY", "BUNGIE_CLIENT_ID", "BUNGIE_CLIENT_SECRET")
SANDBOX_CREDENTIALS = (API_KEY, CLIENT_ID, CLIENT_SECRET)


def main() -> int:
    """Start what is needed, wait, and stop it all."""
    port, sandbox_port = os.environ.get("PORT", "5000"), os.environ.get("SANDBOX_PORT", "5055")
    env = {**_beside(), **os.environ}
    env["PORT"] = port
    env.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")
    folder = ROOT / env.get("DATA_DIR", "instance")
    practice = not any(env.get(name) for name in (*CREDENTIALS, "BUNGIE_ROOT"))
    if not env.get("SECRET_KEY"):
        env["SECRET_KEY"] = _kept_key(folder)
    started: list[subprocess.Popen[bytes]] = []
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal: gunicorn would go on
        signal.signal(number, _interrupt)
    try:
        if practice:
            env |= dict(zip(CREDENTIALS, SANDBOX_CREDENTIALS, strict=True))
            env["BUNGIE_ROOT"] = f"http://127.0.0.1:{sandbox_port}"
            # Practice has a folder of its own: its manifest is not the game's.
            env["DATA_DIR"] = str(folder / "practice")
            started.append(_sandbox(sandbox_port, env["PUBLIC_URL"]))
        started.append(_site(env, folder))
        return _watch(started, env, practice=practice)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(started)


def _beside() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}


def _kept_key(folder: Path) -> str:
    """Return the key that an earlier start has made, or make one: sessions outlive a restart."""
    file = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(token_hex(32))
    return file.read_text().strip()


def _sandbox(port: str, public_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own words only
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


def _site(env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    public = urlsplit(env["PUBLIC_URL"])
    if public.scheme == "https" and public.hostname in LOOPBACK:
        # Bungie sends players back only to https. Made once: a browser remembers it.
        certificate, key = folder / "local.crt", folder / "local.key"
        if not key.exists():
            make_ssl_devcert(str(folder / "local"), host=public.hostname)
            key.chmod(0o600)
        command += ["--certfile", str(certificate), "--keyfile", str(key)]
    return subprocess.Popen(command, cwd=ROOT, env=env)  # noqa: S603  # our own words only


def _watch(started: list[subprocess.Popen[bytes]], env: dict[str, str], *, practice: bool) -> int:
    """Say where the site is once it answers, and return when one of the processes ends."""
    told = False
    while all(process.poll() is None for process in started):
        if not told and _answers(env["PORT"]):
            told = True
            print(f"\n  destiny_web is on {env['PUBLIC_URL']}")
            if practice:
                root = env["BUNGIE_ROOT"]
                print(
                    f"  practice mode: items come from the sandbox on {root}, not from Bungie.net"
                )
                print("  (for your own account put Bungie's credentials into .env, see README)")
            print("  Ctrl-C stops it\n", flush=True)
        time.sleep(0.3)
    return next((code for code in (process.poll() for process in started) if code), 1)


def _answers(port: str) -> bool:
    """Tell whether somebody listens: the site does once its workers are up."""
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=2):
            return True
    except OSError:
        return False


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stop(started: list[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C: it is under way
    # Ctrl-C reaches the whole group, and all are ending already. Who stops us alone
    # (SIGTERM) has reached nobody else; gunicorn takes SIGINT as "at once", SIGTERM as
    # "when everybody has gone".
    for process in reversed(started):
        if process.poll() is None:
            process.send_signal(signal.SIGINT if process is started[-1] else signal.SIGTERM)
    for process in started:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
