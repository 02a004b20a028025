"""A pipeline: one kind of job with its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from services.jobs.job_kind import JobKind


def no_warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return ()


def no_summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Pipeline(JobKind):
    """`options_model` validates the options that users may send.

    `publishes_early`: each output is published when its stage has ended, not when the job has: for documents that replace older ones.
    `resumes_after_cancel`: a retry of a cancelled job continues where it stopped, because another server has a part of the result. Its
    inputs and scratch files are deleted nevertheless.
    `warnings` and `summary` read the workspace of a finished run: sentences for the user, and entries for the job's `metrics`.
    """

    stages: tuple[Stage, ...]
    options_model: type[BaseModel]
    publishes_early: bool = False
    resumes_after_cancel: bool = False
    warnings: Callable[[Workspace, Mapping[str, Any]], Sequence[str]] = no_warnings
    summary: Callable[[Workspace, Mapping[str, StageMetrics]], Mapping[str, Any]] = no_summary
