"""The background part of publishing: a channel whose access has ended is marked, and access of deleted accounts is revoked."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import JobState
from models import Job, Publication, YouTubeAccount
from services.feature import Feature
from services.jobs.queue.topics import JOB_ENDED, JobEnded
from services.publishing import publish_jobs, revocations
from services.publishing.channels import PublishingAccess
from services.youtube.port import ChannelDisconnected


def mark_disconnected(session: Session, event: JobEnded) -> None:
    """Mark the channel of a job that failed because its access has ended."""
    if event.state is not JobState.FAILED:
        return
    is_failed_job = (Job.id == event.job_id, Job.pipeline == publish_jobs.PIPELINE, Job.error_code == ChannelDisconnected.code)
    account = select(Publication.account_id).join(Job, Job.id == Publication.job_id).where(*is_failed_job).scalar_subquery()
    session.execute(update(YouTubeAccount).where(YouTubeAccount.id == account).values(error_code=ChannelDisconnected.code))


FEATURE = Feature(
    "publishing",
    hooks=lambda _: {JOB_ENDED: mark_disconnected},
    recovery=lambda context: [
        lambda: revocations.run_due(PublishingAccess.from_settings(context.settings))
    ],  # creates the signing key if there is none
)
