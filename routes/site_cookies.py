"""The caller's cookies for sites that ask to sign in."""

from __future__ import annotations

from typing import Any

from routes.caller import caller, login_required, session_required
from routes.container import container
from routes.endpoints import Blueprint
from schemas.accounts import MessageOut
from schemas.site_cookies import SiteCookiesIn, SiteCookiesOut
from services.links import site_cookies as use_case

site_cookies = Blueprint("site_cookies", __name__, scope="account", tag="Recordings")


@site_cookies.get("")
@login_required
@site_cookies.output(SiteCookiesOut)
def show_cookies() -> Any:
    """List the sites that the caller's cookies belong to."""
    return SiteCookiesOut.of(use_case.get(caller()))


@site_cookies.put("")
@session_required
@site_cookies.input(SiteCookiesIn)
@site_cookies.output(SiteCookiesOut)
def put_cookies(json_data: SiteCookiesIn) -> Any:
    """Store the cookies that the caller's downloads send, instead of earlier ones; they are encrypted."""
    return SiteCookiesOut.of(use_case.put(caller(), json_data.text, container().signing_key()))


@site_cookies.delete("")
@session_required
@site_cookies.output(MessageOut)
def delete_cookies() -> Any:
    """Delete the caller's cookies."""
    use_case.delete(caller())
    return MessageOut(message="The cookies were deleted.")
