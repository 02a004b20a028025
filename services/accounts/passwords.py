"""Password strength, Argon2 hashes, and verification in the same time whether there is such a user or not."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

import errors
from lib.waiting import before_waiting

_hasher = PasswordHasher()
_MIN_LENGTH = 8
_MIN_GUESSES = 10_000  # weaker passwords are in the lists that attackers try first
_MAX_SCORED_LENGTH = 20  # characters; the cost of zxcvbn grows steeply with the length
_MAX_WAIT_S = 10.0
_turns = threading.BoundedSemaphore(max(2, min(4, os.cpu_count() or 2)))
_zxcvbn_lock = threading.Lock()  # zxcvbn keeps the user inputs in a global


class PasswordChecksBusy(errors.TransientError):
    """Too many passwords are being checked at the moment."""

    code = "password_checks_busy"
    retry_after_s = 5


class WeakPassword(errors.ValidationFailed):
    """This password is too easy to guess."""

    code = "weak_password"
    hint = "Three or four unrelated words are easy to remember and hard to guess."


def check_strength(password: str, personal_data: Collection[str] = ()) -> None:
    """Raise WeakPassword for a weak password. `personal_data`: names and address of the account, which others may know."""
    if len(password) < _MIN_LENGTH:
        raise WeakPassword(f"It needs at least {_MIN_LENGTH} characters.")
    parts = {part for text in personal_data for part in (text, *re.split(r"[\W_]+", text)) if part}
    with _zxcvbn_lock:
        score = _zxcvbn()(password[:_MAX_SCORED_LENGTH], user_inputs=sorted(parts))
    if score["guesses"] < _MIN_GUESSES:
        raise WeakPassword(score["feedback"]["warning"] or "")


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Wait until few enough threads compute a hash: each takes 64 MiB and a core. Raises PasswordChecksBusy."""
    before_waiting()
    if not _turns.acquire(timeout=_MAX_WAIT_S):
        raise PasswordChecksBusy
    try:
        yield
    finally:
        _turns.release()


def hash_password(password: str) -> str:
    """Return the hash of a password. Raises PasswordChecksBusy. Takes long: call it outside transactions."""
    with _turn():
        return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password is right; takes as long for an account without a password or no account."""
    with _turn():
        dummy_hash = _dummy_hash()  # computed in any case, as the first call takes as long as a verification
        try:
            _hasher.verify(password_hash or dummy_hash, password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was created with weaker parameters than the current ones."""
    return _hasher.check_needs_rehash(password_hash)


@functools.cache
def _zxcvbn() -> Callable[..., Mapping[str, Any]]:
    """Import zxcvbn on first use: its word lists load slowly, and few processes set a password."""
    from zxcvbn import zxcvbn

    return zxcvbn


@functools.cache
def _dummy_hash() -> str:
    return _hasher.hash("nothing")
