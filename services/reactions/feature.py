"""The background parts of views, likes and comments."""

from __future__ import annotations

from services.feature import Feature
from services.reactions import views

FEATURE = Feature("reactions", cleanup=lambda _: (views.delete_old,))
