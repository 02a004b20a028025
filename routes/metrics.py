"""Prometheus metrics, and the duration of every request."""

from __future__ import annotations

import hmac
import time

from flask import Response, g, request

import errors
from lib import metrics as registry
from routes.caller import caller
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from routes.request_log import route_of_request
from routes.tokens import bearer_token
from services.operations import metrics as use_case

metrics = Blueprint("metrics", __name__, scope="admin", tag="Health")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@metrics.get("/metrics")
@endpoint(quiet=True)
@metrics.doc(
    security=["bearer", "cookie"],
    responses={200: binary_response("Prometheus text", "text/plain"), 401: "Authentication required", 404: "Not an admin"},
)
def show_metrics() -> Response:
    """Show queue, stages, failures and requests in Prometheus' text format, to admins and holders of METRICS_TOKEN."""
    token, bearer = container().settings.metrics_token.get_secret_value(), bearer_token()
    has_token = bool(token) and bearer is not None and hmac.compare_digest(token.encode(), bearer.encode())
    if not has_token and not caller().is_admin:
        raise errors.NotFound
    return Response(registry.render(use_case.collect()), content_type=registry.CONTENT_TYPE)


@metrics.after_app_request
def _observe_duration(response: Response) -> Response:
    """Labels are routes, not paths, so that their number is bounded."""
    method = request.method if request.method in _METHODS else "(other)"
    if "started_at" in g:
        registry.REQUESTS.labels(method, route_of_request(), response.status_code).observe(time.perf_counter() - g.started_at)
    return response
