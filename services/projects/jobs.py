"""Jobs by the names of AI Film Studio: which pipeline runs them, and what they need. Jobs of a project belong to its owner."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from lib.validation_messages import readable
from models import Job, Project, ProjectAsset, Recording, ScriptVersion
from services.accounts import Caller
from services.jobs import queue
from services.lessons import lesson_jobs, podcast_jobs
from services.lessons.duration import estimate_scenes
from services.lessons.errors import NoSound
from services.lessons.materials import STARTED_BY
from services.lessons.options import LessonOptions
from services.lessons.script import LessonScript
from services.library import limits
from services.library.lecture_jobs import PIPELINE as LECTURE_PIPELINE
from services.projects import access, narration, rendering
from services.projects.errors import ProjectArchived, ProjectIsProcessing, ProjectWithoutScript
from services.projects.projects import is_processing, lock_project, main_script
from services.scripts import reading
from services.scripts.rendering import JobLimits

JobType = Literal["video_generation", "voice_synthesis", "subtitle_generation", "podcast_video"]
MAX_SPOKEN_CHARS = 20_000
JOB_TYPE = "job_type"  # the option that tells subtitle jobs from other conversions
_NOT_OFFERED = {
    "lipsync_animation": "Scenes are slides with a voice; no faces are animated. Use video_generation.",
    "music_generation": "Lectern makes no music. Upload a recording, or use voice_synthesis for a spoken text.",
}
TYPES: tuple[JobType, ...] = ("video_generation", "voice_synthesis", "subtitle_generation", "podcast_video")
PIPELINES_OF_TYPES: Mapping[str, str] = {
    "video_generation": lesson_jobs.PIPELINE,
    "voice_synthesis": lesson_jobs.VOICE_OVER,
    "subtitle_generation": LECTURE_PIPELINE,
    "podcast_video": podcast_jobs.PIPELINE,
}
_TYPE_OF_PIPELINE: Mapping[str, JobType] = {
    lesson_jobs.PIPELINE: "video_generation",
    lesson_jobs.VOICE_OVER: "voice_synthesis",
    podcast_jobs.PIPELINE: "podcast_video",
}


class JobTypeNotOffered(errors.ValidationFailed):
    """Lectern does not offer this kind of job."""

    code = "job_type_not_offered"


class UnknownJobType(errors.ValidationFailed):
    """There is no such kind of job."""

    code = "unknown_job_type"
    hint = f"Choose one of {', '.join(TYPES)}."


@dataclass(frozen=True)
class JobRequest:
    """A request for a job. `parameters` depend on the type."""

    type: str
    project_id: str = ""
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)


# Queues the conversion of a recording with these options, for a caller who may change it.
Convert = Callable[[Caller, str, Mapping[str, Any], Project | None], Job]


def type_of(job: Job) -> str:
    """Return the kind of a job as clients name it; the pipeline of one that has no such name."""
    return str(job.options.get(JOB_TYPE) or _TYPE_OF_PIPELINE.get(job.pipeline, job.pipeline))


def submit(caller: Caller, job_request: JobRequest, job_limits: JobLimits, convert: Convert) -> Job:
    """Queue a job of one of the four types.

    Raises UnknownJobType, JobTypeNotOffered, NotFound, RoleTooLow, ValidationFailed and what the pipelines need.
    """
    if job_request.type in _NOT_OFFERED:
        raise JobTypeNotOffered(f"{job_request.type}: {_NOT_OFFERED[job_request.type]}")
    if job_request.type == "video_generation":
        return _make_video(caller, job_request, job_limits)
    if job_request.type == "voice_synthesis":
        return _speak(caller, job_request, job_limits)
    if job_request.type == "subtitle_generation":
        return _write_subtitles(caller, job_request, convert)
    if job_request.type == "podcast_video":
        return _show_sound(caller, job_request, job_limits)
    raise UnknownJobType(f"{job_request.type[:40]!r} is unknown.")


def _make_video(caller: Caller, job_request: JobRequest, job_limits: JobLimits) -> Job:
    if not job_request.project_id:
        raise errors.ValidationFailed("project_id: a video is made of the script of a project.")
    return rendering.submit(caller, job_request.project_id, job_request.parameters, job_limits)


def _speak(caller: Caller, job_request: JobRequest, job_limits: JobLimits) -> Job:
    """Queue a job that speaks `text`, the script `script_id` of the caller, or the script of the project."""
    job_limits.check_open()
    parameters = dict(job_request.parameters)
    text = parameters.pop("text", "")
    script_id, language = str(parameters.pop("script_id", "") or ""), str(parameters.pop("language", "") or "")
    title = str(parameters.pop("title", "") or "")
    if not isinstance(text, str) or len(text) > MAX_SPOKEN_CHARS:
        raise errors.ValidationFailed(f"text: at most {MAX_SPOKEN_CHARS} characters.")
    if parameters.get("silent"):
        raise errors.ValidationFailed("silent: this kind of job needs a voice.")
    narration_script = validate(lambda: narration.divide(text, language).script(title or text.strip()[:80])) if text.strip() else None
    options: dict[str, Any] = {"script": narration_script.model_dump(mode="json")} if narration_script is not None else {}
    with transaction() as session:
        project = lock_project(session, caller, job_request.project_id, "editor")[0] if job_request.project_id else None
        script = narration_script
        if script is None:
            version, script = _script_version(session, caller, project, script_id)
            options = {"script_version_id": version.id}
        lesson_options = rendering.options_of(project, script, parameters) if project is not None else _lesson_options(parameters)
        options |= lesson_options.model_dump(mode="json", include={"voice", "speed", "pronunciations"})
        return _submit(session, caller, project, lesson_jobs.VOICE_OVER, options, job_limits, _duration_s(script))


def _script_version(session: Session, caller: Caller, project: Project | None, script_id: str) -> tuple[ScriptVersion, LessonScript]:
    if not script_id:
        main = main_script(session, project.id) if project is not None else None
        if main is None:
            raise ProjectWithoutScript if project is not None else errors.ValidationFailed("text: it is missing; send text, or script_id.")
        script_id = main.id
    stored_script, script = reading.get_written(caller, script_id)
    if stored_script.version is None or stored_script.row.user_id != (project.user_id if project is not None else caller.user_id):
        raise errors.NotFound("script")
    return stored_script.version, script


def _write_subtitles(caller: Caller, job_request: JobRequest, convert: Convert) -> Job:
    """Queue the conversion of a recording into subtitles: `recording_id`, or the video or a recording of the project."""
    parameters = dict(job_request.parameters)
    recording = find_recording(caller, job_request.project_id, parameters, need_sound=False)
    options = {**parameters, JOB_TYPE: job_request.type}
    options.setdefault("formats", ["srt", "vtt"])
    project = access.get(caller, job_request.project_id, "editor")[0] if job_request.project_id else None
    return convert(_on_behalf(caller, recording), recording.id, options, project)


def _show_sound(caller: Caller, job_request: JobRequest, job_limits: JobLimits) -> Job:
    """Queue a job that makes a video of the sound of a recording."""
    job_limits.check_open()
    parameters = dict(job_request.parameters)
    recording = find_recording(caller, job_request.project_id, parameters, need_sound=True)
    titles = {name: str(parameters.pop(name, "") or "")[:500] for name in ("title", "subtitle")}
    with transaction() as session:
        project = lock_project(session, caller, job_request.project_id, "editor")[0] if job_request.project_id else None
        if project is not None and is_processing(session, project):
            raise ProjectIsProcessing
        defaults = project.lesson_options if project is not None else {}
        lesson_options = _lesson_options(
            {**{name: defaults[name] for name in ("theme", "height", "aspect") if name in defaults}, **parameters}
        )
        options = {"source_id": recording.id, **titles, **lesson_options.model_dump(mode="json", include={"theme", "height", "aspect"})}
        job = _submit(session, caller, project, podcast_jobs.PIPELINE, options, job_limits, recording.duration_s)
        if project is not None:
            project.job_id = job.id
        return job


def _submit(
    session: Session,
    caller: Caller,
    project: Project | None,
    pipeline: str,
    options: Mapping[str, Any],
    job_limits: JobLimits,
    media_s: float,
) -> Job:
    owner_id = project.user_id if project is not None else caller.user_id
    if owner_id != caller.user_id:
        options = {**options, STARTED_BY: caller.user_id}
    limits.check_jobs(session, owner_id, job_limits.active_jobs)
    return queue.submit(
        user_id=owner_id,
        pipeline=pipeline,
        options=options,
        lanes=job_limits.lanes,
        media_s=media_s,
        project_id=project.id if project is not None else None,
        payer_id=project.payer_id if project is not None else None,
    )


def find_recording(caller: Caller, project_id: str, parameters: dict[str, Any], *, need_sound: bool) -> Recording:
    """Return the recording that the parameters name, or the newest one of the project that fits. Raises NotFound and NoSound.

    A project pays only for its assets that the caller may open and whose owners are still members.
    """
    recording_id = str(next((parameters.pop(name) for name in ("recording_id", "video_id", "audio_id") if parameters.get(name)), "") or "")
    session = current_session()
    if project_id:
        project, _ = access.get(caller, project_id, "editor")
        if project.archived_at is not None:
            raise ProjectArchived
        query = select(Recording).join(ProjectAsset, ProjectAsset.recording_id == Recording.id)
        query = query.where(ProjectAsset.project_id == project_id, Recording.deleted_at.is_(None))
        query = query.where(access.may_open_recording(caller.user_id), access.is_of_member(project))
        if recording_id:
            query = query.where(Recording.id == recording_id)
        recordings = session.execute(query.order_by(ProjectAsset.created_at.desc(), Recording.id)).scalars().all()
        fitting = [each for each in recordings if not need_sound or (each.media or {}).get("audio")]
        if recordings and not fitting:
            raise NoSound
        if fitting:
            return fitting[0]
        if recording_id:
            raise errors.NotFound("recording", hint="Add it to the project as an asset first.")
    recording = session.get(Recording, recording_id) if recording_id else None
    if recording is None or recording.user_id != caller.user_id or recording.deleted_at is not None:
        if not recording_id:
            raise errors.ValidationFailed("recording_id: it is missing; send it, or the project_id of a project with a recording.")
        raise errors.NotFound("recording")
    if need_sound and recording.media and not recording.media.get("audio"):
        raise NoSound
    return recording


def _on_behalf(caller: Caller, recording: Recording) -> Caller:
    """Return the owner of a project's recording as the caller; `find_recording` has checked the role."""
    return caller if recording.user_id == caller.user_id else dataclasses.replace(caller, user_id=recording.user_id, role="user")


def _lesson_options(parameters: Mapping[str, Any]) -> LessonOptions:
    options: LessonOptions = validate(lambda: LessonOptions.model_validate(parameters))
    return options


def validate(build: Callable[[], Any]) -> Any:
    """Return what `build` makes of values that a client has sent. Raises ValidationFailed."""
    try:
        return build()
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {readable(each['msg'])}" for each in error.errors()[:5]]
        raise errors.ValidationFailed("; ".join(problems)) from None


def _duration_s(script: LessonScript) -> float:
    return sum(each.duration_s for each in estimate_scenes(script))
