"""The cookies of users, which yt-dlp sends to the sites that they belong to. They are stored encrypted and never shown again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import delete as delete_from
from sqlalchemy import select

import errors
from database import session, transaction
from lib.encryption import encrypt
from models import SiteCookies
from services.accounts import Caller

MAX_TEXT_LENGTH = 512 * 1024
_MAX_COOKIES = 2000
_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"
_HEADER = "# Netscape HTTP Cookie File\n\n"


class InvalidCookies(errors.ValidationFailed):
    """This is not a file of cookies in Netscape format."""

    code = "invalid_cookies"
    hint = "Export cookies.txt with an extension of your browser, while you are signed in to the site."


def put(caller: Caller, text: str, signing_key: str) -> SiteCookies:
    """Replace the caller's cookies. Raises InvalidCookies."""
    rows = list(_read(text))
    if not rows:
        raise InvalidCookies("It has no cookies.")
    lines = "".join("\t".join(row) + "\n" for row in rows)
    domains = sorted({row[0].removeprefix(_HTTP_ONLY).lstrip(".") for row in rows})
    sealed_text = encrypt(_HEADER + lines, signing_key)
    with transaction() as write_session:
        return write_session.merge(SiteCookies(user_id=caller.user_id, sealed_text=sealed_text, domains=domains))


def _read(text: str) -> Iterator[list[str]]:
    """Yield the fields of each cookie: domain, subdomains, path, secure, expiry, name, value."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (line.startswith("#") and not line.startswith(_HTTP_ONLY)):
            continue
        fields = line.split("\t")
        if len(fields) != _FIELDS or not fields[0].removeprefix(_HTTP_ONLY).strip("."):
            raise InvalidCookies(f"Line {number} has {len(fields)} fields instead of {_FIELDS}, separated by tabs.")
        if fields[1] not in ("TRUE", "FALSE") or fields[3] not in ("TRUE", "FALSE"):
            raise InvalidCookies(f"Line {number}: the second and the fourth field are TRUE or FALSE.")
        expiry = fields[4].partition(".")[0] or "0"
        if not (expiry.isascii() and expiry.isdigit() and len(expiry) < 16):
            raise InvalidCookies(f"Line {number}: the fifth field is a time in seconds.")
        if number > _MAX_COOKIES:
            raise InvalidCookies(f"It has more than {_MAX_COOKIES} lines.")
        yield [*fields[:4], expiry, *fields[5:]]


def get(caller: Caller) -> SiteCookies | None:
    """Return the caller's cookies, encrypted, or None."""
    return session().get(SiteCookies, caller.user_id, populate_existing=True)


def delete(caller: Caller) -> None:
    """Delete the caller's cookies."""
    with transaction() as write_session:
        write_session.execute(delete_from(SiteCookies).where(SiteCookies.user_id == caller.user_id))


def get_sealed(user_id: str) -> str:
    """Return a user's cookies as the downloader gets them, or ""."""
    return session().execute(select(SiteCookies.sealed_text).where(SiteCookies.user_id == user_id)).scalar_one_or_none() or ""
