"""The outbox's way to e-mail: one letter per job that ended, to the address that its owner has now."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

import errors
from database import session
from models import Job, User
from services.mail.port import Mailer, MailUnavailable
from services.notices.letters import letter
from services.outbox.port import Due, Outcome


@dataclass
class MailChannel:
    """While the mail server is away, the other letters wait without an attempt being counted."""

    mailer: Mailer
    first_pause_s: float
    also: tuple[str, ...] = ()
    name: str = "mail"
    _away_until: float = field(default=0.0, init=False)

    def ready(self) -> ColumnElement[bool]:
        return true() if time.monotonic() >= self._away_until else false()

    def attempt(self, due: Due) -> Outcome:
        owner = select(User.email).join(Job, Job.user_id == User.id).where(Job.id == due.job_id, User.status == "active")
        address = session().execute(owner).scalar_one_or_none()
        session().rollback()  # nothing is held while the server thinks
        if address is None:
            return Outcome(delivered=False, final=True, error="The job or its owner is gone.")
        try:
            self.mailer.send(letter(json.loads(due.body), to=address, key=due.id, also=self.also))
        except MailUnavailable as error:
            self._away_until = time.monotonic() + self.first_pause_s
            return Outcome(delivered=False, error=f"{error.message} {error.detail}")
        except errors.LecternError as error:
            return Outcome(delivered=False, final=True, error=f"{error.message} {error.detail}")
        return Outcome(delivered=True)

    def note(self, writing: Session, due: Due, outcome: Outcome) -> None:
        """Nothing else follows."""
