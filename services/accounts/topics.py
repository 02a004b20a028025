"""Topics of accounts: notifications after a commit."""

from __future__ import annotations

OWNER_CHANGED = "owner_changed"  # with the ids of users whose name or status has changed
