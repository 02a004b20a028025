"""create_app(): the Flask app with all its blueprints. It starts nothing; `make_ready` does, once a server is up."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from apiflask import APIFlask
from flask import Response, request
from flask_jwt_extended import JWTManager
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_routes import admin, worker_health
from bootstrap import Container
from cli import register_commands
from config import PROJECT, VERSION, Settings, load_settings
from database import db, init_database
from lib import tracing
from lib.concurrency_limit import ConcurrencyLimit
from lib.logs import configure_logs
from routes import register_blueprints
from routes.body_limits import LecternRequest, discard_sinks
from routes.container import container
from routes.endpoints import endpoint
from routes.errors import init_errors
from routes.openapi import complete_spec, document_view
from routes.rate_limits import init_rate_limits
from routes.request_log import init_request_log
from routes.request_sender import sender_of
from routes.security_headers import init_security_headers
from routes.static_segments import methods_by_static_path, reserve_static_segments
from routes.strict_requests import StrictJson, reject_malformed_headers, reject_malformed_urls
from schemas.errors import ERROR_SCHEMA


class LecternApp(APIFlask):
    request_class = LecternRequest
    json_provider_class = StrictJson

    @functools.cached_property
    def static_paths(self) -> dict[str, set[str]]:
        return methods_by_static_path(self)

    def make_default_options_response(self) -> Response:
        response = super().make_default_options_response()
        if request.path in self.static_paths:
            response.headers["Allow"] = ", ".join(sorted(self.static_paths[request.path]))
        return response


def create_app(settings: Settings | None = None) -> LecternApp:
    settings = settings or load_settings()
    configure_logs(settings.log_level)
    app = LecternApp(__name__, title="Lectern", version=VERSION, docs_path=None, spec_path="/openapi.json")
    app.config.update(_flask_config(settings))
    tracing.from_settings(settings, app)
    app.security_schemes = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": app.config["JWT_ACCESS_COOKIE_NAME"]},
    }
    init_database(app, settings)
    Migrate(app, db, directory=str(PROJECT / "migrations"), render_as_batch=settings.is_sqlite)
    JWTManager(app)
    init_request_log(app)
    init_errors(app)
    app.extensions["lectern"] = Container(app, settings)
    register_blueprints(app)
    app.spec_processor(complete_spec)  # type: ignore[arg-type]
    app.register_blueprint(admin, url_prefix="/admin")
    app.register_blueprint(admin, url_prefix="/api/v1/admin", name="api_admin")
    app.register_blueprint(worker_health)
    register_commands(app)
    sender = functools.partial(sender_of, cookie_name=app.config["JWT_ACCESS_COOKIE_NAME"])
    app.wsgi_app = _behind_proxies(ConcurrencyLimit(app.wsgi_app, sender), settings)  # type: ignore[method-assign]
    app.before_request(_begin_request)
    app.before_request(reject_malformed_headers)
    app.before_request(reject_malformed_urls)
    app.before_request(lambda: reserve_static_segments(app.static_paths))
    app.view_functions["static"] = endpoint(scope="open", quiet=True)(app.view_functions["static"])
    app.view_functions["openapi.spec"] = endpoint(scope="open")(document_view(app, settings.url_prefix))
    init_rate_limits(app, settings)
    init_security_headers(app, settings.allowed_origins, settings.cdn_url)
    app.teardown_request(discard_sinks)
    return app


def _behind_proxies(wsgi_app: Any, settings: Settings) -> Any:
    """Apply the path prefix, and trust X-Forwarded-* of as many proxies as configured."""
    if settings.url_prefix:
        wsgi_app = _PathPrefix(wsgi_app, settings.url_prefix)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        wsgi_app = ProxyFix(wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=hops, x_prefix=hops)
    return wsgi_app


class _PathPrefix:
    """WSGI middleware that serves the app under a path, whether the proxy passes that path on or strips it (PEP 3333, SCRIPT_NAME)."""

    def __init__(self, wsgi_app: Any, prefix: str) -> None:
        self._wsgi_app, self._prefix = wsgi_app, prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._wsgi_app(environ, start_response)


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "ALLOWED_ORIGINS": settings.allowed_origins,
        "JWT_ALGORITHM": settings.jwt_algorithm,
        "JWT_ACCESS_TOKEN_EXPIRES": dt.timedelta(seconds=settings.access_token_s),
        "JWT_REFRESH_TOKEN_EXPIRES": dt.timedelta(seconds=settings.refresh_token_s),
        "JWT_TOKEN_LOCATION": ["headers", "cookies"],
        "JWT_ACCESS_COOKIE_NAME": "access_token",
        "JWT_REFRESH_COOKIE_NAME": "refresh_token",
        "JWT_COOKIE_SECURE": settings.cookie_secure,
        "JWT_COOKIE_SAMESITE": settings.cookie_samesite,
        "JWT_COOKIE_CSRF_PROTECT": False,  # routes/caller.py checks the origin of writes by cookie
        "JWT_SESSION_COOKIE": False,
        "VALIDATION_ERROR_STATUS_CODE": 422,
        "VALIDATION_ERROR_SCHEMA": ERROR_SCHEMA,
        "HTTP_ERROR_SCHEMA": ERROR_SCHEMA,
        "DESCRIPTION": "Turns lectures into documents. Log in, upload a recording, poll its status, download its documents.",
    }


def _begin_request() -> None:
    if request.blueprint != "health":  # /health reports what is missing
        container().make_ready()
    container().refresh_settings()


@functools.cache
def _default_app() -> LecternApp:
    return create_app()


def __getattr__(name: str) -> Any:
    """Create `app:app`, for gunicorn and flask, on first access."""
    if name == "app":
        return _default_app()
    raise AttributeError(name)


if __name__ == "__main__":
    default = _default_app()
    services_of_app = default.extensions["lectern"]
    services_of_app.make_ready()
    default.run(host="0.0.0.0", port=services_of_app.settings.port, threaded=True, use_reloader=False)  # noqa: S104
