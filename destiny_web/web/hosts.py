"""Trusted host names and trusted proxies."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from destiny_web.config import Settings
from destiny_web.services.loopback import is_loopback
from destiny_web.web.errors import answer
from destiny_web.web.problems import Problem

_PROBES = frozenset({"ops.healthz", "ops.readyz", "ops.metrics"})


def init_app(app: Flask, settings: Settings) -> None:
    """Answer only requests for the host of ``PUBLIC_URL``: links and redirects contain it.

    Probes use the address of the machine, so they are answered with any Host header.
    """
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    trusted_host = settings.hostname

    @app.before_request
    def require_trusted_host() -> Response | None:
        host = host_without_port(request.host)
        # All loopback names are the same host.
        is_trusted = host == trusted_host or (is_loopback(host) and is_loopback(trusted_host))
        if request.endpoint in _PROBES or is_trusted:
            return None
        return answer(
            Problem(
                status=400,
                kind="bad-request",
                title="This site has another address",
                message=f"Its address is {settings.public_url}.",
            )
        )


def host_without_port(host_header: str) -> str:
    """Return the host of a Host header, without port and brackets, in lower case."""
    if host_header.startswith("["):
        return host_header[1:].partition("]")[0].lower()
    return host_header.partition(":")[0].lower()
