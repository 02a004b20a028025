"""The outbox channel for e-mails about accounts. A queued entry holds address and purpose; the token is created on sending."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from database import end_read
from models import Delivery
from services.accounts import account_emails
from services.email.port import Message
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import DeliveryAttempt, Outcome


@dataclass(frozen=True)
class AccountEmailChannel(EmailChannel):
    """Each attempt creates a new token that replaces the last one, so that no readable token is stored."""

    name: str = account_emails.CHANNEL

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        email = account_emails.render(delivery.event, delivery.body)
        end_read()  # hold no connection while the server answers
        if email is None:
            return Outcome(is_delivered=False, is_final=True, error="There is no recipient any more.")
        return self.sender.send(Message(email.to, email.subject, email.text, key=f"{delivery.id}.{delivery.attempt}"))

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        """Delete finished deliveries: they would reveal who requested an e-mail and whether there is such an account."""
        session.execute(delete(Delivery).where(Delivery.id == delivery.id, Delivery.state != "waiting"))
