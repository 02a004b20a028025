"""Registration, login, sessions and passwords."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import Response, jsonify
from flask_jwt_extended import unset_jwt_cookies

import errors
from routes.caller import caller, login_required, refresh_claims, same_site_required, session_required
from routes.client import client_info, throttle_limits
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.request_origin import request_origin
from routes.tokens import token_response, user_out
from routes.urls import email_page_url
from schemas.accounts import (
    LoginIn,
    MeOut,
    MessageOut,
    PasswordChangedOut,
    PasswordChangeIn,
    RefreshIn,
    RegisteredOut,
    RegisterIn,
    SessionOut,
    SessionsOut,
    TokensOut,
)
from services import accounts
from services.accounts import OpenedSession, open_mode, profile
from services.accounts.user_pool import Registration

auth = Blueprint("auth", __name__, scope="account", tag="Accounts")

_THROTTLED, _UNAVAILABLE = {429: "Too many attempts"}, {503: "The user pool or the mail server is not available"}
REGISTER_RESPONSES = {403: "Registration is closed", 409: "Already registered", **_THROTTLED, **_UNAVAILABLE}
LOGIN_RESPONSES = {401: "Wrong credentials", 403: "E-mail address not verified", 422: "Validation error", **_THROTTLED, **_UNAVAILABLE}
REFRESH_RESPONSES = {401: "The session has ended", 403: "The request comes from another site", **_THROTTLED, **_UNAVAILABLE}


@auth.post("/register")
@endpoint(rate_limits=("registration", "email_recipient"))
@same_site_required
@auth.input(RegisterIn)
@auth.output(RegisteredOut, status_code=201)
@auth.doc(responses=REGISTER_RESPONSES)
def register(json_data: RegisterIn) -> Response:
    """Create an account and log in to it."""
    return _register(json_data)


@auth.post("/signup")
@endpoint(rate_limits=("registration", "email_recipient"))
@same_site_required
@auth.input(RegisterIn)
@auth.output(RegisteredOut, status_code=201)
@auth.doc(responses=REGISTER_RESPONSES)
def sign_up(json_data: RegisterIn) -> Response:
    """Create an account; the same as `register`."""
    return _register(json_data)


@auth.post("/login")
@endpoint(rate_limits=("login",))
@same_site_required
@auth.doc(responses=LOGIN_RESPONSES)
@auth.output(TokensOut)
@auth.input(LoginIn, location="json_or_form")
def log_in(json_or_form_data: LoginIn) -> Response:
    """Log in with e-mail address or user name and password, as JSON or as a form. Tokens come in the body and as cookies."""
    return token_response(open_session(json_or_form_data), "Logged in.")


@auth.post("/refresh")
@same_site_required
@auth.input(RefreshIn, location="json_or_form")
@auth.output(TokensOut)
@auth.doc(responses=REFRESH_RESPONSES)
def refresh(json_or_form_data: RefreshIn) -> Response:
    """Exchange a refresh token (body, Bearer header or cookie) for new tokens. Each refresh token works once."""
    return _refresh(json_or_form_data.refresh_token)


@auth.post("/refresh-token")
@same_site_required
@auth.input(RefreshIn, location="json_or_form")
@auth.output(TokensOut)
@auth.doc(responses=REFRESH_RESPONSES)
def refresh_token(json_or_form_data: RefreshIn) -> Response:
    """Exchange a refresh token; the same as `refresh`."""
    return _refresh(json_or_form_data.refresh_token)


@auth.post("/logout")
@auth.output(MessageOut)
@auth.doc(responses={403: "The request comes from another site"})
def log_out() -> Response:
    """End this session on the server and clear the cookies."""
    with contextlib.suppress(errors.Unauthenticated):  # without a session, the cookies are cleared all the same
        container().user_pool.log_out(caller().session_id)
    with contextlib.suppress(errors.Unauthenticated):  # an expired access token may come with a valid refresh token
        container().user_pool.log_out(str(refresh_claims(None)["sid"]))
    return _logout_response("Logged out.")


@auth.post("/logout-everywhere")
@session_required
@auth.output(MessageOut)
def log_out_everywhere() -> Response:
    """End every session of the caller, including this one."""
    accounts.log_out_everywhere(caller())
    return _logout_response("Logged out everywhere.")


@auth.get("/sessions")
@login_required
@auth.output(SessionsOut)
def list_sessions() -> Any:
    """List the sessions of the caller: device, address, time of last use."""
    current_id = caller().session_id
    return SessionsOut(sessions=[SessionOut.of(each, current_id) for each in accounts.list_live(caller())])


@auth.delete("/sessions/<session_id>")
@session_required
@auth.output(MessageOut)
@auth.doc(responses={404: "Not found"})
def revoke_session(session_id: str) -> Any:
    """End one of the caller's sessions."""
    accounts.revoke(caller(), session_id)
    return MessageOut(message="The session has ended.")


@auth.post("/change-password")
@endpoint(rate_limits=("password",))
@session_required
@auth.input(PasswordChangeIn)
@auth.output(PasswordChangedOut)
@auth.doc(responses={401: "The current password is wrong", 429: "Too many failed attempts"})
def change_password(json_data: PasswordChangeIn) -> Any:
    """Set another password. All other sessions of the caller end, and with `revoke_keys` all API keys."""
    confirmed_hash = accounts.confirm_password(
        caller(), json_data.current_password, ip_address=client_info().ip_address, limits=throttle_limits()
    )
    key_count = profile.change_password(
        caller(), json_data.new_password, confirmed_hash=confirmed_hash, keep_keys=not json_data.revoke_keys
    )
    note = f" {key_count} API keys still work: check that all of them are yours." if key_count else ""
    return PasswordChangedOut(message=f"The password has been changed. All other sessions have ended.{note}", api_keys_kept=key_count)


@auth.get("/me")
@login_required
@auth.output(MeOut)
def me() -> Any:
    """Return the account of the caller, at the top level and as `user`."""
    return MeOut.of_user(user_out(accounts.user_of(caller())))


def open_session(credentials: LoginIn, lifetime_s: int | None = None) -> OpenedSession:
    """Log in with these credentials, for `lifetime_s` seconds or the lifetime of a refresh token."""
    session_lifetime_s = container().settings.refresh_token_s if lifetime_s is None else lifetime_s
    return container().user_pool.log_in(credentials.email or credentials.username, credentials.password, session_lifetime_s, client_info())


def verification_page() -> str:
    """Return the URL that a verification token is appended to; "" without PUBLIC_URL."""
    return email_page_url("verify")


def _register(data: RegisterIn) -> Response:
    open_mode.check_registration(container().settings.open_mode, request_origin())
    first_name, last_name = data.names()
    user = container().user_pool.register(
        Registration(data.email, data.password, data.username, first_name, last_name), verification_page()
    )
    if user is None:
        return _registered_unverified()
    login_session = accounts.open_session(user, container().settings.refresh_token_s, client_info())
    return token_response(login_session, "Registered.", 201)


def _registered_unverified() -> Response:
    message = "User registered successfully. Please check your email to confirm your account."
    response = jsonify(RegisteredOut(message=message).model_dump(exclude_none=True))
    response.status_code = 201
    return response


def _refresh(token: str | None) -> Response:
    claims, settings = refresh_claims(token), container().settings
    container().user_pool.check_session(claims["sid"])
    login_session = accounts.rotate_session(
        claims["sid"], claims.get("rid", ""), settings.refresh_token_s, grace_s=settings.refresh_grace_s
    )
    return token_response(login_session, "Refreshed.")


def _logout_response(message: str) -> Response:
    response = jsonify(MessageOut(message=message).model_dump())
    unset_jwt_cookies(response)
    return response
