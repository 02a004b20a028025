"""The slots of children that editors of lessons wait for: previews, and uploaded decks and documents."""

from __future__ import annotations

from lib.child_slots import ChildSlots

SLOTS = ChildSlots(total=3, per_user=2, max_waiting=6, wait_s=20)  # of each process of the server
TIMEOUT_S = 15.0
