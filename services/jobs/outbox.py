"""Writes what webhooks are to be told in the transaction in which it happens; services/webhooks sends it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from domain import JobState
from models import Delivery, Job, Webhook
from services.tools.clock import iso, now

KINDS = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


def put(writing: Session, job_id: str, user_id: str, kind: str) -> None:
    """A delivery for each of the user's webhooks that wants to hear of it."""
    if kind not in KINDS:
        return
    hooks = writing.execute(select(Webhook.id, Webhook.events).where(Webhook.user_id == user_id, Webhook.active))
    wanting = [hook.id for hook in hooks if kind in hook.events]
    if not wanting:
        return
    job = writing.execute(select(*Job.__table__.columns).where(Job.id == job_id)).one()
    body = json.dumps({"event": f"job.{kind}", "at": iso(now()), "job": _shown(job), "links": _links(job)}, ensure_ascii=False)
    told = {"user_id": user_id, "event": f"job.{kind}", "job_id": job_id, "body": body}
    writing.add_all(Delivery(channel="webhook", webhook_id=hook_id, **told) for hook_id in wanting)


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
        links |= {"recording": f"/api/v1/recordings/{job.recording_id}", "status": f"/status/{job.recording_id}"}
        if job.state == JobState.SUCCEEDED:
            links["download"] = f"/download/{job.recording_id}"
    return {name: base + path for name, path in links.items()}
