"""Which hosts and which proxies are believed."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from destiny_web.config import Settings
from destiny_web.web.errors import answer
from destiny_web.web.problems import Problem

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PROBES = frozenset({"ops.healthz", "ops.readyz", "ops.metrics"})


def init_app(app: Flask, settings: Settings) -> None:
    """Answer only to the host of ``PUBLIC_URL``: links and redirects are made from it.

    Probes come by address, and are answered whatever the Host header says.
    """
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    trusted = settings.hostname

    @app.before_request
    def demand_the_host() -> Response | None:
        name = _name(request.host)
        # On this machine all of its names are the same place.
        at_home = name in _LOOPBACK and trusted in _LOOPBACK
        if request.endpoint in _PROBES or name == trusted or at_home:
            return None
        return answer(
            Problem(
                status=400,
                kind="bad-request",
                title="This site has another address",
                message=f"It is to be found at {settings.public_url}.",
            )
        )


def _name(host: str) -> str:
    """Return a Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
