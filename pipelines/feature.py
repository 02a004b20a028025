"""The background parts of pipelines."""

from __future__ import annotations

import functools

from pipelines.workspaces import delete_abandoned, work_folder
from services.feature import Feature

FEATURE = Feature("pipelines", recovery=lambda context: [functools.partial(delete_abandoned, work_folder(context.settings))])
