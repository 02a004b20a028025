"""What went wrong, and what admins did."""

from __future__ import annotations

from flask import Response

from routes.caller import admins_only
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from schemas.admin import Query
from schemas.admin_responses import AuditEntryOut, ErrorEntryOut
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
@admins_only
@logs.input(ErrorsQuery, location="query")
@logs.output(list_of(ErrorEntryOut))
def list_errors(query_data: ErrorsQuery) -> Response:
    """Failed attempts at jobs and crashed requests, newest first, with stage, code and the end of the log; a bare array."""
    page = error_log.list_page(ErrorFilter(**query_data.model_dump(exclude={"page", "limit"})), query_data.paging)
    return page_response([ErrorEntryOut.of(each) for each in page.rows], query_data, page.total)


@logs.get("/audit")
@admins_only
@logs.input(AuditQuery, location="query")
@logs.output(list_of(AuditEntryOut))
def list_audit(query_data: AuditQuery) -> Response:
    """Every act of an admin, newest first: who, what, before and after; a bare array."""
    page = audit.list_page(query_data.paging, **query_data.model_dump(exclude={"page", "limit"}))
    return page_response([AuditEntryOut.of(each) for each in page.rows], query_data, page.total)
