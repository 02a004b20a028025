"""The background parts of links."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from services.feature import Context, Feature, Task
from services.links import batch_runs, import_jobs


def _recovery(context: Context) -> Sequence[Task]:
    return (
        functools.partial(import_jobs.promote_left_over, context.store),
        functools.partial(batch_runs.start_due_items, context.current_settings),
    )


FEATURE = Feature("links", recovery=_recovery)
