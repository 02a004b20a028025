"""Register, log in, refresh, log out, who am I."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from flask import Response, jsonify
from flask_jwt_extended import unset_jwt_cookies

import errors
from lib.encryption import seal
from routes.caller import caller, login_required, refresh_claims, session_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.links import base_url
from routes.tokens import signing_key, throttle_limits, token_response, visit
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
    UserOut,
)
from services import accounts
from services.accounts import OpenedSession, account_emails, api_keys, profile, user_pool

auth = Blueprint("auth", __name__, scope="account", tag="Accounts")

_PAUSE, _AWAY = {429: "Too many attempts"}, {503: "The user pool or the mail server is away"}
REGISTERING = {403: "Registration is closed", 409: "Already registered", **_PAUSE, **_AWAY}
LOGGING_IN = {401: "Wrong credentials", 403: "The address is not verified", 422: "Validation error", **_PAUSE, **_AWAY}
REFRESHING = {401: "The session has ended", 403: "The request comes from another site", **_PAUSE, **_AWAY}


@auth.post("/register")
@endpoint(rate_limits=("registration", "email_recipient"))
@auth.input(RegisterIn)
@auth.output(RegisteredOut, status_code=201)
@auth.doc(responses=REGISTERING)
def register(json_data: RegisterIn) -> Response:
    """Make an account and log in to it."""
    return _register(json_data)


@auth.post("/signup")
@endpoint(rate_limits=("registration", "email_recipient"))
@auth.input(RegisterIn)
@auth.output(RegisteredOut, status_code=201)
@auth.doc(responses=REGISTERING)
def sign_up(json_data: RegisterIn) -> Response:
    """The same as `register`."""
    return _register(json_data)


@auth.post("/login")
@endpoint(rate_limits=("login",))
@auth.doc(responses=LOGGING_IN)
@auth.output(TokensOut)
@auth.input(LoginIn, location="json_or_form")
def log_in(json_or_form_data: LoginIn) -> Response:
    """Log in by e-mail address or user name, with JSON or a form; answers with tokens and sets them as cookies."""
    return token_response(log_in_with(json_or_form_data), "Logged in.")


@auth.post("/refresh")
@auth.input(RefreshIn, location="json_or_form")
@auth.output(TokensOut)
@auth.doc(responses=REFRESHING)
def refresh(json_or_form_data: RefreshIn) -> Response:
    """Exchange a refresh token (body, Bearer or cookie) for new tokens; each can be used once."""
    return _refresh(json_or_form_data.refresh_token)


@auth.post("/refresh-token")
@auth.input(RefreshIn, location="json_or_form")
@auth.output(TokensOut)
@auth.doc(responses=REFRESHING)
def refresh_token(json_or_form_data: RefreshIn) -> Response:
    """The same as `refresh`."""
    return _refresh(json_or_form_data.refresh_token)


@auth.post("/logout")
@auth.output(MessageOut)
@auth.doc(responses={403: "The request comes from another site"})
def log_out() -> Response:
    """End this session, on the server too, and clear the cookies."""
    with contextlib.suppress(errors.Unauthenticated):  # nothing to end; the cookies go all the same
        _close(caller().session_id)
    with contextlib.suppress(errors.Unauthenticated):  # the access token may have run out before
        _close(str(refresh_claims(None)["sid"]))
    return _goodbye("Logged out.")


@auth.post("/logout-everywhere")
@session_required
@auth.output(MessageOut)
def log_out_everywhere() -> Response:
    """End every session of the caller, this one too."""
    accounts.log_out_everywhere(caller())
    return _goodbye("Logged out everywhere.")


@auth.get("/sessions")
@login_required
@auth.output(SessionsOut)
def list_sessions() -> Any:
    """Where the caller is logged in: device, address, last used."""
    here = caller().session_id
    return SessionsOut(sessions=[SessionOut.of(each, here) for each in accounts.list_live(caller())])


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
@auth.doc(responses={401: "The present password is wrong", 429: "Too many failed attempts"})
def change_password(json_data: PasswordChangeIn) -> Any:
    """Set another password; every other session of the caller ends, and with `revoke_keys` every API key."""
    accounts.confirm_password(caller(), json_data.current_password, address=visit().address, rules=throttle_limits())
    here, keep_keys = caller(), not json_data.revoke_keys
    profile.set_password(here.user_id, json_data.new_password, keep_session=here.session_id, keep_keys=keep_keys)
    kept = api_keys.count_live(here.user_id)
    said = f" {kept} API keys go on working: look whether all are yours." if kept else ""
    return PasswordChangedOut(message=f"The password has been changed; every other session has ended.{said}", api_keys_kept=kept)


@auth.get("/me")
@login_required
@auth.output(MeOut)
def me() -> Any:
    """The caller's account, by itself and as `user`."""
    return MeOut.of_user(UserOut.of(accounts.user_of(caller())))


def log_in_with(given: LoginIn, life_s: int | None = None) -> OpenedSession:
    """A session for whoever these credentials are of, for `life_s` seconds or as long as a refresh token lives."""
    settings, pool, login = container().settings, container().user_pool, given.email or given.username
    here, kept = visit(), None
    if pool is None or user_pool.has_password_here(login):
        must = settings.email_verification == "required"
        user = accounts.authenticate(login, given.password, address=here.address, rules=throttle_limits(), verified_only=must)
    else:
        is_open = settings.federated_registration_open
        user, kept = user_pool.authenticate(
            pool, login, given.password, address=here.address, rules=throttle_limits(), registration_open=is_open
        )
    refresh_token = seal(kept, signing_key()) if kept else None
    return accounts.open_session(user, life_s or settings.refresh_token_s, here, upstream_refresh_token=refresh_token)


def verification_page() -> str:
    return f"{base_url()}/#verify="


def _register(given: RegisterIn) -> Response:
    settings, pool = container().settings, container().user_pool
    if not settings.registration_open:
        raise errors.Forbidden("Registration is closed on this server.", hint="Ask an administrator for an account.")
    first, last = given.names()
    if pool is not None:
        pool.sign_up(given.email, given.password, f"{first} {last}".strip())
        return _registered_unverified()
    required = settings.email_verification == "required"
    verifying = settings.smtp_host and settings.email_verification != "off"
    write = functools.partial(container().send_account_email, account_emails.VERIFY, given.email, verification_page())
    try:
        user = accounts.register(
            email=given.email,
            password=given.password,
            username=given.username,
            first_name=first,
            last_name=last,
            then=(lambda _: write()) if verifying else None,
        )
        container().deliverer.wake()
    except errors.AlreadyRegistered:
        known = accounts.find_by_login(given.email)
        if not required or known is None or known.email != given.email.lower():
            raise
        container().send_account_email(account_emails.REGISTERED, given.email)  # and here the same answer as ever
        return _registered_unverified()
    if required:
        return _registered_unverified()
    return token_response(accounts.open_session(user, settings.refresh_token_s, visit()), "Registered.", 201)


def _registered_unverified() -> Response:
    said = "User registered successfully. Please check your email to confirm your account."
    response = jsonify(RegisteredOut(message=said).model_dump(exclude_none=True))
    response.status_code = 201
    return response


def _refresh(given: str | None) -> Response:
    claims, settings = refresh_claims(given), container().settings
    user_pool.check_still_in(container().user_pool, claims["sid"], signing_key())
    opened = accounts.rotate_session(claims["sid"], claims.get("rid", ""), settings.refresh_token_s, grace_s=settings.refresh_grace_s)
    return token_response(opened, "Refreshed.")


def _close(session_id: str) -> None:
    with contextlib.suppress(errors.TransientError):  # the pool is away: here the session ends all the same
        user_pool.log_out(container().user_pool, session_id, signing_key())
    accounts.close_session(session_id)


def _goodbye(message: str) -> Response:
    response = jsonify(MessageOut(message=message).model_dump())
    unset_jwt_cookies(response)
    return response
