"""The single-page app for browsers, a JSON index for other clients, and the API documentation.

The app is `web/index.html` with its scripts. Its router shows the view of the path, so that each path of a view serves the same file.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, jsonify, redirect, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from config import PROJECT, VERSION
from routes.endpoints import Blueprint, endpoint
from routes.errors import http_error_response
from routes.page_modules import modules_for
from routes.urls import base_url

page = Blueprint("page", __name__, scope="open", enable_openapi=False)
_WEB = PROJECT / "web"
_APP = "index.html"
_LANGUAGES = ("en", *(path.stem for path in sorted((_WEB / "messages").glob("*.js"))))
_COMPRESSED_SUFFIXES = (".js", ".css", ".svg", ".html")
_ROOT_RELATIVE_ATTRIBUTE = re.compile(r'(href|src|content)="/')
_ADMIN_SECTIONS = {  # paths of the admin API -> sections of the page that show the same
    "admins": "users",
    "audit": "audit",
    "credits": "credits",
    "email": "mail",
    "logs": "errors",
    "plans": "credits",
    "prompts": "prompts",
    "queue": "overview",
    "servers": "servers",
    "settings": "settings",
    "stats": "overview",
    "storage": "overview",
    "users": "users",
    "videos": "recordings",
}
_ADMIN_RESOURCES = ("users", "admins", "videos", "stats", "storage", "logs", "audit", "settings", "servers", "queue")


@page.get("/")
def home() -> Any:
    """Serve the app to browsers, and an index of the API to other clients."""
    if _prefers_html():
        return html_response(_APP)
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
    """Serve the app, which shows the player. Documents link here with a time (`#t=SECONDS`)."""
    return html_response(_APP)


@page.get("/recordings/<recording_id>")
def recording(recording_id: str) -> Response:
    """Serve the app, which shows the recording: the address under its newer name."""
    return html_response(_APP)


@page.get("/account")
@page.get("/lessons", endpoint="lessons")
@page.get("/courses", endpoint="courses")
@page.get("/slides", endpoint="slide_wall")
@page.get("/projects", endpoint="projects")
def section() -> Response:
    """Serve the app, which shows this section."""
    return html_response(_APP)


@page.get("/lessons/<script_id>")
def lesson(script_id: str) -> Response:
    """Serve the app, which shows the editor of a script."""
    return html_response(_APP)


@page.get("/courses/<course_id>")
def course(course_id: str) -> Response:
    """Serve the app, which shows a course."""
    return html_response(_APP)


@page.get("/projects/<project_id>")
def project(project_id: str) -> Response:
    """Serve the app, which shows a project."""
    return html_response("index.html")


@page.get("/admin")
def administration() -> Any:
    """Serve the app to browsers, and the paths of the admin API to other clients."""
    if _prefers_html():
        return html_response(_APP)
    root_url = f"{base_url()}/api/v1/admin"
    return jsonify(success=True, message="For admins.", endpoints={name: f"{root_url}/{name}" for name in _ADMIN_RESOURCES})


@page.before_app_request
def show_admin_section() -> Any:
    """Lead browsers that open a path of the admin API to the section of the app that shows the same."""
    section = _ADMIN_SECTIONS.get(request.path.removeprefix("/admin/").rstrip("/")) if request.path.startswith("/admin/") else None
    if section and request.method == "GET" and _prefers_html():
        return redirect(f"{request.script_root}/admin#{section}")
    return None


@page.get("/docs")
def swagger() -> Response:
    return html_response("docs.html")


@page.get("/redoc")
def redoc() -> Response:
    return html_response("redoc.html")


@page.get("/web/<path:name>")
@endpoint(quiet=True)
def asset(name: str) -> Response:
    response = send_from_directory(_WEB, name, max_age=0)
    path = safe_join(str(_WEB), name)
    if response.status_code == 200 and path and name.endswith(_COMPRESSED_SUFFIXES):
        response.vary.add("Accept-Encoding")
        if request.method == "GET" and request.accept_encodings.quality("gzip") > 0:
            gzip_response = Response(_compress(path, Path(path).stat().st_mtime_ns), headers=response.headers)
            gzip_response.headers["Content-Encoding"] = "gzip"
            gzip_response.headers["ETag"] = f"W/{response.headers['ETag']}"
            gzip_response.content_length = len(gzip_response.data)
            return gzip_response
    return response


@page.get("/favicon.ico")
@endpoint(quiet=True)
def favicon() -> Response:
    return asset("favicon.svg")


@page.app_errorhandler(404)
def handle_not_found(error: NotFound) -> Any:
    """Serve the app, which shows "not found", to browsers that open an unknown path; return the JSON error otherwise."""
    if request.url_rule is None and request.method == "GET" and not request.path.startswith("/api/") and _prefers_html():
        return html_response(_APP), 404
    return http_error_response(error)


@lru_cache(maxsize=256)
def _compress(path: str, modified_ns: int) -> bytes:
    """Return a file of the page, compressed; `modified_ns` keeps an older version from being served."""
    return gzip.compress(Path(path).read_bytes(), compresslevel=6)


def _prefers_html() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json") == "text/html"


def html_response(name: str) -> Response:
    """Return a page of the web folder. Its root-relative links get the path prefix of the server."""
    text = (_WEB / name).read_text(encoding="utf-8")
    if name == _APP:
        language = request.accept_languages.best_match(_LANGUAGES, default="en")
        links = (f'  <link rel="modulepreload" href="/web/{module}">\n' for module in modules_for(_WEB, request.path, language))
        text = text.replace("</head>", f"{''.join(links)}</head>", 1)
    response = Response(_ROOT_RELATIVE_ATTRIBUTE.sub(rf'\1="{request.script_root}/', text), mimetype="text/html")
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Cache-Control"] = "no-cache"
    return response
