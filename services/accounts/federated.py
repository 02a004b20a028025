"""Federated identities: find, link or create the account of a user who signs in with an identity provider."""

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
    """There is an account with this e-mail address already, and your provider has not verified the address."""

    code = "email_taken"
    hint = "Verify the address at your provider, or log in with the password of the account."


def sign_in(identity: FederatedUser, *, registration_open: bool) -> User:
    """Return the account of a verified identity, created on first use. Raises Unauthenticated, EmailTaken, Forbidden."""
    user = _find_linked(identity)
    if user is None:
        try:
            user = _create_or_link(identity, registration_open)
        except IntegrityError:  # a concurrent request created it
            user = _find_linked(identity)
    if user is None or user.status != "active":
        raise errors.Unauthenticated("The account is suspended.")
    if user.tokens_valid_from is not None and identity.issued_at < user.tokens_valid_from.replace(microsecond=0):
        raise errors.Unauthenticated("This token was issued before all sessions were ended.")
    return user


def caller_of(identity: FederatedUser, *, registration_open: bool) -> Caller:
    user = sign_in(identity, registration_open=registration_open)
    return Caller(user.id, user.email, user.role, f"user:{user.id}")


def identity_of(user_id: str) -> Identity | None:
    """Return the identity that was linked to a user last, if any."""
    query = select(Identity).where(Identity.user_id == user_id).order_by(Identity.created_at.desc())
    return session().execute(query).scalars().first()


def _find_linked(identity: FederatedUser) -> User | None:
    query = select(User).join(Identity, Identity.user_id == User.id)
    return session().execute(query.where(Identity.issuer == identity.issuer, Identity.subject == identity.subject)).scalar_one_or_none()


def _create_or_link(identity: FederatedUser, registration_open: bool) -> User:
    if not identity.email:
        raise errors.Unauthenticated("The token has no e-mail address.", hint="Send an ID token with the scope `email`.")
    with transaction() as write_session:
        user = write_session.execute(select(User).where(User.email == identity.email)).scalar_one_or_none()
        if user is None:
            if not registration_open:
                raise errors.Forbidden("Registration is closed on this server.", hint="Ask an administrator for an account.")
            first, _, last = identity.name.partition(" ")
            user = User(email=identity.email, email_verified=identity.email_verified, first_name=first[:120], last_name=last.strip()[:120])
            write_session.add(user)
            write_session.flush()
        elif not identity.email_verified:
            raise EmailTaken
        elif not user.email_verified:
            # The creator of the account never proved to own the address: revoke their password, sessions and keys.
            sessions.close_all(write_session, user.id)
            api_keys.revoke_all(write_session, user.id)
            values = {"email_verified": True, "password_hash": None, "tokens_valid_from": None}
            write_session.execute(update(User).where(User.id == user.id).values(**values))
        write_session.add(
            Identity(
                user_id=user.id, issuer=identity.issuer, subject=identity.subject, provider=identity.provider, picture=identity.picture
            )
        )
        write_session.flush()
        user_id = user.id
    return session().get_one(User, user_id, populate_existing=True)
