"""E-mails for address verification and password reset. Each token in them works once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, or_, select, update

import errors
from database import notify_after_commit, session, transaction
from lib.clock import iso, now
from models import Delivery, EmailToken, User
from services.accounts import login_throttle, profile
from services.accounts.login_throttle import Subject, ThrottleLimits
from services.accounts.users import find_by_login, normalize_login
from services.outbox.topics import DELIVERIES_WAITING

CHANNEL, _EVENT = "account_mail", "account."
VERIFY, RESET, REGISTERED = "verify", "reset", "registered_again"
_CODE_DIGITS = {VERIFY: 6, RESET: 12}  # clients have six boxes for the first; twelve digits can't be guessed from any number of addresses
_LIFETIMES = {VERIFY: dt.timedelta(days=2), RESET: dt.timedelta(hours=1), REGISTERED: dt.timedelta(days=2)}


class MailNotConfigured(errors.LecternError):
    """This server sends no e-mail."""

    code = "mail_not_configured"
    status = 503
    hint = (
        "Set SMTP_HOST and SMTP_FROM, or have a super admin set the mail server at /admin. "
        "Until then the operator can set a password with `flask admin set-password`."
    )


class LinkExpired(errors.BadRequest):
    """This link or code is wrong, was used before, or has expired."""

    code = "link_spent"
    hint = "Request another e-mail and use the newest one."


@dataclass(frozen=True)
class AccountEmail:
    """Recipient, subject and text of an e-mail."""

    to: str
    subject: str
    text: str


def request(purpose: str, email: str, page: str = "") -> None:
    """Queue an e-mail in the outbox, where it survives a restart. `page`: the URL that the token is appended to; "" for no link.

    The account is looked up when the e-mail is sent, so that the response takes the same time whether there is one or not.
    """
    body = json.dumps({"email": normalize_login(email), "page": page, "asked_at": iso(now())}, ensure_ascii=False)
    with transaction() as session:
        session.add(Delivery(channel=CHANNEL, event=f"{_EVENT}{purpose}", body=body))
        notify_after_commit(DELIVERIES_WAITING)


def render(event: str, body: str) -> AccountEmail | None:
    """Return the e-mail of an outbox entry with a new token; None without a matching account or if the request is too old."""
    request = json.loads(body)
    purpose = event.removeprefix(_EVENT)
    if now() - dt.datetime.fromisoformat(request["asked_at"]) > _LIFETIMES[purpose]:
        return None
    if purpose == REGISTERED:
        return already_registered_email(request["email"])
    build = verification_email if purpose == VERIFY else password_reset_email
    return build(request["email"], request["page"])


def verification_email(email: str, page: str) -> AccountEmail | None:
    """Return the e-mail for an account whose address is not verified yet, or None. `page`: the URL that the token is appended to."""
    user = find_by_login(email)
    if user is None or user.email != normalize_login(email) or user.email_verified or user.status != "active":
        return None
    token, code = _new_token(user, VERIFY)
    text = (
        f"Welcome to Lectern.\n\n{_ways('verify your e-mail address', page, token, code)}"
        "for two days. If you did not register, ignore this e-mail."
    )
    return AccountEmail(user.email, "Verify your e-mail address", text)


def already_registered_email(email: str) -> AccountEmail:
    text = "Somebody tried to register at Lectern with your e-mail address, which has an account already.\n\n"
    return AccountEmail(normalize_login(email), "You have an account already", text + "If this was you, log in or request a new password.")


def password_reset_email(email: str, page: str) -> AccountEmail | None:
    """Return the e-mail for an active account, or None. `page`: the URL that the token is appended to."""
    user = find_by_login(email)
    if user is None or user.status != "active":
        return None
    token, code = _new_token(user, RESET)
    text = f"{_ways('set a new password for Lectern', page, token, code)}for one hour. If you did not request this, ignore this e-mail."
    return AccountEmail(user.email, "Set a new password", text)


def _ways(purpose: str, page: str, token: str, code: str) -> str:
    code = "-".join(re.findall("....", code)) if len(code) > 6 else code
    if not page:
        return f"Enter this code to {purpose}: {code}\n\nIt works once, "
    return f"Open this link to {purpose}:\n{page}{token}\n\nOr enter this code: {code}\n\nBoth work once, "


def verify(token_hash: str) -> None:
    """Mark the address of the token's account as verified. Raises LinkExpired."""
    with transaction() as session:
        user = _consume_token(token_hash, VERIFY)
        session.execute(update(User).where(User.id == user.id).values(email_verified=True))


def reset(token_hash: str, password: str, ip_address: str) -> None:
    """Set a password, end every session and API key, and mark the address as verified. Raises LinkExpired, WeakPassword."""
    user_id = session().execute(select(EmailToken.user_id).where(*_usable(token_hash, RESET))).scalar_one_or_none()
    if user_id is not None:
        profile.check_password(user_id, password)  # a weak password must not use up the token
    user = _consume_token(token_hash, RESET)
    profile.set_password(user.id, password)
    with transaction() as write_session:
        write_session.execute(update(User).where(User.id == user.id).values(email_verified=True))
    login_throttle.unblock(user.email, ip_address)


def hash_token(token: str) -> str:
    """Tokens hold 256 random bits, so a plain hash cannot be reversed."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_token_hash(email: str, code: str, purpose: str, *, ip_address: str, limits: ThrottleLimits) -> str:
    """Return the hash of the token that was sent with this code. Raises LinkExpired, TooManyAttempts.

    Attempts are throttled for each address; for the short code also for the account. Wrong codes that strangers send do not keep the
    owner from a new password.
    """
    name = normalize_login(email)
    client = login_throttle.network_subject(ip_address)
    code_input = name if purpose == VERIFY else f"{name} {client.key}"
    subjects = Subject(f"code:{hash_token(code_input)}"), client
    login_throttle.count_attempt(subjects, limits)
    user_id = session().execute(select(User.id).where(or_(User.email == name, User.username == name))).scalars().first()
    code_hash = hash_token(f"{user_id or 'nobody'}/{purpose}/{''.join(filter(str.isalnum, code))}")
    conditions = (EmailToken.code_hash == code_hash, EmailToken.purpose == purpose, EmailToken.expires_at > now())
    token_hash = session().execute(select(EmailToken.token_hash).where(*conditions)).scalar_one_or_none()
    if token_hash is None:
        raise LinkExpired
    login_throttle.record_success(*subjects)
    return token_hash


def delete_expired() -> None:
    with transaction() as session:
        session.execute(delete(EmailToken).where(EmailToken.expires_at < now()))


def _new_token(user: User, purpose: str) -> tuple[str, str]:
    """Create a token and a code; earlier ones stop working."""
    digits = _CODE_DIGITS[purpose]
    token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**digits):0{digits}d}"
    user_id, email = user.id, user.email
    with transaction() as session:
        session.execute(delete(EmailToken).where(EmailToken.user_id == user_id, EmailToken.purpose == purpose))
        code_hash, ends_at = hash_token(f"{user_id}/{purpose}/{code}"), now() + _LIFETIMES[purpose]
        row = EmailToken(user_id=user_id, purpose=purpose, email=email, expires_at=ends_at)
        row.token_hash, row.code_hash = hash_token(token), code_hash
        session.add(row)
    return token, code


def _usable(token_hash: str, purpose: str) -> tuple[ColumnElement[bool], ...]:
    return EmailToken.token_hash == token_hash, EmailToken.purpose == purpose, EmailToken.expires_at > now()


def _consume_token(token_hash: str, purpose: str) -> User:
    """Delete the token and return its user; one DELETE, so that only one of two concurrent requests succeeds."""
    with transaction() as write_session:
        token = write_session.execute(
            delete(EmailToken).where(*_usable(token_hash, purpose)).returning(EmailToken.user_id, EmailToken.email)
        ).one_or_none()
    user = session().get(User, token.user_id) if token else None
    if token is None or user is None or user.email != token.email or user.status != "active":
        raise LinkExpired
    return user
