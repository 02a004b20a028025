"""Objects that move from the prefix of their job to their documented key, while readers have the key of before."""

from __future__ import annotations

from services.storage import keys
from services.storage.port import Store


def current_key(store: Store, key: str, documented_key: str) -> str:
    """Return the key of an object: it may have moved to its documented key since its row was read."""
    return documented_key if key.startswith(keys.JOBS) and store.size(key) is None else key
