"""The outbox's way to e-mail: one letter per job that ended, to the address that its owner has now."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import end_read, session
from models import Job, User
from services.notices.emails import compose
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import ClaimedDelivery, Outcome


@dataclass(frozen=True)
class NoticeEmailChannel(EmailChannel):
    """`also`: who gets a copy of each; `confirmed_only`: whether nothing goes to addresses that nobody has confirmed yet."""

    bcc: Callable[[], tuple[str, ...]]
    confirmed_only: Callable[[], bool]
    name: str = "mail"

    def attempt(self, due: ClaimedDelivery) -> Outcome:
        owner = (
            select(User.email, User.email_verified).join(Job, Job.user_id == User.id).where(Job.id == due.job_id, User.status == "active")
        )
        found = session().execute(owner).one_or_none()
        end_read()  # nothing is held while the server thinks
        if found is None:
            return Outcome(delivered=False, final=True, error="The job or its owner is gone.")
        unknown = self.confirmed_only() and not found.email_verified
        readers = (*(() if unknown else (found.email,)), *self.bcc())
        if not readers:
            return Outcome(delivered=False, final=True, error="Nobody has confirmed that the address is theirs.")
        return self.sender.send(compose(json.loads(due.body), to=readers[0], key=due.id, bcc=readers[1:]))

    def record(self, writing: Session, due: ClaimedDelivery, outcome: Outcome) -> None:
        """Nothing else follows."""
