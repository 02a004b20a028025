"""The background parts of operations."""

from __future__ import annotations

from services.feature import Feature
from services.operations import error_log

FEATURE = Feature("operations", recovery=lambda _: [error_log.delete_old])
