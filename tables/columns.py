"""Column types and defaults that several tables share."""

from __future__ import annotations

import secrets
import uuid

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.dialects.postgresql import JSONB

Json = JSON().with_variant(JSONB(), "postgresql")
BigKey = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows automatically only in an INTEGER key


_SHORT_CODE_SIGNS = "23456789abcdefghjkmnpqrstvwxyz"  # none of them is mistaken for another
_SHORT_CODE_LENGTH = 9


def new_short_code() -> str:
    """Return a random text for short links, of 44 bits."""
    return "".join(secrets.choice(_SHORT_CODE_SIGNS) for _ in range(_SHORT_CODE_LENGTH))


def new_id() -> str:
    """Return a random UUID as text."""
    return str(uuid.uuid4())
