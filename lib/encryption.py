"""Encrypts stored secrets with a key derived from the signing key (Fernet: AES-128-CBC with HMAC)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


def encrypt(text: str, signing_key: str) -> str:
    """Return the text encrypted, as printable characters."""
    return _fernet(signing_key).encrypt(text.encode()).decode()


def decrypt(token: str, signing_key: str) -> str | None:
    """Return the text, or None if it was encrypted with another key."""
    try:
        return _fernet(signing_key).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def _fernet(signing_key: str) -> Fernet:
    key = hashlib.blake2b(signing_key.encode(), digest_size=32, person=b"lectern-sealing").digest()
    return Fernet(base64.urlsafe_b64encode(key))
