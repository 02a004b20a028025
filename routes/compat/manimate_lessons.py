"""The operations of both servers of Manimate: write scripts from a topic or notes, change them, and render their videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import url_for
from pydantic import BaseModel, Field

import errors
from routes.caller import caller
from routes.container import container
from routes.forms import validate
from routes.waiting_requests import WaitingRequest
from schemas.manimate import GenerationOptions, apply_changes, job_out, lesson_options, script_out
from services.lessons.options import LessonOptions
from services.lessons.source import MAX_TOPIC_CHARS, Source
from services.lessons.writer import WriterOptions
from services.scripts import chats, editing, reading, rendering, renders, writing_jobs
from services.scripts.errors import ScriptWritingFailed
from services.scripts.reading import StoredScript
from services.scripts.rendering import JobLimits
from services.scripts.renders import Render
from services.scripts.writing_jobs import WritingRequest
from services.speech_synthesis import VoiceOptions
from services.speech_synthesis.engines import usable_engines

if TYPE_CHECKING:
    from models import Recording

NOT_FOUND_DOC = {404: "Not found"}
WRITING_DOC = {422: "The text has no words", 502: "No script was written", 503: "No language model"}
_TOPIC_CHARS = 300  # a longer text is notes


class LimitQuery(BaseModel):
    limit: int = Field(50, ge=1, le=200)


def write_scripts(text: str, chat_id: str) -> Sequence[StoredScript]:
    """Queue the scripts of a topic or of notes, and wait for them; after `script_wait_s` some may be pending."""
    components = container()
    options = components.engines.get(WriterOptions)
    text = text.strip()
    is_topic = len(text) <= _TOPIC_CHARS and "\n" not in text
    source = Source(kind="topic", title=text[:MAX_TOPIC_CHARS]) if is_topic else Source(kind="text", text=text)
    writing_request = WritingRequest(source, chat_id=chat_id)
    with WaitingRequest() as waiting_request:
        rows = writing_jobs.request(caller(), writing_request, options, JobLimits.from_settings(components.settings))
        return chats.wait_for_scripts(caller(), str(rows[0].request_id), components.settings.script_wait_s, waiting_request.check)


def failure_of(scripts: Sequence[StoredScript]) -> errors.LecternError:
    """Return the error of the first script."""
    job = scripts[0].job
    if job is None or not job.error_message:
        return ScriptWritingFailed()
    if job.error_code == errors.NothingToDraft.code:
        return errors.NothingToDraft()
    return ScriptWritingFailed(job.error_message, hint=job.error_hint or "")


def update(script_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change a script: its title, and scenes by their `seq`; return it."""
    editing.change(caller(), script_id, lambda script: apply_changes(script, changes), None)
    return script_out(reading.get_written(caller(), script_id)[1])


def render(script_id: str, options: GenerationOptions) -> str:
    """Queue the job that renders a script as it is now, and return its id."""
    settings = container().settings
    has_gemini = "gemini" in usable_engines(container().engines.get(VoiceOptions))
    fields = validate(LessonOptions, lesson_options(options, settings.tts_provider, has_gemini=has_gemini)).model_dump(mode="json")
    return rendering.submit(caller(), script_id, fields, JobLimits.from_settings(settings)).id


def job_body(row: Render) -> dict[str, Any]:
    """Return a job that renders a video, with the address of the video."""
    video = row.video
    return job_out(row, stream_path(video) if video is not None else "")


def stream_path(video: Recording, token: str | None = None) -> str:
    """Return the path of a video; with a token it opens without a header."""
    return url_for("manimate.stream_video", video_name=renders.video_name(video), token=token)
