"""Tests of routes convert recordings with cached stages: the conversion itself is not their subject."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def stages_run_once(cached_stages: None) -> None:
    pass
