"""Concurrent requests for one more of something that is limited: each counts what those before it have added."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

import errors
from domain import Visibility
from lib.paging import count_rows
from models import Course, Job
from services.accounts import Caller
from services.courses import courses
from services.jobs.scheduling.scheduler import LaneThresholds
from services.lessons.script import LessonScript
from services.library import direct_uploads
from services.library.limits import TooManyUnfinishedUploads, UploadLimits
from services.scripts import editing, rendering
from services.scripts.rendering import JobLimits
from tests.concurrency import run_concurrently
from tests.conftest import User

SCENE = {"id": "n1", "narration": "A scene.", "content": {"kind": "bullets", "heading": "New", "items": ["One"]}}


@pytest.fixture
def caller(user: User) -> Caller:
    return Caller(user.id, user.email, "user", f"user:{user.id}")


@pytest.fixture
def script_ids(app: Flask, caller: Caller) -> list[str]:
    with app.app_context():
        content = LessonScript.model_validate({"title": "Leaves", "language": "en", "scenes": [SCENE]})
        return [editing.create(caller, content).id for _ in range(2)]


def submit(caller: Caller, script_id: str, options: dict[str, Any], active_jobs: int) -> str:
    job_limits = JobLimits(is_open=True, active_jobs=active_jobs, lanes=LaneThresholds(), max_duration_s=3600.0, quota_bytes=10**9)
    return rendering.submit(caller, script_id, options, job_limits).id


def test_confirming_a_script_twice_makes_one_video(app: Flask, caller: Caller, script_ids: list[str]) -> None:
    ids = run_concurrently(app, lambda _: submit(caller, script_ids[0], {"silent": True}, 20), 6)
    assert len(set(ids)) == 1
    with app.app_context():
        assert count_rows(Job) == 1


def test_unfinished_jobs_are_limited(app: Flask, caller: Caller, script_ids: list[str]) -> None:
    results = run_concurrently(app, lambda number: submit(caller, script_ids[number % 2], {"number": number}, 2), 6)
    assert sum(isinstance(each, str) for each in results) == 2
    assert sum(isinstance(each, errors.TooManyJobs) for each in results) == 4


def test_courses_are_limited(app: Flask, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "MAX_COURSES", 2)
    results = run_concurrently(app, lambda number: courses.create(caller, f"Course {number}", "", Visibility.PRIVATE), 6)
    assert sum(isinstance(each, courses.TooManyCourses) for each in results) == 4
    with app.app_context():
        assert count_rows(Course) == 2


def test_files_on_their_way_are_limited(app: Flask, caller: Caller) -> None:
    components = app.extensions["lectern"]
    upload_limits = UploadLimits.from_settings(components.settings.model_copy(update={"user_chunked_uploads": 2}))
    results = run_concurrently(app, lambda _: direct_uploads.open_video(caller, upload_limits, components.store), 6)
    assert sum(isinstance(each, TooManyUnfinishedUploads) for each in results) == 4
