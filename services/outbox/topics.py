"""The topic that wakes the outbox: whoever adds a delivery notifies it in the same transaction."""

from __future__ import annotations

DELIVERIES_WAITING = "deliveries_waiting"  # after the commit
