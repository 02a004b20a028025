"""Requests for scripts, and the jobs of the pipeline `script_writing` that write them: a job for each script, or for one scene."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from models import Job, Script, ScriptRequest, ScriptVersion
from services.accounts import Caller
from services.jobs import queue
from services.jobs.job_kind import JobDetails, OutputKind, StoredOutput
from services.jobs.queue import history
from services.lessons.script import LessonScript, Scene
from services.lessons.source import Source
from services.lessons.writer import VARIANTS, SceneNeedsModel, WriterOptions, approach_of, choose_writer
from services.library import job_outputs, limits
from services.prompts import active_text
from services.scripts import editing, reading
from services.scripts.errors import UnknownScene
from services.scripts.rendering import JobLimits
from services.storage import Store

PIPELINE = "script_writing"
OUTPUT = OutputKind("script", "json", "application/json", "script.json")
READY = "script_ready"
MAX_CHAT_ID_CHARS = 128
_JOB_ATTEMPTS = 3
_MAX_OUTPUT_BYTES = 4 * 2**20


@dataclass(frozen=True)
class WritingRequest:
    """A request to write up to three scripts of a source."""

    source: Source
    writer: Literal["auto", "model", "draft"] = "auto"
    count: int = VARIANTS
    chat_id: str = ""


class WrittenOutput(BaseModel):
    """The results of a job; a remote worker may send anything."""

    script: LessonScript | None = None
    scene: Scene | None = None


def request(caller: Caller, writing_request: WritingRequest, options: WriterOptions, job_limits: JobLimits) -> Sequence[Script]:
    """Queue the jobs that write the requested scripts, and return the scripts, which have no version yet.

    Raises TopicNeedsModel, LanguageModelMissing, IntakePaused, TooManyScripts and TooManyJobs.
    """
    job_limits.check_open()
    source = writing_request.source
    writer = choose_writer(writing_request.writer, source, options)
    with transaction() as session:
        limits.check_jobs(session, caller.user_id, job_limits.active_jobs)
        editing.check_script_limit(session, caller.user_id, writing_request.count)
        row = ScriptRequest(
            user_id=caller.user_id,
            chat_id=writing_request.chat_id,
            source_kind=source.kind,
            writer=writer,
            source=source.model_dump(mode="json", exclude_defaults=True, exclude={"kind"}) | {"kind": source.kind},
        )
        session.add(row)
        session.flush()
        scripts = []
        for variant in range(1, writing_request.count + 1):
            script = Script(id=editing.new_token(), user_id=caller.user_id, request_id=row.id, variant=variant, created_at=row.created_at)
            script.title = source.title[:500]
            script.approach = approach_of(source, writer, variant)
            script.job_id = _submit(caller.user_id, job_limits, {"script_id": script.id, "variant": variant}).id
            session.add(script)
            scripts.append(script)
        session.flush()
    return scripts


def rewrite_scene(caller: Caller, script_id: str, scene_id: str, instruction: str, options: WriterOptions, job_limits: JobLimits) -> Job:
    """Queue a job that writes one scene again by an instruction. Raises NotFound, UnknownScene, SceneNeedsModel and TooManyJobs."""
    _, content = reading.get_written(caller, script_id)
    if all(scene.id != scene_id for scene in content.scenes):
        raise UnknownScene
    job_limits.check_open()
    if not options.is_configured:
        raise SceneNeedsModel
    with transaction() as session:
        limits.check_jobs(session, caller.user_id, job_limits.active_jobs)
        return _submit(caller.user_id, job_limits, {"script_id": script_id, "scene_id": scene_id, "instruction": instruction})


def _submit(user_id: str, job_limits: JobLimits, options: Mapping[str, Any]) -> Job:
    job_options = {**options, "script_prompt": active_text("script"), "silent": True}
    job = queue.submit(user_id=user_id, pipeline=PIPELINE, options=job_options, lanes=job_limits.lanes, media_s=0.0)
    job.max_attempts = _JOB_ATTEMPTS
    return job


def load(claim: queue.Claim) -> JobDetails:
    """Read what a claimed job writes from. Raises NotFound if the script was deleted."""
    script = current_session().get(Script, claim.options["script_id"], populate_existing=True)
    if script is None:
        raise errors.NotFound("The script was deleted.")
    if "scene_id" in claim.options:
        version = (ScriptVersion.script_id == script.id) & (ScriptVersion.number == script.version)
        content = current_session().execute(select(ScriptVersion.script).where(version)).scalar_one()
        if all(scene["id"] != claim.options["scene_id"] for scene in content["scenes"]):
            raise UnknownScene("It was deleted in the meantime.")
        return JobDetails({**claim.options, "script": content}, claim.job_id)
    request_row = current_session().get_one(ScriptRequest, script.request_id)
    return JobDetails({**claim.options, "source": request_row.source, "writer": request_row.writer}, claim.job_id)


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Do nothing: `after_record` reads the script, and its object is deleted later."""


def after_record(claim: queue.Claim, store: Store) -> None:
    """Add what was written as a version, whose id is that of the job, so that a second attempt adds none. Tell listeners of it."""
    output = _read(store, job_outputs.key_of(claim, OUTPUT))
    with transaction() as session:
        queue.fence(session, claim)
        query = select(Script).where(Script.id == claim.options["script_id"]).with_for_update()
        script = session.execute(query).scalar_one_or_none()
        if script is None or session.get(ScriptVersion, claim.job_id) is not None:
            return
        if output.script is not None and "scene_id" not in claim.options:
            version = editing.add_version(session, script, output.script, author="writer", author_id=claim.user_id)
        else:
            content = _with_scene(session, script, str(claim.options["scene_id"]), output)
            note = str(claim.options["instruction"])
            version = editing.add_version(session, script, content, author="instruction", author_id=claim.user_id, note=note)
        session.flush()
        version.id = claim.job_id
        data = {
            "script_id": script.id,
            "variant": script.variant,
            "approach": script.approach,
            "title": script.title,
            "version": version.number,
            "state": "running",
        }
        history.append(session, claim.job_id, claim.user_id, READY, data)


def _with_scene(session: Session, script: Script, scene_id: str, output: WrittenOutput) -> LessonScript:
    """Return the current version with the new scene: other scenes may have been edited since the job began."""
    current = (ScriptVersion.script_id == script.id) & (ScriptVersion.number == script.version)
    content = reading.content_of(session.execute(select(ScriptVersion).where(current)).scalar_one())
    if output.scene is None or all(scene.id != scene_id for scene in content.scenes):
        raise UnknownScene("It was deleted in the meantime.")
    new = output.scene.model_copy(update={"id": scene_id})
    return editing.with_scenes(content, [new if scene.id == scene_id else scene for scene in content.scenes])


def _read(store: Store, key: str) -> WrittenOutput:
    body = bytearray()
    for block in store.read(key):
        body += block
        if len(body) > _MAX_OUTPUT_BYTES:
            raise errors.ValidationFailed("The script is too long.")
    try:
        return WrittenOutput.model_validate(json.loads(bytes(body)))
    except (ValueError, ValidationError) as error:
        raise errors.ValidationFailed("The written script is invalid.") from error
