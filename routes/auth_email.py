"""E-mail verification and password reset."""

from __future__ import annotations

from typing import Any

from routes.auth import verification_page
from routes.client import client_info
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.urls import email_page_url
from schemas.accounts import EmailIn, MessageOut, ResetPasswordIn, VerifyEmailIn

auth_email = Blueprint("auth_email", __name__, scope="account", tag="Accounts")
_PROOF_RESPONSES = {
    400: "The link or code is wrong, was used before or has expired",
    429: "Too many failed attempts",
    503: "The user pool is not available",
}


@auth_email.post("/verify-email")
@endpoint(rate_limits=("email_sender",))
@auth_email.input(VerifyEmailIn)
@auth_email.output(MessageOut)
@auth_email.doc(responses=_PROOF_RESPONSES)
def verify_email(json_data: VerifyEmailIn) -> Any:
    """Verify an e-mail address with the token from the e-mail, or with address and code."""
    container().user_pool.verify_email(json_data.proof(), client_info().ip_address)
    return MessageOut(message="Your e-mail address is verified. You can log in now.")


@auth_email.post("/resend-verification")
@endpoint(rate_limits=("email_sender", "email_recipient"))
@auth_email.input(EmailIn)
@auth_email.output(MessageOut)
@auth_email.doc(responses={503: "This server sends no e-mail"})
def resend_verification(json_data: EmailIn) -> Any:
    """Send another verification e-mail. The response is the same whether there is such an account or not."""
    container().user_pool.resend_verification(json_data.email, verification_page())
    return MessageOut(message="If this address still has to be verified, an e-mail is on its way.")


@auth_email.post("/forgot-password")
@endpoint(rate_limits=("email_sender", "email_recipient"))
@auth_email.input(EmailIn)
@auth_email.output(MessageOut)
@auth_email.doc(responses={503: "This server sends no e-mail"})
def forgot_password(json_data: EmailIn) -> Any:
    """Send a link for setting a new password. The response is the same whether there is such an account or not."""
    container().user_pool.send_password_reset(json_data.email, email_page_url("reset"))
    return MessageOut(message="If there is such an account, an e-mail is on its way.")


@auth_email.post("/reset-password")
@endpoint(rate_limits=("email_sender",))
@auth_email.input(ResetPasswordIn)
@auth_email.output(MessageOut)
@auth_email.doc(responses=_PROOF_RESPONSES)
def reset_password(json_data: ResetPasswordIn) -> Any:
    """Set a new password with the token from the e-mail, or with address and code. All sessions and API keys of the account end."""
    container().user_pool.reset_password(json_data.proof(), json_data.password, client_info().ip_address)
    return MessageOut(message="The password has been changed, and all sessions and API keys have ended. Log in with the new password.")
