"""Side jobs: jobs that may run during a conversion and do not change the state of its recording. Their pipelines have `is_side_job`."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from models import Job

_pipelines: set[str] = set()


def register(pipeline: str) -> None:
    """Count the jobs of this pipeline as side jobs."""
    _pipelines.add(pipeline)


def is_side_job(job: Job) -> bool:
    return job.pipeline in _pipelines


def in_side_pipeline() -> ColumnElement[bool]:
    """Return the condition that a job is a side job."""
    return Job.pipeline.in_(sorted(_pipelines))
