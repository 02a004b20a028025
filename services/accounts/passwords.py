"""Password strength and Argon2 hashes. Verification takes as long for an unknown user as for an existing one."""

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
_hash_slots = threading.BoundedSemaphore(max(2, min(4, os.cpu_count() or 2)))  # bounds memory and threads: see _hash_slot
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
    personal_words = {word for text in personal_data for word in (text, *re.split(r"[\W_]+", text)) if word}
    with _zxcvbn_lock:
        estimate = _zxcvbn()(password[:_MAX_SCORED_LENGTH], user_inputs=sorted(personal_words))
    if estimate["guesses"] < _MIN_GUESSES:
        raise WeakPassword(estimate["feedback"]["warning"] or "")


@contextlib.contextmanager
def _hash_slot() -> Iterator[None]:
    """Limit concurrent hashes: each takes 64 MiB and 4 threads (RFC 9106, section 4, second option). Raises PasswordChecksBusy."""
    before_waiting()
    if not _hash_slots.acquire(timeout=_MAX_WAIT_S):
        raise PasswordChecksBusy
    try:
        yield
    finally:
        _hash_slots.release()


def hash_password(password: str) -> str:
    """Return the hash of a password. Raises PasswordChecksBusy. Takes long: call it outside transactions."""
    with _hash_slot():
        return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password is right. Without a hash, verify against a dummy, which takes as long, and return False."""
    with _hash_slot():
        dummy_hash = _dummy_hash()  # in any case: the first call computes a hash, whose time must not depend on the account
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
    return _hasher.hash("dummy")
