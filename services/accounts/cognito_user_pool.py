"""Accounts whose passwords are kept in Amazon Cognito; everything else about them is in this database."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

import errors
from database import end_read, transaction
from lib.encryption import decrypt, encrypt
from models import User
from services.accounts import api_keys, federated, login_throttle, sessions
from services.accounts.local_user_pool import LocalUserPool
from services.accounts.sessions import ClientInfo, OpenedSession
from services.accounts.user_pool import EmailProof, Policy, Registration
from services.accounts.users import find_by_login, normalize_login
from services.identity.port import FederatedUser, IssuerBusy

# Unknown address, already verified, too many requests: a distinct response would reveal who has an account.
_HIDDEN_ERRORS = (errors.BadCredentials, errors.ValidationFailed, IssuerBusy)


class ExternalLogin(Protocol):
    """The result of a login at the external pool."""

    @property
    def user(self) -> FederatedUser: ...

    @property
    def refresh_token(self) -> str: ...


class Client(Protocol):
    """The calls of `services.identity.cognito.CognitoClient` that are used here."""

    def sign_up(self, email: str, password: str, name: str) -> None: ...

    def confirm(self, email: str, code: str) -> None: ...

    def resend_code(self, email: str) -> None: ...

    def send_reset_code(self, email: str) -> None: ...

    def reset_password(self, email: str, code: str, password: str) -> None: ...

    def log_in(self, email: str, password: str) -> ExternalLogin: ...

    def refresh(self, refresh_token: str) -> FederatedUser: ...

    def log_out(self, refresh_token: str) -> None: ...


class CognitoUserPool:
    """Accounts with a password in this database, such as the first admin, are handled by `local`.

    `signing_key` encrypts the pool's refresh tokens in the database.
    """

    def __init__(self, client: Client, local: LocalUserPool, policy: Policy, signing_key: Callable[[], str]) -> None:
        self.client, self._local, self._policy, self._signing_key = client, local, policy, signing_key

    def register(self, registration: Registration, page: str) -> User | None:
        self._policy().check_registration_open()
        full_name = f"{registration.first_name} {registration.last_name}".strip()
        self.client.sign_up(registration.email, registration.password, full_name)
        return None

    def verify_email(self, proof: EmailProof, ip_address: str) -> None:
        if not proof.email:
            self._local.verify_email(proof, ip_address)
            return
        self.client.confirm(normalize_login(proof.email), proof.code)

    def resend_verification(self, email: str, page: str) -> None:
        with contextlib.suppress(*_HIDDEN_ERRORS):
            self.client.resend_code(normalize_login(email))

    def send_password_reset(self, email: str, page: str) -> None:
        if _has_local_password(email):
            self._local.send_password_reset(email, page)
            return
        with contextlib.suppress(*_HIDDEN_ERRORS):
            self.client.send_reset_code(normalize_login(email))

    def reset_password(self, proof: EmailProof, password: str, ip_address: str) -> None:
        if not proof.email or _has_local_password(proof.email):
            self._local.reset_password(proof, password, ip_address)
            return
        email = normalize_login(proof.email)
        self.client.reset_password(email, proof.code, password)
        login_throttle.unblock(email, ip_address)
        user = find_by_login(email)
        if user is not None and user.email == email:
            user_id = user.id
            with transaction() as session:
                sessions.close_all(session, user_id)
                api_keys.revoke_all(session, user_id)

    def log_in(self, login: str, password: str, lifetime_s: int, client_info: ClientInfo) -> OpenedSession:
        if _has_local_password(login):
            return self._local.log_in(login, password, lifetime_s, client_info)
        policy, login = self._policy(), normalize_login(login)
        subjects = (login_throttle.account_subject(login), login_throttle.network_subject(client_info.ip_address))
        login_throttle.count_attempt(subjects, policy.throttle)
        end_read()
        try:
            external = self.client.log_in(login, password)
        except errors.TransientError:  # an outage of the pool is not a wrong guess
            login_throttle.record_success(*subjects)
            raise
        login_throttle.record_success(*subjects)
        user = federated.sign_in(external.user, registration_open=policy.federated_registration_open)
        sealed_token = encrypt(external.refresh_token, self._signing_key())
        return sessions.open_session(user, lifetime_s, client_info, upstream_refresh_token=sealed_token)

    def check_session(self, session_id: str) -> None:
        sealed_token = sessions.upstream_refresh_token_of(session_id)
        end_read()
        if sealed_token is None:
            return
        refresh_token = decrypt(sealed_token, self._signing_key())
        try:
            if refresh_token is None:
                raise errors.Unauthenticated
            self.client.refresh(refresh_token)
        except errors.Unauthenticated:
            sessions.close_session(session_id)
            raise errors.Unauthenticated("The session has ended.") from None

    def log_out(self, session_id: str) -> None:
        """End the session here, also if the pool is down or has ended it already."""
        sealed_token = sessions.upstream_refresh_token_of(session_id)
        end_read()
        refresh_token = decrypt(sealed_token, self._signing_key()) if sealed_token else None
        if refresh_token is not None:
            with contextlib.suppress(errors.TransientError, errors.Unauthenticated):
                self.client.log_out(refresh_token)
        sessions.close_session(session_id)


def _has_local_password(login: str) -> bool:
    user = find_by_login(login)
    return user is not None and user.password_hash is not None
