"""Lists of recordings that are read within a request, a few at a time."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator

import errors
from services import downloaders
from services.accounts import Caller
from services.downloaders import Collection, LinkOptions
from services.links import site_cookies
from services.links import submit as link_imports
from services.links.submit import ImportPolicy, Link

_MAX_LISTINGS_PER_USER, _MAX_LISTINGS = 2, 8  # of one process
_RETRY_AFTER_S = 10
_TIMEOUT_S = 30.0  # clients give up after some minutes
_listings, _listings_lock = Counter[str](), threading.Lock()


class TooManyListings(errors.TooManyRequests):
    """Too many lists are being read at the moment."""

    code = "too_many_listings"
    hint = "Wait until one of your requests has ended, or start a batch with POST /api/v1/batches, which reads the list in the background."


def list_now(caller: Caller, link: Link, policy: ImportPolicy, options: LinkOptions) -> Collection:
    """Return the recordings of a link within the request.

    Raises UrlRefused, IntakePaused, LinkUnusable, TransientError and TooManyListings.
    """
    link_imports.check(link.url, policy, {})
    with listing_slot(caller.user_id), _failures_of_the_site():
        return downloaders.list_items(
            link.url,
            options,
            max_items=policy.batch_max_items,
            timeout_s=_TIMEOUT_S,
            sealed_password=policy.seal(link.password),
            sealed_cookies=site_cookies.get_sealed(caller.user_id),
        )


@contextlib.contextmanager
def _failures_of_the_site() -> Iterator[None]:
    """Report what a site does to the child process as a link that can't be used, not as an error of this server."""
    try:
        yield
    except errors.TimedOut as error:
        raise errors.LinkTooSlow(f"The list was not complete after {_TIMEOUT_S:.0f} s.") from error
    except errors.ProgramFailed as error:
        raise errors.LinkUnusable("The list can't be read.") from error


@contextlib.contextmanager
def listing_slot(user_id: str) -> Iterator[None]:
    """Count a list that this process reads: each takes a thread and a child process for up to _TIMEOUT_S. Raises TooManyListings."""
    with _listings_lock:
        if _listings[user_id] >= _MAX_LISTINGS_PER_USER or _listings.total() >= _MAX_LISTINGS:
            raise TooManyListings(wait_s=_RETRY_AFTER_S)
        _listings[user_id] += 1
    try:
        yield
    finally:
        with _listings_lock:
            _listings[user_id] -= 1
            if not _listings[user_id]:
                del _listings[user_id]
