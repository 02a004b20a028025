"""The outbox channel for e-mails about invitations to projects, sent to the current address of the invited user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from database import end_read, session
from lib.hosts import join_url
from models import User
from services.email.port import Message
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import DeliveryAttempt, Outcome
from services.projects import invitations
from services.projects.invitations import EMAIL_CHANNEL, Invitation


@dataclass(frozen=True)
class InvitationEmailChannel(EmailChannel):
    """`verified_only`: send nothing to addresses that are not verified. The body of a delivery is the id of the project."""

    verified_only: Callable[[], bool]
    public_url: Callable[[], str]
    name: str = EMAIL_CHANNEL

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        user = session().get(User, delivery.user_id, populate_existing=True)
        invitation = invitations.find(delivery.body, delivery.user_id or "")
        end_read()  # hold no connection while the server answers
        if user is None or invitation is None or user.status != "active":
            return Outcome(is_delivered=False, is_final=True, error="The invitation is no longer open.")
        if self.verified_only() and not user.email_verified:
            return Outcome(is_delivered=False, is_final=True, error="The e-mail address is not verified.")
        public_url = self.public_url()
        text = compose(invitation, join_url(public_url, "/projects") if public_url else "")
        return self.sender.send(Message(user.email, f"Invitation to “{invitation.project_name}”", text, key=delivery.id))

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        """Save nothing else."""


def compose(invitation: Invitation, page: str) -> str:
    """Return the text of the e-mail. `page`: the URL where the invitation is answered; "" if it is not known."""
    article = "an" if invitation.row.role == "editor" else "a"
    text = f"{invitation.owner_name} invites you to the project “{invitation.project_name}” as {article} {invitation.row.role}.\n\n"
    return f"{text}Accept or decline it {f'here: {page}' if page else 'on the page of your projects in Lectern'}\n\n-- \nLectern\n"
