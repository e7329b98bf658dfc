"""Probes and metrics: liveness, readiness, and counters for Prometheus."""

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from destiny_web.services.loopback import is_loopback
from destiny_web.storage.store import StoreError
from destiny_web.web.hosts import host_without_port
from destiny_web.web.services import current_services

bp = Blueprint("ops", __name__)

_PROXY_HEADERS = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


@bp.get("/healthz")
def healthz() -> Response:
    """Answer while the process runs."""
    return jsonify(ok=True)


@bp.get("/readyz")
def readyz() -> Response:
    """Tell whether the site can serve players: the definitions exist, and the store works.

    ``notes`` describes the damage of the store that was repaired in the last hour. The endpoint
    is public: it writes nothing and starts nothing.
    """
    faults = {"manifest": _check_manifest(), "store": _check_store()}
    is_ready = not any(faults.values())
    response = jsonify(
        ok=is_ready,
        checks={name: fault or "ok" for name, fault in faults.items()},
        notes={"store": note} if (note := current_services().store.repair()) else {},
    )
    response.status_code = 200 if is_ready else 503
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """Return the metrics; only to a direct request from this machine."""
    if not _is_direct_and_local():
        abort(404)
    return Response(current_services().metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _is_direct_and_local() -> bool:
    """Tell whether the request comes from this machine, and not through a proxy on it.

    The address of a local proxy that is missing in ``TRUSTED_PROXIES`` is loopback, too. But such
    a proxy sets a header of its own, or sends the Host header of its client.
    """
    is_forwarded = any(header in request.headers for header in _PROXY_HEADERS)
    has_local_host = is_loopback(host_without_port(request.host))
    return not is_forwarded and has_local_host and is_loopback(request.remote_addr or "")


def _check_manifest() -> str:
    is_ready = current_services().manifest_updater.is_ready()
    return "" if is_ready else "the definitions are not there yet"


def _check_store() -> str:
    try:
        current_services().store.ping()
    except StoreError:
        return "the store does not work"
    return ""
