"""Jobs of the pipelines `lesson` and `voice_over`: the script that they render, and the recording that the video or the sound becomes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import update
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from domain import MediaInfo
from lib.serialization import to_plain
from models import Job, Recording, Script, ScriptVersion, Webhook
from services.jobs import queue
from services.jobs.job_kind import JobDetails, StoredOutput
from services.lessons.duration import estimate_scenes
from services.lessons.materials import STARTED_BY, Materials, materials_of
from services.lessons.options import LessonOptions
from services.lessons.script import LanguageTag, LessonScript
from services.library import hidden_formats, lecture_jobs, object_deletion, recordings
from services.links import import_jobs
from services.prompts import with_prompts
from services.storage import Store, keys

PIPELINE = "lesson"
VOICE_OVER = "voice_over"  # a pipeline, and its output
VIDEO, CAPTIONS, POSTER, SLIDES = "lesson_video", "lesson_captions", hidden_formats.POSTER, hidden_formats.LESSON_SLIDES
_ID_NAMESPACE = uuid.UUID("5d3fb0a2-3c53-4f1c-9a8c-6f6a7d1d8c11")
_MAX_START_S = 10_000_000.0


class ChapterFacts(BaseModel):
    start_s: float = Field(ge=0, le=_MAX_START_S)
    title: str = Field(max_length=500)


class LessonFacts(BaseModel):
    """The part of a run's metrics that describes the lesson; a remote worker may report anything."""

    title: str = Field(min_length=1, max_length=500)
    language: LanguageTag
    chapters: list[ChapterFacts] = Field([], max_length=2000)
    media: MediaInfo


def recording_id_of(job_id: str) -> str:
    """Return the id of the recording that a job makes; further attempts make the same one."""
    return str(uuid.uuid5(_ID_NAMESPACE, job_id))


def load(claim: queue.Claim) -> JobDetails:
    """Read the script of a claimed job, and what it shows. Raises NotFound, ImageMissing and RecordingMissing."""
    owner, script = _script_of(claim)
    used = materials_of(script, options_of(claim), _readers(claim))
    return JobDetails(_options(claim, script, used), owner.id, list(used.inputs.values()), _media_s(script))


def load_voice_over(claim: queue.Claim) -> JobDetails:
    """Read the script of a claimed job, which may stand in its options. Raises NotFound and RecordingMissing."""
    if "script" in claim.options:
        workspace, script = claim.job_id, LessonScript.model_validate(claim.options["script"])
    else:
        owner, script = _script_of(claim)
        workspace = owner.id
    used = materials_of(script, options_of(claim), _readers(claim), has_pictures=False)
    return JobDetails(_options(claim, script, used), workspace, list(used.inputs.values()), _media_s(script))


def _readers(claim: queue.Claim) -> set[str]:
    """Return who must be allowed to open what a job shows: its owner, and the member of the project who has started it."""
    return {claim.user_id, str(claim.options.get(STARTED_BY) or claim.user_id)}


def _script_of(claim: queue.Claim) -> tuple[Script, LessonScript]:
    version = current_session().get(ScriptVersion, str(claim.options.get("script_version_id") or ""))
    owner = None if version is None else current_session().get(Script, version.script_id)
    if version is None or owner is None or owner.user_id != claim.user_id:
        raise errors.NotFound("script")
    return owner, LessonScript.model_validate(version.script)


def _options(claim: queue.Claim, script: LessonScript, used: Materials) -> dict[str, Any]:
    return {
        "lesson": options_of(claim).model_dump(mode="json"),
        "script": script.model_dump(mode="json"),
        "words": used.words,
        "created_on": claim.created_at.date().isoformat(),
    }


def _media_s(script: LessonScript) -> float:
    return sum(scene.duration_s for scene in estimate_scenes(script))


def options_of(claim: queue.Claim) -> LessonOptions:
    """Return how the lesson of a claimed job is spoken and drawn."""
    return LessonOptions.model_validate({name: value for name, value in claim.options.items() if name in LessonOptions.model_fields})


def check(claim: queue.Claim, outputs: Sequence[StoredOutput], reserved_bytes: int) -> None:
    """Raise QuotaExceeded if the video or the sound does not fit beside the user's recordings and unfinished uploads."""
    if "quota_bytes" not in claim.options:
        return
    recording = current_session().get(Recording, recording_id_of(claim.job_id))
    more_bytes = sum(output.size_bytes for output in outputs if output.kind.name in (VIDEO, VOICE_OVER))
    more_bytes += reserved_bytes - (recording.size_bytes if recording is not None else 0)
    recordings.check_quota(current_session(), claim.user_id, more_bytes, int(claim.options["quota_bytes"]))


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Add the recording with the video or the sound, or give the one of an earlier attempt this attempt's files.

    Raises QuotaExceeded.
    """
    facts = LessonFacts.model_validate(metrics.get("lesson") or {})
    by_name = {output.kind.name: output for output in outputs}
    media, captions, poster = by_name.get(VIDEO) or by_name[VOICE_OVER], by_name.get(CAPTIONS), by_name.get(POSTER)
    recording = session.get(Recording, recording_id_of(claim.job_id)) or _new_recording(claim, facts, media.kind.extension)
    if "quota_bytes" in claim.options:
        recordings.check_quota(session, claim.user_id, media.size_bytes - recording.size_bytes, int(claim.options["quota_bytes"]))
    old_keys = {key for key in (recording.storage_key, recording.subtitles_key) if key}
    recording.storage_key, recording.size_bytes, recording.sha256 = media.storage_key, media.size_bytes, media.sha256
    recording.subtitles_key = captions.storage_key if captions is not None and captions.size_bytes else None
    recording.duration_s, recording.media = facts.media.duration_s, to_plain(facts.media)
    recording.chapters = [each.model_dump() for each in facts.chapters]
    recording.has_poster = poster is not None
    session.add(recording)
    session.flush()
    live_keys = [each.storage_key for each in outputs if each is not captions or recording.subtitles_key]
    object_deletion.cancel(session, live_keys)
    object_deletion.schedule(session, sorted(old_keys.difference(live_keys)))
    for beside in filter(None, (poster, by_name.get(SLIDES))):
        kind = beside.kind.name
        hidden_formats.put(session, recording.id, kind, beside.storage_key, beside.size_bytes, beside.sha256, claim.job_id)
    session.execute(update(Job).where(Job.id == claim.job_id).values(recording_id=recording.id))


def _new_recording(claim: queue.Claim, facts: LessonFacts, extension: str) -> Recording:
    title = recordings.clean_title(facts.title)[: recordings.MAX_TITLE_LENGTH] or "Lesson"
    filename = keys.safe_filename(f"{title}.{extension}")
    return Recording(
        id=recording_id_of(claim.job_id),
        user_id=claim.user_id,
        title=title,
        has_given_title=True,
        filename=filename,
        sent_name=filename,
        storage_key="",
        size_bytes=0,
        sha256="",
        language=facts.language.partition("-")[0],
        duration_s=0.0,
        media={},
    )


def after_record(claim: queue.Claim, store: Store) -> None:
    """Move the video and its captions to the documented keys."""
    import_jobs.promote(store, Recording.id == recording_id_of(claim.job_id))


def queue_conversion(session: Session, claim: queue.Claim, options: Mapping[str, Any]) -> None:
    """Queue the conversion into documents, with the captions as subtitles; the webhook of the job passes over to it.

    It is free: the price of a lesson includes it.
    """
    recording = session.get_one(Recording, recording_id_of(claim.job_id))
    job_options = lecture_jobs.with_format_of_subtitles(with_prompts({**options, "language": recording.language}), recording.subtitles_key)
    job = queue.submit(user_id=claim.user_id, pipeline=lecture_jobs.PIPELINE, options=job_options, recording_id=recording.id, is_free=True)
    session.execute(update(Webhook).where(Webhook.job_id == claim.job_id).values(job_id=job.id))
