"""Accounts whose passwords are kept in this database."""

from __future__ import annotations

from typing import Protocol

import errors
from database import end_read
from models import User
from services.accounts import account_emails, sessions, users
from services.accounts.sessions import ClientInfo, OpenedSession
from services.accounts.user_pool import EmailProof, Policy, Registration


class SendAccountEmail(Protocol):
    """Queue an e-mail about an account. Raises MailNotConfigured."""

    def __call__(self, purpose: str, email: str, page: str = "") -> None: ...


class LocalUserPool:
    """The pool of an installation without an external one."""

    def __init__(self, policy: Policy, send_email: SendAccountEmail) -> None:
        self._policy, self._send_email = policy, send_email

    def register(self, registration: Registration, page: str) -> User | None:
        """Register a user. If verification is required, a taken address gives the same response, and its owner gets an e-mail."""
        policy, email = self._policy(), registration.email
        policy.check_registration_open()
        verifies = policy.sends_email and policy.email_verification != "off"
        try:
            user = users.register(
                email=email,
                password=registration.password,
                username=registration.username,
                first_name=registration.first_name,
                last_name=registration.last_name,
                adopts_local=policy.open_mode,
                then=(lambda _: self._send_email(account_emails.VERIFY, email, page)) if verifies else None,
            )
        except errors.AlreadyRegistered:
            existing = users.find_by_login(email)
            if not policy.verification_required or existing is None or existing.email != email.lower():
                raise
            self._send_email(account_emails.REGISTERED, email)
            return None
        return None if policy.verification_required else user

    def verify_email(self, proof: EmailProof, ip_address: str) -> None:
        account_emails.verify(self._token_hash(proof, account_emails.VERIFY, ip_address))

    def resend_verification(self, email: str, page: str) -> None:
        self._send_email(account_emails.VERIFY, email, page)

    def send_password_reset(self, email: str, page: str) -> None:
        self._send_email(account_emails.RESET, email, page)

    def reset_password(self, proof: EmailProof, password: str, ip_address: str) -> None:
        account_emails.reset(self._token_hash(proof, account_emails.RESET, ip_address), password, ip_address)

    def log_in(self, login: str, password: str, lifetime_s: int, client_info: ClientInfo) -> OpenedSession:
        policy = self._policy()
        user = users.authenticate(
            login, password, ip_address=client_info.ip_address, limits=policy.throttle, verified_only=policy.verification_required
        )
        return sessions.open_session(user, lifetime_s, client_info)

    def check_session(self, session_id: str) -> None:
        """A session that an external user pool opened ends here: that pool is no longer configured."""
        is_external = sessions.upstream_refresh_token_of(session_id) is not None
        end_read()
        if is_external:
            sessions.close_session(session_id)
            raise errors.Unauthenticated("The session has ended.")

    def log_out(self, session_id: str) -> None:
        sessions.close_session(session_id)

    def _token_hash(self, proof: EmailProof, purpose: str, ip_address: str) -> str:
        if proof.token:
            return account_emails.hash_token(proof.token)
        if not (proof.email and proof.code):
            raise errors.ValidationFailed("token: or email with otp")
        return account_emails.find_token_hash(proof.email, proof.code, purpose, ip_address=ip_address, limits=self._policy().throttle)
