"""Security headers of every response: content security policy, framing, CORS, HSTS and secure cookies."""

from __future__ import annotations

from flask import Flask, Response, g, request

_PAGE = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI and Redoc insert style elements and attributes; Redoc's search runs in a worker made from a blob.
_DOCUMENTATION = _PAGE.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + "; worker-src 'self' blob:"
_DATA = "default-src 'none'; frame-ancestors 'none'; sandbox"
_ACTIVE_TYPES = ("image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_NOBODY = "'none'"
# What clients of other origins may send and read: tokens, parts of files, event streams, and the headers of tus 1.0 (resumable uploads).
_TUS_SENT = "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override"
_TUS_READ = "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Length, Upload-Offset, Upload-Metadata"
_ALLOWED_HEADERS = f"Authorization, Content-Type, Range, If-Range, If-None-Match, Last-Event-ID, X-Requested-With, {_TUS_SENT}"
_EXPOSED_HEADERS = (
    "X-Total-Count, Link, X-Request-ID, Retry-After, Location, ETag, Accept-Ranges, Content-Range, Content-Disposition, Recording-Id, "
    f"Upload-Expires, {_TUS_READ}"
)
_YEAR_S = 365 * 86400


def init_security_headers(app: Flask, allowed_origins: tuple[str, ...], cdn_url: str = "") -> None:
    """Add the headers to every response. Only `allowed_origins` may read responses across origins, with cookies.

    `cdn_url`: where pages load streams from, besides this server.
    """
    cdn_origin = "/".join(cdn_url.split("/")[:3])

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        ancestors = g.get("frame_ancestors", "")  # of a page that others may embed
        if ancestors:
            del response.headers["X-Frame-Options"]  # it can't name several origins; frame-ancestors overrides it in current browsers
        policy = with_cdn(_policy(response), cdn_origin).replace("frame-ancestors 'none'", f"frame-ancestors {ancestors or _NOBODY}")
        response.headers.setdefault("Content-Security-Policy", policy)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
            _secure_cookies(response)
        _add_cors_headers(response, allowed_origins)
        return response


def with_cdn(policy: str, origin: str) -> str:
    """Return the policy of a page that may also load pictures, sound and streams from this origin."""
    if not origin:
        return policy
    for directive in ("img-src 'self'", "media-src 'self'", "connect-src 'self'"):
        policy = policy.replace(directive, f"{directive} {origin}")
    return policy


def _policy(response: Response) -> str:
    if response.mimetype == "text/html":
        return _DOCUMENTATION if request.path in ("/docs", "/redoc") else _PAGE
    if response.mimetype in _ACTIVE_TYPES or response.mimetype == "application/json":
        return _DATA
    return "frame-ancestors 'none'"  # browsers' PDF viewers fail under a stricter policy


def _secure_cookies(response: Response) -> None:
    """Mark cookies set over HTTPS as secure, regardless of COOKIE_SECURE."""
    cookies = response.headers.getlist("Set-Cookie")
    if cookies:
        secure_cookies = [each if "; secure" in each.lower() else f"{each}; Secure" for each in cookies]
        response.headers.setlist("Set-Cookie", secure_cookies)


def _add_cors_headers(response: Response, allowed_origins: tuple[str, ...]) -> None:
    """Allow the listed origins (https://fetch.spec.whatwg.org/#http-cors-protocol).

    Without a list, pages of other origins show only what a signed address or open mode opens (`g.resource_policy`).
    """
    if not allowed_origins:
        response.headers.setdefault("Cross-Origin-Resource-Policy", g.get("resource_policy", "same-origin"))
        return
    response.headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if origin not in allowed_origins:
        return
    response.headers["Access-Control-Allow-Origin"] = str(origin)
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Max-Age"] = "600"
