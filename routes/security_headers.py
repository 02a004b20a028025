"""What browsers are told about every answer: what a page may load, who may frame it, which other origins may read it."""

from __future__ import annotations

from flask import Flask, Response, request

_PAGE = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI and Redoc write style elements and attributes while they run; Redoc searches in a worker that it makes itself.
_DOCUMENTATION = _PAGE.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + "; worker-src 'self' blob:"
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'; sandbox"
_CAN_RUN = ("image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR_S = 365 * 86400


def init_security_headers(app: Flask, allowed_origins: tuple[str, ...]) -> None:
    """Say it in every answer. `allowed_origins` may read answers from other hosts, cookies included; nobody else may."""

    @app.after_request
    def say(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _policy(response))
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
            _secure_cookies(response)
        _let_in(response, allowed_origins)
        return response


def _policy(response: Response) -> str:
    if response.mimetype == "text/html":
        return _DOCUMENTATION if request.path in ("/docs", "/redoc") else _PAGE
    if response.mimetype in _CAN_RUN or response.mimetype == "application/json":
        return _NO_PAGE
    return "frame-ancestors 'none'"  # a browser's own PDF viewer does not work under more


def _secure_cookies(response: Response) -> None:
    """Cookies that were set over HTTPS never go back over HTTP, whatever COOKIE_SECURE says."""
    cookies = response.headers.getlist("Set-Cookie")
    if cookies:
        marked = [each if "; secure" in each.lower() else f"{each}; Secure" for each in cookies]
        response.headers.setlist("Set-Cookie", marked)


def _let_in(response: Response, allowed_origins: tuple[str, ...]) -> None:
    """Cross-origin reading for origins that were named exactly (https://fetch.spec.whatwg.org/#http-cors-protocol)."""
    if not allowed_origins:
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin not in allowed_origins:
        return
    response.headers["Access-Control-Allow-Origin"] = str(origin)
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Expose-Headers"] = "X-Total-Count, Link, X-Request-ID, Retry-After"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Range, If-Range, Last-Event-ID"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Max-Age"] = "600"
