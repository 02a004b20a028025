"""E-mail about an account: verifying its address, and setting a new password. What a mail lets its reader do works once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, or_, select, update

import errors
from database import session, transaction
from lib.clock import iso, now
from models import Delivery, EmailToken, User
from services.accounts import login_throttle, profile
from services.accounts.login_throttle import Subject, ThrottleLimits
from services.accounts.users import find_by_login, normalize_login

CHANNEL, _EVENT = "account_mail", "account."
VERIFY, RESET, REGISTERED = "verify", "reset", "registered_again"
_LIFETIMES = {VERIFY: dt.timedelta(days=2), RESET: dt.timedelta(hours=1), REGISTERED: dt.timedelta(days=2)}


class MailNotConfigured(errors.LecternError):
    """This server sends no e-mail."""

    code = "mail_not_configured"
    status = 503
    hint = (
        "The operator sets SMTP_HOST and SMTP_FROM, or a super admin the mail server at /admin; "
        "until then the operator can set a password with `flask admin set-password`."
    )


class LinkExpired(errors.BadRequest):
    """This link or code is wrong, was used before, or has run out."""

    code = "link_spent"
    hint = "Ask for another e-mail and use the newest one."


@dataclass(frozen=True)
class AccountEmail:
    """A mail as a person reads it."""

    to: str
    subject: str
    text: str


def request(purpose: str, email: str, page: str = "") -> None:
    """Have a letter written and sent soon, by whichever process works through the outbox; a restart loses none.

    Whether there is anybody to write to is looked at then: for everybody the same is done now, in the same time.
    """
    body = json.dumps({"email": normalize_login(email), "page": page, "asked_at": iso(now())}, ensure_ascii=False)
    with transaction() as writing:
        writing.add(Delivery(channel=CHANNEL, event=f"{_EVENT}{purpose}", body=body))


def render(event: str, body: str) -> AccountEmail | None:
    """The letter that was asked for; None where there is nobody to get it, or it comes too late to be of use."""
    asked = json.loads(body)
    purpose = event.removeprefix(_EVENT)
    if now() - dt.datetime.fromisoformat(asked["asked_at"]) > _LIFETIMES[purpose]:
        return None
    if purpose == REGISTERED:
        return already_registered_email(asked["email"])
    write = verification_email if purpose == VERIFY else password_reset_email
    return write(asked["email"], asked["page"])


def verification_email(email: str, page: str) -> AccountEmail | None:
    """To an account whose address is not verified yet. `page` is the address of ours that the token is put to."""
    user = find_by_login(email)
    if user is None or user.email != normalize_login(email) or user.email_verified or user.status != "active":
        return None
    token, code = _new_token(user, VERIFY)
    text = f"Welcome to Lectern.\n\nOpen this link to verify your e-mail address:\n{page}{token}\n\nOr enter this code: {code}\n\n"
    return AccountEmail(user.email, "Verify your e-mail address", text + "It works for two days. If this was not you, do nothing.")


def already_registered_email(email: str) -> AccountEmail:
    text = "Somebody tried to register at Lectern with your e-mail address, which has an account already.\n\n"
    return AccountEmail(normalize_login(email), "You have an account already", text + "If this was you: log in, or ask for a new password.")


def password_reset_email(email: str, page: str) -> AccountEmail | None:
    """To an active account. `page` is the address of ours that the token is put to."""
    user = find_by_login(email)
    if user is None or user.status != "active":
        return None
    token, code = _new_token(user, RESET)
    text = f"Open this link to set a new password for Lectern:\n{page}{token}\n\nOr enter this code: {code}\n\n"
    return AccountEmail(user.email, "Set a new password", text + "It works for an hour, once. If this was not you, do nothing.")


def verify(token_hash: str) -> None:
    """Raises LinkSpent."""
    with transaction() as writing:
        user = _consume_token(token_hash, VERIFY)
        writing.execute(update(User).where(User.id == user.id).values(email_verified=True))


def reset(token_hash: str, password: str) -> None:
    """Set a password and end every log-in and key; whoever reads the mail has shown that the address is theirs.

    Raises LinkSpent and WeakPassword.
    """
    found = session().execute(select(EmailToken.user_id).where(*_usable(token_hash, RESET))).scalar_one_or_none()
    if found is not None:
        profile.check_password(found, password)  # a password that is refused leaves the link good for another
    user = _consume_token(token_hash, RESET)
    profile.set_password(user.id, password)
    with transaction() as writing:
        writing.execute(update(User).where(User.id == user.id).values(email_verified=True))
    login_throttle.record_success(login_throttle.account_subject(user.email))


def hash_token(token: str) -> str:
    """Tokens hold 256 random bits: a plain hash can't be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_token_hash(email: str, code: str, purpose: str, *, address: str, limits: ThrottleLimits) -> str:
    """The hash of the token in whose mail this code stood; guesses lead to pauses. Raises LinkSpent and TooManyAttempts."""
    counted = Subject(f"code:{hash_token(normalize_login(email))}"), login_throttle.address_subject(address)
    login_throttle.count_attempt(counted, limits)
    name = normalize_login(email)
    user_id = session().execute(select(User.id).where(or_(User.email == name, User.username == name))).scalars().first()
    wanted = hash_token(f"{user_id or 'nobody'}/{purpose}/{code.strip()}")
    usable = (EmailToken.code_hash == wanted, EmailToken.purpose == purpose, EmailToken.expires_at > now())
    found = session().execute(select(EmailToken.token_hash).where(*usable)).scalar_one_or_none()
    if found is None:
        raise LinkExpired
    login_throttle.record_success(*counted)
    return found


def delete_expired() -> None:
    with transaction() as writing:
        writing.execute(delete(EmailToken).where(EmailToken.expires_at < now()))


def _new_token(user: User, purpose: str) -> tuple[str, str]:
    """A link's token and a short code; those of earlier mails end."""
    token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06d}"
    user_id, email = user.id, user.email
    with transaction() as writing:
        writing.execute(delete(EmailToken).where(EmailToken.user_id == user_id, EmailToken.purpose == purpose))
        code_hash, ends_at = hash_token(f"{user_id}/{purpose}/{code}"), now() + _LIFETIMES[purpose]
        made = EmailToken(user_id=user_id, purpose=purpose, email=email, expires_at=ends_at)
        made.token_hash, made.code_hash = hash_token(token), code_hash
        writing.add(made)
    return token, code


def _usable(token_hash: str, purpose: str) -> tuple[ColumnElement[bool], ...]:
    return EmailToken.token_hash == token_hash, EmailToken.purpose == purpose, EmailToken.expires_at > now()


def _consume_token(token_hash: str, purpose: str) -> User:
    """One DELETE: of two readers at once one gets it."""
    with transaction() as writing:
        spent = writing.execute(
            delete(EmailToken).where(*_usable(token_hash, purpose)).returning(EmailToken.user_id, EmailToken.email)
        ).one_or_none()
    user = session().get(User, spent.user_id) if spent else None
    if spent is None or user is None or user.email != spent.email or user.status != "active":
        raise LinkExpired
    return user
