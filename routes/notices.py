"""Notices about finished jobs, and the caller's notification preferences."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from schemas.accounts import MessageOut
from schemas.notices import NoticeOut, NoticesOut, NotificationsIn, NotificationsOut
from services.notices import inbox

notices = Blueprint("notices", __name__, scope="content", tag="Notices")
notification_preferences = Blueprint("notification_preferences", __name__, scope="account", tag="Notices")


class NoticesQuery(PageQuery):
    unread: bool = Field(False, description="Only unread notices.")


@notices.get("")
@login_required
@notices.input(NoticesQuery, location="query")
@notices.output(NoticesOut)
def list_notices(query_data: NoticesQuery) -> Response:
    """List the caller's notices, newest first, with the number of unread ones; they are kept for 90 days."""
    page = inbox.list_page(caller(), query_data.paging, unread_only=query_data.unread)
    pipelines = inbox.pipelines_of(page.rows)
    body = NoticesOut(notices=[NoticeOut.of(each, pipelines) for each in page.rows], total=page.total, unread=inbox.count_unread(caller()))
    return page_response(body, query_data, page.total)


@notices.post("/read")
@login_required
@notices.output(MessageOut)
def mark_all_read() -> Any:
    """Mark all notices as read."""
    return MessageOut(message=f"{inbox.mark_all_read(caller())} marked as read.")


@notices.post("/<notice_id>/read")
@login_required
@notices.output(NoticeOut)
@notices.doc(responses={404: "Not found"})
def mark_read(notice_id: str) -> Any:
    """Mark a notice as read."""
    notice = inbox.mark_read(caller(), notice_id)
    return NoticeOut.of(notice, inbox.pipelines_of([notice]))


@notices.delete("/<notice_id>")
@login_required
@notices.output(MessageOut)
@notices.doc(responses={404: "Not found"})
def delete_notice(notice_id: str) -> Any:
    """Delete a notice."""
    inbox.delete_one(caller(), notice_id)
    return MessageOut(message="Deleted.")


@notices.delete("")
@login_required
@notices.output(MessageOut)
def delete_notices() -> Any:
    """Delete all notices."""
    inbox.delete_all(caller())
    return MessageOut(message="Deleted.")


@notification_preferences.get("/notifications")
@login_required
@notification_preferences.output(NotificationsOut)
def get_preferences() -> Any:
    """Return which job results create a notice and which send an e-mail."""
    return _preferences_out()


@notification_preferences.put("/notifications")
@login_required
@notification_preferences.input(NotificationsIn)
@notification_preferences.output(NotificationsOut)
def change_preferences(json_data: NotificationsIn) -> Any:
    """Change the notification preferences."""
    inbox.set_preferences(caller(), in_app=json_data.in_app, email=json_data.email)
    return _preferences_out()


def _preferences_out() -> NotificationsOut:
    in_app, email = inbox.preferences(caller())
    return NotificationsOut(in_app=in_app, email=email, email_available=bool(container().settings.smtp_host))
