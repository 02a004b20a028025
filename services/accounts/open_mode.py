"""Open mode: on a host of one person, requests without credentials act for the only account. See docs/compatibility.md."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import select

import errors
from database import session
from models import User
from services.accounts.callers import Caller
from services.accounts.users import static_caller, token_generation

OpenMode = Literal["off", "loopback", "network"]
_LOCAL_EMAIL = "local@lectern.invalid"
_MAX_USERS = 2  # that are read: one is the limit


class OpenModeRefused(errors.Unauthenticated):
    """Open mode does not serve this request without credentials."""

    code = "open_mode_refused"
    hint = "Log in and send the access token as `Authorization: Bearer TOKEN`."


def caller_without_credentials(mode: OpenMode, address: str, host: str) -> Caller:
    """Return the only account, which is created if there is none. Raises OpenModeRefused.

    `address` is that of the client, `host` the Host header: a name that leads to 127.0.0.1 may belong to a stranger's page (DNS rebinding).
    """
    if mode == "loopback" and not (_is_loopback(address) and _is_loopback(urlsplit(f"//{host}").hostname or "")):
        raise OpenModeRefused("It serves this machine only.", hint="Use http://localhost, or OPEN_MODE=network in a network you trust.")
    users = session().execute(select(User.id, User.email, User.status).limit(_MAX_USERS)).all()
    if not users:
        return static_caller(_LOCAL_EMAIL, is_admin=False)
    if len(users) > 1:
        raise OpenModeRefused("This server has several accounts.")
    if users[0].status != "active":
        raise OpenModeRefused("The account is suspended.")
    return Caller(users[0].id, users[0].email, "user", f"user:{users[0].id}")


def caller_of_link(user_id: str, generation: str) -> Caller:
    """Return the user of a signed address, with the rights of a user. Raises NotFound if the sessions of the user have ended since."""
    user = session().get(User, user_id)
    if user is None or token_generation(user_id) != generation:
        raise errors.NotFound("This address has expired.")
    return Caller(user.id, user.email, "user", f"user:{user.id}")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
