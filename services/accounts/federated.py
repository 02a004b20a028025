"""People whom an outside issuer vouches for: their account here is found, linked or made."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

import errors
from database import session, transaction
from models import Identity, User
from services.accounts import api_keys, sessions
from services.accounts.callers import Caller
from services.identity.port import FederatedUser


class EmailTaken(errors.Conflict):
    """An account with this e-mail address is here already, and the provider has not verified that the address is yours."""

    code = "email_taken"
    hint = "Verify the address at the provider, or log in here with the account's password."


def sign_in(who: FederatedUser, *, registration_open: bool) -> User:
    """The account of a verified identity, made when it comes for the first time. Raises Unauthenticated, EmailTaken, Forbidden."""
    user = _find_linked(who)
    if user is None:
        try:
            user = _create_or_link(who, registration_open)
        except IntegrityError:  # the same person a moment ago
            user = _find_linked(who)
    if user is None or user.status != "active":
        raise errors.Unauthenticated("The account is suspended.")
    if user.tokens_valid_from is not None and who.issued_at < user.tokens_valid_from.replace(microsecond=0):
        raise errors.Unauthenticated("The token is from before everything was logged out.")
    return user


def caller_of(who: FederatedUser, *, registration_open: bool) -> Caller:
    user = sign_in(who, registration_open=registration_open)
    return Caller(user.id, user.email, user.role, f"user:{user.id}")


def identity_of(user_id: str) -> Identity | None:
    """Who vouches for this user; the last one linked, where there are several."""
    mine = select(Identity).where(Identity.user_id == user_id).order_by(Identity.created_at.desc())
    return session().execute(mine).scalars().first()


def _find_linked(who: FederatedUser) -> User | None:
    linked = select(User).join(Identity, Identity.user_id == User.id)
    return session().execute(linked.where(Identity.issuer == who.issuer, Identity.subject == who.subject)).scalar_one_or_none()


def _create_or_link(who: FederatedUser, registration_open: bool) -> User:
    if not who.email:
        raise errors.Unauthenticated("The token names no e-mail address.", hint="Send an ID token, with the scope `email`.")
    with transaction() as writing:
        user = writing.execute(select(User).where(User.email == who.email)).scalar_one_or_none()
        if user is None:
            if not registration_open:
                raise errors.Forbidden("Registration is closed on this server.", hint="Ask an administrator for an account.")
            first, _, last = who.name.partition(" ")
            user = User(email=who.email, email_verified=who.email_verified, first_name=first[:120], last_name=last.strip()[:120])
            writing.add(user)
            writing.flush()
        elif not who.email_verified:
            raise EmailTaken
        elif not user.email_verified:
            # Whoever made this account never showed that the address is theirs: their password and log-ins don't open it any more.
            sessions.close_all(writing, user.id)
            api_keys.revoke_all(writing, user.id)
            writing.execute(update(User).where(User.id == user.id).values(email_verified=True, password_hash=None, tokens_valid_from=None))
        writing.add(Identity(user_id=user.id, issuer=who.issuer, subject=who.subject, provider=who.provider, picture=who.picture))
        writing.flush()
        user_id = user.id
    return session().get_one(User, user_id, populate_existing=True)
