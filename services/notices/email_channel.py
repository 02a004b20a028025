"""The outbox channel for e-mails about ended jobs, sent to the current address of the owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import end_read, session
from models import Job, User
from services.jobs.notifications import with_public_links
from services.notices.emails import compose
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import DeliveryAttempt, Outcome


@dataclass(frozen=True)
class NoticeEmailChannel(EmailChannel):
    """`bcc`: addresses that get a copy of each e-mail; `verified_only`: send nothing to addresses that are not verified."""

    bcc: Callable[[], tuple[str, ...]]
    verified_only: Callable[[], bool]
    public_url: Callable[[], str]
    name: str = "mail"

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        owner = (
            select(User.email, User.email_verified)
            .join(Job, Job.user_id == User.id)
            .where(Job.id == delivery.job_id, User.status == "active")
        )
        row = session().execute(owner).one_or_none()
        end_read()  # hold no connection while the server answers
        if row is None:
            return Outcome(delivered=False, final=True, error="The job or its owner no longer exists.")
        skips_owner = self.verified_only() and not row.email_verified
        recipients = (*(() if skips_owner else (row.email,)), *self.bcc())
        if not recipients:
            return Outcome(delivered=False, final=True, error="The e-mail address is not verified.")
        event = json.loads(with_public_links(delivery.body, self.public_url()))
        return self.sender.send(compose(event, to=recipients[0], key=delivery.id, bcc=recipients[1:]))

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        """Save nothing else."""
