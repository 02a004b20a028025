"""The origin of a request, for open mode."""

from __future__ import annotations

from flask import request

from routes.container import container
from services.accounts.open_mode import RequestOrigin

_FORWARDING_HEADERS = ("Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "Cf-Connecting-Ip", "True-Client-Ip")
_PROXY_PROTOCOL = "HTTP/1.0"  # nginx speaks it to servers unless told otherwise; browsers, curl and HTTP libraries do not


def request_origin() -> RequestOrigin:
    """Return the address and host of the request, and whether a proxy that TRUSTED_PROXIES does not count has passed it on.

    A trusted proxy has to name the client in X-Forwarded-For; one that sends other headers only is not trusted either.
    """
    names = [name for name, _ in request.headers if name.startswith("X-Forwarded-") or name in _FORWARDING_HEADERS]
    is_trusted = container().settings.trusted_proxies > 0 and "X-Forwarded-For" in names
    is_proxied = bool(names) or request.environ.get("SERVER_PROTOCOL") == _PROXY_PROTOCOL
    return RequestOrigin(request.remote_addr or "", request.host, is_forwarded=is_proxied and not is_trusted)
