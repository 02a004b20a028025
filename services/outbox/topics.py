"""The topic that wakes the outbox. Code that adds a delivery must notify it in the same transaction."""

from __future__ import annotations

DELIVERIES_WAITING = "deliveries_waiting"  # after the commit
