"""The error log and the audit log."""

from __future__ import annotations

from flask import Response

from routes.caller import admin_required
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.admin.common import Query
from schemas.admin.logs import AuditEntryOut, ErrorEntryOut
from services.operations import audit, error_log
from services.operations.error_log import ErrorFilter

logs = Blueprint("logs", __name__, scope="admin", tag="Admin")


class ErrorsQuery(PageQuery):
    code: Query = ""
    stage: Query = ""
    job_id: Query = ""
    user_id: Query = ""
    request_id: Query = ""


class AuditQuery(PageQuery):
    actor: Query = ""
    action: Query = ""
    target_id: Query = ""


@logs.get("/logs")
@admin_required
@logs.input(ErrorsQuery, location="query")
@logs.output(list_of(ErrorEntryOut))
def list_errors(query_data: ErrorsQuery) -> Response:
    """List failed job attempts and crashed requests, newest first, with stage, code and the end of the log; a bare array."""
    page = error_log.list_page(ErrorFilter(**query_data.model_dump(exclude={"page", "limit"})), query_data.paging)
    return page_response([ErrorEntryOut.of(entry) for entry in page.rows], query_data, page.total)


@logs.get("/audit")
@admin_required
@logs.input(AuditQuery, location="query")
@logs.output(list_of(AuditEntryOut))
def list_audit(query_data: AuditQuery) -> Response:
    """List the actions of admins, newest first: actor, action, before and after; a bare array."""
    page = audit.list_page(query_data.paging, **query_data.model_dump(exclude={"page", "limit"}))
    return page_response([AuditEntryOut.of(entry) for entry in page.rows], query_data, page.total)
