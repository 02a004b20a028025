"""The outbox's way to e-mail about accounts. What waits names an address and a wish; the token is made when the letter is written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from database import end_read
from models import Delivery
from services.accounts import account_emails
from services.email.port import Message
from services.outbox.mail_sender import EmailChannel
from services.outbox.port import ClaimedDelivery, Outcome


@dataclass(frozen=True)
class AccountEmailChannel(EmailChannel):
    """Each attempt makes a token of its own, which ends the one before: no token is kept where it could be read."""

    name: str = account_emails.CHANNEL

    def attempt(self, due: ClaimedDelivery) -> Outcome:
        letter = account_emails.render(due.event, due.body)
        end_read()  # nothing is held while the server thinks
        if letter is None:
            return Outcome(delivered=False, final=True, error="Nobody is to get it any more.")
        return self.sender.send(Message(letter.to, letter.subject, letter.text, key=f"{due.id}.{due.attempt}"))

    def record(self, writing: Session, due: ClaimedDelivery, outcome: Outcome) -> None:
        """What has ended is not kept: it would tell who asked, and whether there was such an account."""
        writing.execute(delete(Delivery).where(Delivery.id == due.id, Delivery.state != "waiting"))
