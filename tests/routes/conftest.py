"""Tests of routes are about what surrounds a conversion."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def stages_run_once(cached_stages: None) -> None:
    pass
