"""What goes by e-mail: verifying an address, setting a forgotten password."""

from __future__ import annotations

import contextlib
from typing import Any

import errors
from routes.auth import verification_page
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.links import base_url
from routes.tokens import throttle_limits, visit
from schemas.accounts import EmailIn, MessageOut, ResetPasswordIn, VerifyEmailIn
from services.accounts import account_emails, user_pool
from services.identity.port import IssuerBusy

auth_mail = Blueprint("auth_mail", __name__, scope="account", tag="Accounts")
_NOT_FOR_OTHERS = (errors.BadCredentials, errors.ValidationFailed, IssuerBusy)  # nobody, verified already, asked too often


@auth_mail.post("/verify-email")
@endpoint(rate_limits=("email_sender",))
@auth_mail.input(VerifyEmailIn)
@auth_mail.output(MessageOut)
@auth_mail.doc(responses={400: "It was used or has run out", 429: "Too many failed attempts", 503: "The user pool is away"})
def verify_email(json_data: VerifyEmailIn) -> Any:
    """Verify an address by the mail's token, or by address and code."""
    pool, code = container().user_pool, json_data.otp or json_data.code
    if pool is not None and json_data.email:
        pool.confirm(json_data.email.strip().lower(), code)
    else:
        account_emails.verify(_token_hash(json_data, account_emails.VERIFY))
    return MessageOut(message="The e-mail address is verified. You can log in now.")


@auth_mail.post("/resend-verification")
@endpoint(rate_limits=("email_sender", "email_recipient"))
@auth_mail.input(EmailIn)
@auth_mail.output(MessageOut)
@auth_mail.doc(responses={503: "No e-mail is sent here"})
def resend_verification(json_data: EmailIn) -> Any:
    """Send another mail to an address that is not verified yet."""
    pool, email, page = container().user_pool, json_data.email, verification_page()
    if pool is not None:
        with contextlib.suppress(*_NOT_FOR_OTHERS):
            pool.send_code_again(email.strip().lower())
    else:
        container().send_account_email(account_emails.VERIFY, email, page)
    return MessageOut(message="If this address waits to be verified, an e-mail is on its way.")


@auth_mail.post("/forgot-password")
@endpoint(rate_limits=("email_sender", "email_recipient"))
@auth_mail.input(EmailIn)
@auth_mail.output(MessageOut)
@auth_mail.doc(responses={503: "No e-mail is sent here"})
def forgot_password(json_data: EmailIn) -> Any:
    """Have a link to set a new password sent. The answer is the same whether there is such an account or not."""
    pool, email, page = container().user_pool, json_data.email, f"{base_url()}/#reset="
    if pool is not None and not user_pool.has_password_here(email):
        with contextlib.suppress(*_NOT_FOR_OTHERS):
            pool.forgot(email.strip().lower())
    else:
        container().send_account_email(account_emails.RESET, email, page)
    return MessageOut(message="If there is such an account, an e-mail is on its way.")


@auth_mail.post("/reset-password")
@endpoint(rate_limits=("email_sender",))
@auth_mail.input(ResetPasswordIn)
@auth_mail.output(MessageOut)
@auth_mail.doc(responses={400: "It was used or has run out", 429: "Too many failed attempts", 503: "The user pool is away"})
def reset_password(json_data: ResetPasswordIn) -> Any:
    """Set a new password by the mail's token, or by address and code; every session and API key of the account ends."""
    pool, email, code = container().user_pool, json_data.email, json_data.otp or json_data.code
    if pool is not None and email and not user_pool.has_password_here(email):
        user_pool.reset(pool, email.strip().lower(), code, json_data.password)
    else:
        account_emails.reset(_token_hash(json_data, account_emails.RESET), json_data.password)
    return MessageOut(message="The password has been changed; every session and API key has ended. Log in with it.")


def _token_hash(given: VerifyEmailIn, purpose: str) -> str:
    code = given.otp or given.code
    if given.token:
        return account_emails.hash_token(given.token)
    if not (given.email and code):
        raise errors.ValidationFailed("token: or email with otp")
    return account_emails.find_token_hash(given.email, code, purpose, address=visit().address, rules=throttle_limits())
