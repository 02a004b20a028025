"""The key that signs tokens and encrypts stored secrets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets

from config.settings import Settings


def signing_key(settings: Settings) -> str:
    """Return the configured key, else the one in the data folder; that one is created once, readable by its owner only.

    A configured key shorter than HS512 requires (RFC 7518, 3.2) is lengthened by hashing. That does not make a weak key harder
    to guess; `security_warnings` reports it.
    """
    configured_key = settings.jwt_secret_key.get_secret_value()
    if configured_key:
        return configured_key if len(configured_key) >= 64 else hashlib.sha512(configured_key.encode()).hexdigest()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / "secret.key"
    temporary = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}.part")
    if not path.exists():
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # another process was faster: its key is used
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text().strip()
