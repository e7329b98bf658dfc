"""Probes: is the process up, can it serve, and what has it done?"""

from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from destiny_web.storage.store import StoreError
from destiny_web.web.services import current_services

bp = Blueprint("ops", __name__)

_HOME = frozenset({"127.0.0.1", "localhost", "[::1]"})


@bp.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process can."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> Response:
    """Tell whether players can be served: there are definitions, and the store works.

    ``notes`` says what was wrong with the store in the last hour and was repaired.
    Open to everybody: it writes nothing and starts nothing.
    """
    checks = {"manifest": _manifest(), "store": _store()}
    ready = not any(checks.values())
    answer = jsonify(
        ok=ready,
        checks={name: fault or "ok" for name, fault in checks.items()},
        notes={"store": note} if (note := current_services().store.repair()) else {},
    )
    answer.status_code = 200 if ready else 503
    return answer


@bp.get("/metrics")
def metrics() -> Response:
    """Tell what was counted, to who asks from this machine, directly."""
    if not _at_home():
        abort(404)
    return Response(current_services().metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _at_home() -> bool:
    """Tell whether somebody on this machine asks, and not a proxy on it for somebody else.

    A proxy that is not known as one (``TRUSTED_PROXIES``) comes from this machine too, but it
    says for whom, or passes the Host header on.
    """
    passed_on = {"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} & {*request.headers.keys()}
    name = request.host.rpartition(":")[0] if ":" in request.host else request.host
    return not passed_on and name in _HOME and _loopback(request.remote_addr or "")


def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _manifest() -> str:
    return (
        ""
        if current_services().manifest_updater.is_ready()
        else "the definitions are not there yet"
    )


def _store() -> str:
    try:
        current_services().store.ping()
    except StoreError:
        return "the store does not work"
    return ""
