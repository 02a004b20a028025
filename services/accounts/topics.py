"""Topics that are notified after changes to accounts have been committed."""

from __future__ import annotations

OWNER_CHANGED = "owner_changed"  # values: the ids of users whose name or status has changed
