"""Register, log in, refresh, log out, who am I."""

from __future__ import annotations

import contextlib
from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify, request
from flask_jwt_extended import unset_jwt_cookies

import errors
from routes.caller import caller, refresh_claims, signed_in, tokens_for, with_cookies
from routes.services import services
from schemas.accounts import LoginIn, MeOut, MessageOut, RefreshIn, RegisterIn, TokensOut, UserOut
from services import accounts
from services.accounts import OpenedSession

auth = APIBlueprint("auth", __name__, tag="Accounts")
root_auth = APIBlueprint("root_auth", __name__, tag="Accounts")


@auth.post("/register")
@auth.input(RegisterIn)
@auth.output(TokensOut, status_code=201)
@auth.doc(responses={403: "Registration is closed", 409: "Already registered"})
def register(json_data: RegisterIn) -> Response:
    """Make an account and log in to it."""
    if not services().settings.registration_open:
        raise errors.Forbidden("Registration is closed on this server.", hint="Ask an administrator for an account.")
    first, last = json_data.names()
    user = accounts.register(
        email=json_data.email, password=json_data.password, username=json_data.username, first_name=first, last_name=last
    )
    return _welcome(_open(user), "Registered.", 201)


@auth.post("/login")
@auth.doc(responses={401: "Wrong credentials", 422: "Validation error"})
@auth.output(TokensOut)
@auth.input(LoginIn, location="json_or_form")
def log_in(json_or_form_data: LoginIn) -> Response:
    """Log in by e-mail address or user name, with JSON or a form; answers with tokens and sets them as cookies."""
    login = json_or_form_data.email or json_or_form_data.username
    return _welcome(_open(accounts.authenticate(login, json_or_form_data.password)), "Logged in.")


@auth.post("/refresh")
@auth.input(RefreshIn, location="json_or_form")
@auth.output(TokensOut)
@auth.doc(responses={401: "The session has ended"})
def refresh(json_or_form_data: RefreshIn) -> Response:
    """Exchange a refresh token (body, Bearer or cookie) for new tokens; each can be used once."""
    claims = refresh_claims(json_or_form_data.refresh_token)
    opened = accounts.rotate_session(claims["sid"], claims.get("rid", ""), services().settings.refresh_token_s)
    return _welcome(opened, "Refreshed.")


@auth.post("/logout")
@auth.output(MessageOut)
def log_out() -> Response:
    """End this session, on the server too, and clear the cookies."""
    with contextlib.suppress(errors.Unauthenticated):  # nothing to end; the cookies go all the same
        accounts.close_session(caller().session_id)
    with contextlib.suppress(errors.Unauthenticated):  # the access token may have run out before
        accounts.close_session(str(refresh_claims(None)["sid"]))
    response = jsonify(MessageOut(message="Logged out.").model_dump())
    unset_jwt_cookies(response)
    return response


@auth.get("/me")
@signed_in
@auth.output(MeOut)
def me() -> Any:
    """The caller's account."""
    return MeOut(user=UserOut.of(accounts.user_of(caller())))


@root_auth.get("/user")
@signed_in
@root_auth.output(MeOut)
def root_user() -> Any:
    """The caller's account, at its documented address."""
    return MeOut(user=UserOut.of(accounts.user_of(caller())))


def _open(user: Any) -> OpenedSession:
    return accounts.open_session(
        user, services().settings.refresh_token_s, user_agent=request.headers.get("User-Agent", ""), address=request.remote_addr or ""
    )


def _welcome(opened: OpenedSession, message: str, status: int = 200) -> Response:
    tokens = tokens_for(opened)
    body = TokensOut(message=message, id=opened.user.id, user=UserOut.of(opened.user), **tokens)
    response = jsonify(body.model_dump())
    response.status_code = status
    return with_cookies(response, tokens)
