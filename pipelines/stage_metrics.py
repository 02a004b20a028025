"""Measurements of one stage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageMetrics:
    """`ended_s` counts from the start of the run; `cpu_s` and `max_rss_bytes` are those of the stage's child processes."""

    wall_s: float
    ended_s: float
    cpu_s: float
    max_rss_bytes: int
    resumed: bool = False
