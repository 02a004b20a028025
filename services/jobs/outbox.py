"""Writes what others are to be told in the transaction in which it happens: notices, and what services/outbox sends."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from domain import JobState
from models import Delivery, Job, Notice, NotificationChoice, Recording, Webhook
from services.tools.clock import iso, now

KINDS = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
TOLD = (JobState.SUCCEEDED, JobState.FAILED)  # in notices and e-mails: who cancels a job knows that it has ended
_SHOWN_AS = {"lecture_notes": "Lecture notes"}


def put(writing: Session, job_id: str, user_id: str, kind: str) -> None:
    """Where a job has ended: a delivery for each webhook that wants to hear of it, a notice and an e-mail for its owner."""
    if kind not in KINDS:
        return
    mine = or_(Webhook.job_id.is_(None), Webhook.job_id == job_id)
    hooks = writing.execute(select(Webhook.id, Webhook.events).where(Webhook.user_id == user_id, Webhook.active, mine))
    wanting = [hook.id for hook in hooks if kind in hook.events]
    in_app, email = _wanted(writing, user_id, kind)
    if not (wanting or in_app or email):
        return
    columns = (*Job.__table__.columns, Recording.title)
    job = writing.execute(select(*columns).outerjoin(Recording, Recording.id == Job.recording_id).where(Job.id == job_id)).one()
    title = job.title or _SHOWN_AS.get(job.pipeline, job.pipeline)
    shown = {**_shown(job), "title": title}
    body = json.dumps({"event": f"job.{kind}", "at": iso(now()), "job": shown, "links": _links(job)}, ensure_ascii=False)
    told = {"user_id": user_id, "event": f"job.{kind}", "job_id": job_id, "body": body}
    writing.add_all(Delivery(channel="webhook", webhook_id=hook_id, **told) for hook_id in wanting)
    if email:
        writing.add(Delivery(channel="mail", **told))
    if in_app:
        text = f"{job.error_message or ''} {job.error_hint or ''}".strip() if kind == JobState.FAILED else ""
        writing.add(Notice(user_id=user_id, kind=kind, job_id=job_id, recording_id=job.recording_id, title=title, text=text))


def _wanted(writing: Session, user_id: str, kind: str) -> tuple[bool, bool]:
    """Whether the user wants a notice, and whether an e-mail."""
    if kind not in TOLD:
        return False, False
    choice = writing.get(NotificationChoice, user_id)
    return (True, True) if choice is None else (kind in choice.in_app, kind in choice.email)


def _shown(job: Row[Any]) -> dict[str, Any]:
    failed = job.state == JobState.FAILED
    error = {"code": job.error_code, "message": job.error_message, "hint": job.error_hint, "stage": job.error_stage} if failed else None
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


def _links(job: Row[Any]) -> dict[str, str]:
    """Absolute where the job knows the address that it was sent to."""
    base = str(job.options.get("base_url") or "").rstrip("/")
    links = {"job": f"/api/v1/jobs/{job.id}"}
    if job.recording_id:
        named = job.recording_id
        links |= {"recording": f"/api/v1/recordings/{named}", "status": f"/status/{named}", "page": f"/watch/{named}"}
        if job.state == JobState.SUCCEEDED:
            links["download"] = f"/download/{job.recording_id}"
    return {name: base + path for name, path in links.items()}
