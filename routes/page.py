"""The web page for browsers, a JSON index for other clients, and the API documentation."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, request, send_from_directory
from werkzeug.exceptions import NotFound

from config import PROJECT, VERSION
from routes.endpoints import Blueprint, endpoint
from routes.errors import http_error_response
from routes.links import base_url

page = Blueprint("page", __name__, scope="open", enable_openapi=False)
_WEB = PROJECT / "web"
_ROOT_RELATIVE_ATTRIBUTE = re.compile(r'(href|src|content)="/')
_ADMIN_RESOURCES = ("users", "admins", "videos", "stats", "storage", "logs", "audit", "settings", "servers", "queue")


@page.get("/")
def home() -> Any:
    """Serve the page to browsers, and an index of the API to other clients."""
    if _prefers_html():
        return _html("index.html")
    root_url = base_url()
    return jsonify(
        success=True,
        name="Lectern",
        version=VERSION,
        status="running",
        message="Turns lectures into documents and documents into lectures.",
        endpoints={
            "docs": f"{root_url}/docs",
            "openapi": f"{root_url}/openapi.json",
            "health": f"{root_url}/health",
            "register": f"{root_url}/api/v1/auth/register",
            "upload": f"{root_url}/upload",
            "list": f"{root_url}/list",
        },
    )


@page.get("/watch/<recording_id>")
def watch(recording_id: str) -> Response:
    """Serve the player; time links in documents lead here (`#t=` and seconds)."""
    return _html("index.html")


@page.get("/admin")
def administration() -> Any:
    """Serve the administration page, which calls the API with the user's session."""
    if _prefers_html():
        return _html("index.html")
    root_url = f"{base_url()}/api/v1/admin"
    return jsonify(success=True, message="For admins.", endpoints={name: f"{root_url}/{name}" for name in _ADMIN_RESOURCES})


@page.get("/docs")
def swagger() -> Response:
    return _html("docs.html")


@page.get("/redoc")
def redoc() -> Response:
    return _html("redoc.html")


@page.get("/web/<path:name>")
@endpoint(quiet=True)
def asset(name: str) -> Response:
    return send_from_directory(_WEB, name, max_age=0)


@page.get("/favicon.ico")
@endpoint(quiet=True)
def favicon() -> Response:
    return asset("favicon.svg")


@page.app_errorhandler(404)
def handle_not_found(error: NotFound) -> Any:
    """Serve the page, which says that it has no such address, to browsers; other clients get the JSON error."""
    if request.url_rule is None and request.method == "GET" and not request.path.startswith("/api/") and _prefers_html():
        return _html("index.html"), 404
    return http_error_response(error)


def _prefers_html() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json") == "text/html"


def _html(name: str) -> Response:
    """Read a page of the web folder and put the server's path prefix before its absolute paths."""
    text = (_WEB / name).read_text(encoding="utf-8")
    response = Response(_ROOT_RELATIVE_ATTRIBUTE.sub(rf'\1="{request.script_root}/', text), mimetype="text/html")
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    return response
