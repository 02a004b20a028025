"""Times every request, and shows what was counted to Prometheus."""

from __future__ import annotations

import hmac
import time

from flask import Response, g, request

import errors
from lib import metrics as tool
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
    """Queue, stages, failures and requests in Prometheus' text format; for admins and bearers of METRICS_TOKEN."""
    token, given = container().settings.metrics_token.get_secret_value(), bearer_token()
    knows = bool(token) and given is not None and hmac.compare_digest(token.encode(), given.encode())
    if not knows and not caller().is_admin:
        raise errors.NotFound
    return Response(tool.render(use_case.collect()), content_type=tool.CONTENT_TYPE)


@metrics.after_app_request
def _observe_duration(response: Response) -> Response:
    """Labels are routes, not paths, so that their number is bounded."""
    method = request.method if request.method in _METHODS else "(other)"
    if "started_at" in g:
        tool.REQUESTS.labels(method, route_of_request(), response.status_code).observe(time.perf_counter() - g.started_at)
    return response
