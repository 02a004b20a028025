"""The outbox channel for e-mails about ended jobs, sent to the current address of the owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import end_read, session
from models import Artifact, Job, User
from services.email.port import Attachment
from services.jobs.notifications import with_public_links
from services.notices.emails import compose
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import DeliveryAttempt, Outcome
from services.storage import Store


@dataclass(frozen=True)
class NoticeEmailChannel(EmailChannel):
    """`bcc`: addresses that get a copy of each e-mail; `verified_only`: send nothing to addresses that are not verified.

    The PDF is attached if it has at most `max_attachment_bytes`; it is read from the store while the e-mail is sent.
    """

    bcc: Callable[[], tuple[str, ...]]
    verified_only: Callable[[], bool]
    public_url: Callable[[], str]
    store: Store
    max_attachment_bytes: Callable[[], int]
    name: str = "mail"

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        owner = (
            select(User.email, User.email_verified)
            .join(Job, Job.user_id == User.id)
            .where(Job.id == delivery.job_id, User.status == "active")
        )
        row = session().execute(owner).one_or_none()
        attachments = self._attachments(delivery.job_id)
        end_read()  # hold no connection while the server answers
        if row is None:
            return Outcome(is_delivered=False, is_final=True, error="The job or its owner no longer exists.")
        skips_owner = self.verified_only() and not row.email_verified
        recipients = (*(() if skips_owner else (row.email,)), *self.bcc())
        if not recipients:
            return Outcome(is_delivered=False, is_final=True, error="The e-mail address is not verified.")
        event = json.loads(with_public_links(delivery.body, self.public_url()))
        message = compose(event, to=recipients[0], key=delivery.id, bcc=recipients[1:], attachments=attachments)
        try:
            return self.sender.send(message)
        except errors.NotFound:  # the document was deleted meanwhile
            return self.sender.send(replace(message, attachments=()))
        except errors.TransientError as error:
            return Outcome(is_delivered=False, error=f"{error.message} {error.detail}")

    def _attachments(self, job_id: str | None) -> tuple[Attachment, ...]:
        of_job = select(Artifact).where(Artifact.job_id == job_id, Artifact.format == "pdf")
        pdfs = session().execute(of_job.where(Artifact.size_bytes <= self.max_attachment_bytes())).scalars()
        return tuple(Attachment(pdf.filename, pdf.content_type, partial(self._read, pdf.storage_key)) for pdf in pdfs)

    def _read(self, key: str) -> bytes:
        return b"".join(self.store.read(key))

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        """Save nothing else."""
