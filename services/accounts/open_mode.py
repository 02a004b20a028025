"""Open mode: on a host of one person, requests without credentials act for the only account. See docs/compatibility.md."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import select

import errors
from database import session
from models import User
from services.accounts.callers import Caller
from services.accounts.users import LOCAL_EMAIL, static_caller

OpenMode = Literal["off", "loopback", "network"]
_MAX_USERS = 2  # that are read: one is the limit


class OpenModeRefused(errors.Unauthenticated):
    """Open mode does not serve this request without credentials."""

    code = "open_mode_refused"
    hint = "Log in and send the access token as `Authorization: Bearer TOKEN`."


class RegistrationElsewhere(errors.Forbidden):
    """In open mode, accounts are created on the server's own machine only."""

    code = "registration_elsewhere"
    hint = "Register at http://localhost, run `lectern admin create`, or set OPEN_MODE=off."


@dataclass(frozen=True)
class RequestOrigin:
    """The origin of a request: the client's address, the Host header, and whether a proxy passed it on that is not trusted."""

    ip_address: str
    host: str
    is_forwarded: bool

    @property
    def is_this_machine(self) -> bool:
        """The host counts because a name that leads to 127.0.0.1 may belong to a stranger's page (DNS rebinding)."""
        hostname = urlsplit(f"//{self.host}").hostname or ""
        return not self.is_forwarded and _is_loopback(self.ip_address) and _is_loopback(hostname)


def caller_without_credentials(mode: OpenMode, origin: RequestOrigin) -> Caller:
    """Return the only account, which is created if there is none. Raises OpenModeRefused."""
    if mode == "loopback" and not origin.is_this_machine:
        raise OpenModeRefused("It serves this machine only.", hint="Use http://localhost, or OPEN_MODE=network in a network you trust.")
    users = session().execute(select(User.id, User.email, User.status).limit(_MAX_USERS)).all()
    if not users:
        return static_caller(LOCAL_EMAIL, is_admin=False)
    if len(users) > 1:
        raise OpenModeRefused("This server has several accounts.")
    if users[0].status != "active":
        raise OpenModeRefused("The account is suspended.")
    return Caller(users[0].id, users[0].email, "user", f"user:{users[0].id}")


def check_registration(mode: OpenMode, origin: RequestOrigin) -> None:
    """Raise RegistrationElsewhere if a stranger would end open mode by registering."""
    if mode != "off" and not origin.is_this_machine:
        raise RegistrationElsewhere


def caller_of_link(user_id: str, session_id: str) -> Caller:
    """Return the user of a signed address, with the rights of a user and the session or key that it ends with. Raises NotFound."""
    user = session().get(User, user_id)
    if user is None:
        raise errors.NotFound("This address has expired.")
    return Caller(user.id, user.email, "user", session_id)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
