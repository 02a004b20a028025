"""Secrets of others that have to be kept: encrypted with a key that is made of the signing key (Fernet: AES-128-CBC with HMAC)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


def seal(text: str, signing_key: str) -> str:
    return _box(signing_key).encrypt(text.encode()).decode()


def unseal(sealed: str, signing_key: str) -> str | None:
    """None where another key sealed it."""
    try:
        return _box(signing_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(signing_key: str) -> Fernet:
    derived = hashlib.blake2b(signing_key.encode(), digest_size=32, person=b"lectern-sealing").digest()
    return Fernet(base64.urlsafe_b64encode(derived))
