"""Jobs that render scripts, and the videos that they have made, which are recordings of the library."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

import errors
from database import session, transaction
from lib.paging import Page, Paging, fetch_page
from models import Job, Recording, ScriptVersion
from services.accounts import Caller
from services.jobs import queue
from services.scripts import reading
from services.scripts.reading import RENDER_PIPELINE

VIDEO_SUFFIX = ".mp4"
_UUID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.mp4$")
_OTHER_SIGNS = re.compile(r"[^A-Za-z0-9]+")
_MAX_STEM_CHARS = 60
_IS_HIDDEN = "is_hidden"
_MAX_RENDERS = 20  # of one script


@dataclass(frozen=True)
class Render:
    """A job that renders a script, and its video if there is one."""

    job: Job
    video: Recording | None
    scenes: int


def video_name(recording: Recording) -> str:
    """Return the name of a video in paths: its title, and its id so that no two have the same."""
    stem = _OTHER_SIGNS.sub("_", recording.title).strip("_")[:_MAX_STEM_CHARS]
    return f"{stem}_{recording.id}{VIDEO_SUFFIX}" if stem else f"{recording.id}{VIDEO_SUFFIX}"


def is_video_name(name: str) -> bool:
    return _UUID.search(name) is not None


def list_videos(caller: Caller, paging: Paging) -> Page[Recording]:
    """List the videos of the caller's scripts, newest first."""
    return fetch_page(_videos(caller).order_by(Recording.created_at.desc(), Recording.id), paging)


def get_video(caller: Caller, name: str) -> Recording:
    """Return a video of the caller by its name in paths. Raises NotFound."""
    match = _UUID.search(name)
    video: Recording | None = session().execute(_videos(caller).where(Recording.id == match[1])).scalar_one_or_none() if match else None
    if video is None:
        raise errors.NotFound("video")
    return video


def list_renders(caller: Caller, limit: int) -> tuple[Sequence[Render], int]:
    """Return the caller's newest render jobs, and how many there are."""
    renders = select(Job).where(Job.user_id == caller.user_id, Job.pipeline == RENDER_PIPELINE)
    query = renders.where(Job.options[_IS_HIDDEN].as_boolean().is_not(True)).order_by(Job.created_at.desc(), Job.id)
    page = fetch_page(query, Paging(1, limit))
    return _with_videos(page.rows), page.total


def list_for_script(caller: Caller, script_id: str) -> Sequence[tuple[int, Job]]:
    """Return the newest jobs that render a script, each with the number of its version. Raises NotFound."""
    numbers = {version.id: version.number for version in reading.list_versions(caller, script_id)}
    of_script = Job.options["script_version_id"].as_string().in_(numbers)
    query = select(Job).where(Job.user_id == caller.user_id, Job.pipeline == RENDER_PIPELINE, of_script)
    jobs = session().execute(query.order_by(Job.created_at.desc(), Job.id).limit(_MAX_RENDERS)).scalars()
    return [(numbers[str(job.options["script_version_id"])], job) for job in jobs]


def get_render(caller: Caller, job_id: str) -> Render:
    """Return a render job of the caller. Raises NotFound."""
    job = session().get(Job, job_id, populate_existing=True)
    if job is None or job.user_id != caller.user_id or job.pipeline != RENDER_PIPELINE or _IS_HIDDEN in job.options:
        raise errors.NotFound("job")
    return _with_videos([job])[0]


def delete_render(caller: Caller, job_id: str) -> None:
    """Stop a render job and delete its record. One that has made a video is only hidden, since the video stays. Raises NotFound."""
    with transaction() as session:
        get_render(caller, job_id)
        queue.request_cancel(job_id, by=caller.email)
        job = session.get_one(Job, job_id)
        if job.recording_id is not None:
            job.options = {**job.options, _IS_HIDDEN: True}
        else:
            queue.cancel_for_deletion([job_id])
            session.delete(job)


def _videos(caller: Caller) -> Any:
    video_ids = select(Job.recording_id).where(
        Job.user_id == caller.user_id, Job.pipeline == RENDER_PIPELINE, Job.recording_id.is_not(None)
    )
    return select(Recording).where(
        Recording.user_id == caller.user_id, Recording.deleted_at.is_(None), Recording.storage_key != "", Recording.id.in_(video_ids)
    )


def _with_videos(jobs: Sequence[Job]) -> list[Render]:
    ids = [job.recording_id for job in jobs if job.recording_id]
    video_query = select(Recording).where(Recording.id.in_(ids), Recording.deleted_at.is_(None))
    videos = {each.id: each for each in session().execute(video_query).scalars()} if ids else {}
    versions = [str(job.options.get("script_version_id")) for job in jobs]
    rows = session().execute(select(ScriptVersion.id, ScriptVersion.scene_count).where(ScriptVersion.id.in_(versions))) if versions else ()
    scenes = {row.id: row.scene_count for row in rows}
    return [Render(job, videos.get(job.recording_id or ""), scenes.get(str(job.options.get("script_version_id")), 0)) for job in jobs]
