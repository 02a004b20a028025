"""What went wrong, and what admins did."""

from __future__ import annotations

from flask import Response, jsonify

from routes.caller import admins_only
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import Paging, with_links
from schemas.admin import Query
from schemas.admin_responses import AuditEntryOut, ErrorEntryOut
from services.operations import audit, error_log
from services.operations.error_log import Wanted

logs = Blueprint("logs", __name__, scope="admin", tag="Admin")


class ErrorsQuery(Paging):
    code: Query = ""
    stage: Query = ""
    job_id: Query = ""
    user_id: Query = ""
    request_id: Query = ""


class AuditQuery(Paging):
    actor: Query = ""
    action: Query = ""
    target_id: Query = ""


@logs.get("/logs")
@admins_only
@logs.input(ErrorsQuery, location="query")
@logs.output(list_of(ErrorEntryOut))
def list_errors(query_data: ErrorsQuery) -> Response:
    """Failed attempts at jobs and crashed requests, newest first, with stage, code and the end of the log; a bare array."""
    asked = {name: getattr(query_data, name) for name in ("code", "stage", "job_id", "user_id", "request_id")}
    found, total = error_log.list_page(Wanted(**asked), page=query_data.page, limit=query_data.limit)
    return with_links(jsonify([ErrorEntryOut.of(each).model_dump() for each in found]), query_data, total)


@logs.get("/audit")
@admins_only
@logs.input(AuditQuery, location="query")
@logs.output(list_of(AuditEntryOut))
def list_audit(query_data: AuditQuery) -> Response:
    """Every act of an admin, newest first: who, what, before and after; a bare array."""
    asked = {name: getattr(query_data, name) for name in ("actor", "action", "target_id")}
    found, total = audit.list_page(page=query_data.page, limit=query_data.limit, **asked)
    return with_links(jsonify([AuditEntryOut.of(each).model_dump() for each in found]), query_data, total)
