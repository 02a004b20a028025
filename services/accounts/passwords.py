"""Passwords: which are good enough, Argon2 hashes, and comparing that takes as long whether there is such a user or not."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

import errors

_hasher = PasswordHasher()
_MIN_LENGTH = 8
_MIN_GUESSES = 10_000  # what is guessed sooner stands in every attacker's first list
_MAX_SCORED_LENGTH = 20  # signs: each more makes the worst of them cost much more
_zxcvbn_lock = threading.Lock()  # zxcvbn keeps what it is told of the user in a global


class WeakPassword(errors.ValidationFailed):
    """This password is among the first that anybody would guess."""

    code = "weak_password"
    hint = "Three or four unrelated words are easy to remember and hard to guess."


def check_strength(password: str, about: Collection[str] = ()) -> None:
    """`about`: what others know of the account, which is no secret: names, the address. Raises WeakPassword."""
    if len(password) < _MIN_LENGTH:
        raise WeakPassword(f"It needs at least {_MIN_LENGTH} characters.")
    known = {part for text in about for part in (text, *re.split(r"[\W_]+", text)) if part}
    with _zxcvbn_lock:
        guessed = _zxcvbn()(password[:_MAX_SCORED_LENGTH], user_inputs=sorted(known))
    if guessed["guesses"] < _MIN_GUESSES:
        raise WeakPassword(guessed["feedback"]["warning"] or "")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; an account without one, or none at all, takes as long to refuse."""
    nothing = _dummy_hash()  # asked for in any case: the first time it is made, which takes as long again
    try:
        _hasher.verify(password_hash or nothing, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@functools.cache
def _zxcvbn() -> Callable[..., Mapping[str, Any]]:
    """Its word lists take a moment to load, and few processes ever set a password."""
    from zxcvbn import zxcvbn

    return zxcvbn


@functools.cache
def _dummy_hash() -> str:
    return _hasher.hash("nothing")
