"""The errors of yt-dlp as errors of Lectern. yt-dlp has few error classes; most cases differ in their message alone."""

from __future__ import annotations

import re

import errors

_MAX_DETAIL_CHARS = 300
_ADVICE = re.compile(r"[.;] (?:Use --|See +https|please report|Please report|Confirm you are on)")
_KINDS: tuple[tuple[str, type[errors.LecternError]], ...] = (
    ("not a bot|captcha|automated (?:requests|queries)", errors.LinkBotCheck),
    ("confirm your age|age.restrict|inappropriate for some users", errors.LinkAgeRestricted),
    (
        "available (?:in|from) your (?:country|location)|geo.?restrict|in your country",
        errors.LinkGeoBlocked,
    ),
    ("premieres in|live event will begin|this live event|is not currently live|is offline", errors.LinkIsLive),
    (r"\bdrm\b", errors.LinkProtected),
    ("password", errors.LinkPasswordNeeded),
    ("private|members.only|log ?in|sign ?in|requires authentication|cookies|subscri|http error 40[13]", errors.LinkPrivate),
    ("http error 429|too many requests|rate.limit", errors.ProviderBusy),
    ("http error 5|timed out|connection|temporar|failed to resolve|unable to connect", errors.ProviderDown),
    ("http error 4(?:04|10)|does not exist|not found|removed|no longer available|unavailable|terminated", errors.LinkNotFound),
    ("unsupported url|no video|no media|no formats|unable to extract|not a valid url", errors.NoMediaFound),
)


def as_lectern_error(error: Exception) -> errors.LecternError:
    """Return the error for users; the message of yt-dlp without its advice on the command line becomes the detail."""
    message = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).removeprefix("ERROR: ")
    detail = _ADVICE.split(message)[0][:_MAX_DETAIL_CHARS]
    cause = getattr(error, "exc_info", None)
    names = {kind.__name__ for kind in type(cause[1]).__mro__} if cause and cause[1] is not None else set()
    by_class: dict[str, type[errors.LecternError]] = {
        "GeoRestrictedError": errors.LinkGeoBlocked,
        "UserNotLive": errors.LinkIsLive,
        "UnsupportedError": errors.NoMediaFound,
    }
    for name, kind in by_class.items():
        if name in names:
            return kind(detail)
    for pattern, kind in _KINDS:
        if re.search(pattern, detail, re.IGNORECASE):
            return kind(detail)
    return errors.LinkUnusable(detail)
