"""Quotes: what a job will cost at most, and how long it will take, before it is submitted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import errors
from database import session
from models import Project
from services.accounts import Caller
from services.credits import overview
from services.credits.policy import CreditPolicy
from services.jobs.scheduling import duration_model
from services.lessons import lesson_jobs, podcast_jobs
from services.lessons.duration import estimate_scenes
from services.lessons.options import LessonOptions
from services.lessons.script import LessonScript
from services.library import recordings
from services.projects import access, members, narration
from services.projects.jobs import PIPELINES_OF_TYPES, find_recording, validate
from services.projects.projects import main_script
from services.projects.rendering import options_of
from services.scripts import reading

_MAX_TITLE_CHARS = 80


@dataclass(frozen=True)
class QuoteRequest:
    """A job that may be submitted: a kind of job by the name of its pipeline or by that of AI Film Studio.

    The length of the media is that of a recording, a script, a text to be spoken, the script of a project, or `media_s`.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    recording_id: str | None = None
    script_id: str | None = None
    project_id: str | None = None
    text: str = ""
    media_s: float | None = None


@dataclass(frozen=True)
class Quote:
    """`credits` are held when the job is submitted; it costs less if it uses less.

    `available`: those of the caller, None if somebody else pays for the project. `expected_duration_s`: None if unknown.
    """

    credits: int
    available: int | None
    suffices: bool
    media_s: float | None
    expected_duration_s: float | None


def quote(caller: Caller, request: QuoteRequest, policy: CreditPolicy, pipelines: Collection[str]) -> Quote:
    """Return the price of a job for the user who pays for it, and the expected duration of its run without waiting.

    Raises NotFound, RoleTooLow, and ValidationFailed for an unknown kind, or without a length if the kind is paid for by the minute.
    """
    pipeline = PIPELINES_OF_TYPES.get(request.kind, request.kind)
    if pipeline not in pipelines:
        raise errors.ValidationFailed(f"kind: choose one of {', '.join(dict.fromkeys((*PIPELINES_OF_TYPES, *sorted(pipelines))))}.")
    project = access.get(caller, request.project_id, "editor")[0] if request.project_id else None
    options, media_s = _measure(caller, request, pipeline, project)
    prices = policy.price_table()
    if media_s is None and prices.per_minute(pipeline, options):
        raise errors.ValidationFailed("minutes: send them, or recording_id, script_id, project_id or text.")
    price = prices.price(pipeline, options, media_s or 0.0)
    payer_id = members.payer_of(project) if project is not None else caller.user_id
    available = overview.show(payer_id, policy).balance.available
    expected_s = duration_model.expected_s(session(), pipeline, media_s) if media_s is not None else None
    return Quote(price, available if payer_id == caller.user_id else None, price <= available, media_s, expected_s)


def _measure(caller: Caller, request: QuoteRequest, pipeline: str, project: Project | None) -> tuple[Mapping[str, Any], float | None]:
    """Return the options of the job, and the length of its media; None if the request does not tell it."""
    options = request.options
    if pipeline in (lesson_jobs.PIPELINE, lesson_jobs.VOICE_OVER):
        script = _script(caller, request, project)
        if script is None:
            return options, request.media_s
        if project is not None:
            options = options_of(project, script, options).model_dump()
        return options, _spoken_s(script, options)
    if project is not None:
        parameters = {"recording_id": request.recording_id}
        return options, find_recording(caller, project.id, parameters, need_sound=pipeline == podcast_jobs.PIPELINE).duration_s
    if request.recording_id is not None:
        return options, recordings.get_owned(caller, request.recording_id).duration_s
    return options, request.media_s


def _script(caller: Caller, request: QuoteRequest, project: Project | None) -> LessonScript | None:
    if request.script_id is not None:
        return reading.get_written(caller, request.script_id)[1]
    if request.text.strip():
        script: LessonScript = validate(lambda: narration.divide(request.text).script(request.text.strip()[:_MAX_TITLE_CHARS]))
        return script
    main = main_script(session(), project.id) if project is not None else None
    return reading.get_written(caller, main.id)[1] if main is not None else None


def _spoken_s(script: LessonScript, options: Mapping[str, Any]) -> float:
    speech_options = {name: value for name, value in options.items() if name in ("speed", "pronunciations")}
    lesson: LessonOptions = validate(lambda: LessonOptions.model_validate(speech_options))
    return sum(each.duration_s for each in estimate_scenes(script, speed=lesson.speed, pronunciations=lesson.pronunciations))
