"""The background parts of the search."""

from __future__ import annotations

import functools

from services.feature import Feature
from services.search import indexing

FEATURE = Feature("search", recovery=lambda context: [functools.partial(indexing.refresh_outdated, context.store)])
