"""Passwords: Argon2 hashes, and comparing that takes as long whether there is such a user or not."""

from __future__ import annotations

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_of(password: str) -> str:
    return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; an account without one, or none at all, takes as long to refuse."""
    nothing = _hash_of_nothing()  # asked for in any case: the first time it is made, which takes as long again
    try:
        _hasher.verify(password_hash or nothing, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@functools.cache
def _hash_of_nothing() -> str:
    return _hasher.hash("nothing")
