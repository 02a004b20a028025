"""Column types and defaults that several tables share."""

from __future__ import annotations

import uuid

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.dialects.postgresql import JSONB

Json = JSON().with_variant(JSONB(), "postgresql")
BigKey = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows automatically only in an INTEGER key


def new_id() -> str:
    """Return a random UUID as text."""
    return str(uuid.uuid4())
