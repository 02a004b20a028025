"""The page for browsers, the API's own description for others, and the documentation."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify, request, send_from_directory

from config import PROJECT, VERSION
from routes.endpoints import Blueprint, endpoint
from routes.links import base_url

page = Blueprint("page", __name__, scope="open", enable_openapi=False)
_WEB = PROJECT / "web"
_ROOTED = re.compile(r'(href|src|content)="/')


@page.get("/")
def home() -> Any:
    if request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json") == "text/html":
        return _page("index.html")
    here = base_url()
    return jsonify(
        success=True,
        name="Lectern",
        version=VERSION,
        status="running",
        message="Turns lectures into documents and documents into lectures.",
        endpoints={
            "docs": f"{here}/docs",
            "openapi": f"{here}/openapi.json",
            "health": f"{here}/health",
            "register": f"{here}/api/v1/auth/register",
            "upload": f"{here}/upload",
            "list": f"{here}/list",
        },
    )


@page.get("/watch/<recording_id>")
def watch(recording_id: str) -> Response:
    """Links in documents lead here; the page plays the recording from the second after `#t=`."""
    return _page("index.html")


@page.get("/admin")
def administration() -> Any:
    """The page for admins; it holds nothing itself and asks the API as whoever signs in."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json") == "text/html":
        return _page("admin.html")
    here = f"{base_url()}/api/v1/admin"
    parts = ("users", "admins", "videos", "stats", "storage", "logs", "audit", "settings", "servers", "queue")
    return jsonify(success=True, message="For admins.", endpoints={part: f"{here}/{part}" for part in parts})


@page.get("/docs")
def swagger() -> Response:
    return _page("docs.html")


@page.get("/redoc")
def redoc() -> Response:
    return _page("redoc.html")


@page.get("/web/<path:name>")
@endpoint(is_counted=False)
def asset(name: str) -> Response:
    return send_from_directory(_WEB, name, max_age=0)


@page.get("/favicon.ico")
@endpoint(is_counted=False)
def favicon() -> Response:
    return asset("favicon.svg")


def _page(name: str) -> Response:
    """A page, with its addresses under the path that this server stands under."""
    text = (_WEB / name).read_text(encoding="utf-8")
    response = Response(_ROOTED.sub(rf'\1="{request.script_root}/', text), mimetype="text/html")
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    return response
