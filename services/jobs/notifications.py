"""Write notices, webhook deliveries and e-mails about the end of a job, in the transaction that ends it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, or_, select
from sqlalchemy.orm import Session

from database import notify_after_commit
from domain import FINAL_STATES, JobState
from lib.clock import iso, now
from lib.hosts import join_url
from models import Delivery, Job, Notice, NotificationPreference, Recording, Webhook
from services.outbox.topics import DELIVERIES_WAITING

NOTIFIED_STATES = (JobState.SUCCEEDED, JobState.FAILED)  # by notice and e-mail; a user who cancels a job needs neither


def add_for_ended_job(session: Session, job_id: str, user_id: str, kind: str) -> None:
    """Add a delivery for each subscribed webhook, and a notice and an e-mail for the owner, if `kind` is a final state."""
    if kind not in FINAL_STATES:
        return
    job: Row[Any] = session.execute(_SELECT_JOB, {"job_id": job_id}).one()
    if kind == JobState.SUCCEEDED and job.options.get("is_followed"):  # another job continues it and notifies at its end
        return
    hooks = session.execute(_SELECT_WEBHOOKS, {"user_id": user_id, "job_id": job_id})
    hook_ids = [hook.id for hook in hooks if kind in hook.events]
    in_app, email = _preferences(job, kind)
    if not (hook_ids or in_app or email):
        return
    title = job.title or job.pipeline.replace("_", " ").capitalize()
    payload = {**_job_data(job), "title": title}
    body = json.dumps({"event": f"job.{kind}", "at": iso(now()), "job": payload, "links": _links(job)}, ensure_ascii=False)
    delivery = {"user_id": user_id, "event": f"job.{kind}", "job_id": job_id, "body": body}
    channels = [("webhook", hook_id) for hook_id in hook_ids] + ([("mail", None)] if email else [])
    if channels:
        session.execute(_INSERT_DELIVERY, [{**delivery, "channel": channel, "webhook_id": hook_id} for channel, hook_id in channels])
        notify_after_commit(DELIVERIES_WAITING)
    if in_app:
        text = f"{job.error_message or ''} {job.error_hint or ''}".strip() if kind == JobState.FAILED else ""
        notice = {"user_id": user_id, "kind": kind, "job_id": job_id, "recording_id": job.recording_id, "title": title, "text": text}
        session.execute(_INSERT_NOTICE, notice)


_SELECT_WEBHOOKS = select(Webhook.id, Webhook.events).where(
    Webhook.user_id == bindparam("user_id"), Webhook.active, or_(Webhook.job_id.is_(None), Webhook.job_id == bindparam("job_id"))
)
_SELECT_JOB: Select[Any] = (
    select(*Job.__table__.columns, Recording.title, NotificationPreference.in_app, NotificationPreference.email)
    .outerjoin(Recording, Recording.id == Job.recording_id)
    .outerjoin(NotificationPreference, NotificationPreference.user_id == Job.user_id)
    .where(Job.id == bindparam("job_id"))
)
_INSERT_DELIVERY, _INSERT_NOTICE = insert(Delivery.__table__), insert(Notice.__table__)


def _preferences(job: Row[Any], kind: str) -> tuple[bool, bool]:
    """Return whether the user wants a notice and an e-mail; both by default, none for jobs that Lectern itself queued."""
    if kind not in NOTIFIED_STATES or job.options.get("silent"):
        return False, False
    return (True, True) if job.in_app is None else (kind in job.in_app, kind in job.email)


def _job_data(job: Row[Any]) -> dict[str, Any]:
    has_failed = job.state == JobState.FAILED
    error = {"code": job.error_code, "message": job.error_message, "hint": job.error_hint, "stage": job.error_stage} if has_failed else None
    return {
        "id": job.id,
        "recording_id": job.recording_id,
        "pipeline": job.pipeline,
        "state": job.state,
        "attempt": job.attempt,
        "error": error,
        "warnings": job.warnings,
        "created_at": iso(job.created_at),
        "finished_at": iso(job.finished_at),
    }


def with_public_links(body: str, public_url: str) -> str:
    """Return the body of a delivery with absolute links, which begin with PUBLIC_URL; without it they stay relative."""
    event = json.loads(body)
    if not public_url or not event.get("links"):
        return body
    links = {name: join_url(public_url, link) if link.startswith("/") else link for name, link in event["links"].items()}
    return json.dumps({**event, "links": links}, ensure_ascii=False)


def _links(job: Row[Any]) -> dict[str, str]:
    """Return links to the job and its recording, relative to the server's URL."""
    links = {"job": f"/api/v1/jobs/{job.id}"}
    if job.recording_id:
        recording_id = job.recording_id
        links |= {"recording": f"/api/v1/recordings/{recording_id}", "status": f"/status/{recording_id}", "page": f"/watch/{recording_id}"}
        if job.state == JobState.SUCCEEDED:
            links["download"] = f"/download/{job.recording_id}"
    return links
