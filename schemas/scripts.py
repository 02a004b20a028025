"""Scripts of lessons in the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lib.clock import iso
from lib.numbers import reject_bool
from lib.text_fields import optional_stripped, required_stripped
from models import Job, ScriptVersion
from schemas.recordings import ErrorOut, JobOut
from schemas.spec_hints import exactly_one
from services.lessons.duration import estimate_scenes
from services.lessons.options import LessonOptions
from services.lessons.script import LanguageTag, LessonScript, Scene, SceneId
from services.lessons.source import MAX_TEXT_CHARS, MAX_TOPIC_CHARS, Source
from services.lessons.writer import VARIANTS
from services.scripts import reading
from services.scripts.reading import ScriptEstimate, StoredScript
from services.scripts.writing_jobs import MAX_CHAT_ID_CHARS, WritingRequest

Version = Annotated[int, Field(ge=1, le=1_000_000), reject_bool]
_VERSION = "The version that was edited; a newer one is a conflict. Omitted: no check."
_UNUSABLE = "A stored script that breaks a newer rule, as it was stored; null for others."
_SOURCES = ("topic", "text", "recording_id", "script")


class ScriptRequestFields(BaseModel):
    """The fields of all requests for scripts."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=500), optional_stripped] = Field(
        "", description="Title of the lesson; if omitted, that of the source."
    )
    language: LanguageTag | Literal[""] = Field("", description="BCP 47 tag; empty: the language of the source.")
    writer: Literal["auto", "model", "draft"] = Field(
        "auto",
        description="`model`: the language model. `draft`: sentences of the source, without a model. `auto`: the model if there is one.",
    )
    count: Annotated[int, Field(ge=1, le=VARIANTS), reject_bool] = Field(VARIANTS, description="Number of different scripts.")
    chat_id: str = Field("", max_length=MAX_CHAT_ID_CHARS, description="Your own name for the request.")

    def to_request(self, source: Source) -> WritingRequest:
        """Return the request to write scripts of a source; title and language of the fields take precedence."""
        changes = {name: value for name, value in (("title", self.title), ("language", self.language)) if value}
        return WritingRequest(source.model_copy(update=changes), self.writer, self.count, self.chat_id)


class ScriptsIn(ScriptRequestFields):
    """Exactly one of `topic`, `text`, `recording_id` and `script`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=exactly_one(*_SOURCES))

    topic: Annotated[str, Field(min_length=1, max_length=MAX_TOPIC_CHARS), required_stripped] | None = Field(
        None, description="What the lesson is about; needs a language model."
    )
    text: str | None = Field(None, min_length=1, max_length=MAX_TEXT_CHARS, description="Notes in Markdown or plain text.")
    recording_id: str | None = Field(None, min_length=1, max_length=64, description="A recording whose transcript is the source.")
    keep_slides: bool = Field(
        False,
        description="With recording_id: one script that tells the recording again, its slides as pictures, its transcript as narration.",
    )
    script: LessonScript | None = Field(None, description="A script that you have written; it is stored as it is.")

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if sum(getattr(self, name) is not None for name in _SOURCES) != 1:
            raise ValueError("send exactly one of topic, text, recording_id and script")
        if self.keep_slides and self.recording_id is None:
            raise ValueError("keep_slides needs recording_id")
        return self

    def with_title(self, script: LessonScript) -> LessonScript:
        """Return a script with the title and the language of the fields, where they are set."""
        changes = {name: value for name, value in (("title", self.title), ("language", self.language)) if value}
        return script.model_copy(update=changes)


class VersionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Version | None = Field(None, description=_VERSION)


class ScriptChangeIn(VersionIn):
    script: LessonScript


class SceneIn(VersionIn):
    scene: Scene


class NewSceneIn(SceneIn):
    position: Annotated[int, Field(ge=0, le=1000), reject_bool] | None = Field(
        None, description="Before this scene, from 0; omitted: at the end."
    )


class SceneOrderIn(VersionIn):
    scene_ids: list[SceneId] = Field(max_length=1000, description="The ids of all scenes in their new order.")


class RewriteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    instruction: Annotated[str, Field(min_length=1, max_length=2000), required_stripped] = Field(description="What to change.")


class RenderScriptIn(LessonOptions):
    """Options of the video, and the version that is confirmed."""

    version: Version | None = Field(None, description="Omitted: the current version.")


class WritingOut(BaseModel):
    """The job that writes the script."""

    job_id: str
    state: str
    progress: float
    warnings: list[str]
    error: ErrorOut | None

    @classmethod
    def of(cls, job: Job) -> WritingOut:
        return cls(job_id=job.id, state=job.state, progress=round(job.progress, 1), warnings=job.warnings, error=ErrorOut.of(job))


class ScriptSummaryOut(BaseModel):
    id: str
    request_id: str | None
    variant: int
    approach: str = Field(
        description="How the script differs from the others of its request: an overview, the whole step by step, questions with answers, "
        "or the slides of a deck. Empty for a script of your own.",
        json_schema_extra={"enum": ["", "overview", "step_by_step", "questions", "slides"]},
    )
    title: str
    state: str = Field(json_schema_extra={"enum": ["waiting", "writing", "ready", "failed", "cancelled", "unusable"]})
    version: int = Field(description="Number of the current version; 0 before the script is written.")
    scenes: int
    duration_s: float = Field(description="Estimated duration of the lesson at a natural pace.")
    writing: WritingOut | None
    created_at: str | None
    updated_at: str | None

    @classmethod
    def fields_of(cls, stored_script: StoredScript) -> dict[str, Any]:
        row, content = stored_script.row, stored_script.content
        return {
            "id": row.id,
            "request_id": row.request_id,
            "variant": row.variant,
            "approach": row.approach,
            "title": row.title,
            "state": stored_script.state,
            "version": row.version,
            "scenes": len(content.scenes) if content else 0,
            "duration_s": round(sum(each.duration_s for each in estimate_scenes(content)), 1) if content else 0.0,
            "writing": WritingOut.of(stored_script.job) if stored_script.job else None,
            "created_at": iso(row.created_at),
            "updated_at": iso(row.updated_at),
        }

    @classmethod
    def of(cls, stored_script: StoredScript) -> ScriptSummaryOut:
        return cls(**cls.fields_of(stored_script))


class ScriptOut(ScriptSummaryOut):
    script: LessonScript | None
    unusable_script: dict[str, Any] | None = Field(None, description=_UNUSABLE)

    @classmethod
    def of(cls, stored_script: StoredScript) -> ScriptOut:
        raw = stored_script.version.script if stored_script.version is not None and stored_script.content is None else None
        return cls(**cls.fields_of(stored_script), script=stored_script.content, unusable_script=raw)


class ScriptRequestOut(BaseModel):
    request_id: str | None
    scripts: list[ScriptSummaryOut]


class ScriptsOut(BaseModel):
    scripts: list[ScriptSummaryOut]
    total: int


class VersionOut(BaseModel):
    number: int
    author: str = Field(json_schema_extra={"enum": ["writer", "user", "instruction"]})
    note: str
    created_at: str | None

    @classmethod
    def of(cls, version: ScriptVersion) -> VersionOut:
        return cls(number=version.number, author=version.author, note=version.note, created_at=iso(version.created_at))


class VersionsOut(BaseModel):
    versions: list[VersionOut]


class VersionDetailOut(VersionOut):
    script: LessonScript | None
    unusable_script: dict[str, Any] | None = Field(None, description=_UNUSABLE)

    @classmethod
    def of(cls, version: ScriptVersion) -> VersionDetailOut:
        content = reading.usable_content(version)
        raw = version.script if content is None else None
        return cls(**VersionOut.of(version).model_dump(), script=content, unusable_script=raw)


class ScriptRenderOut(BaseModel):
    version: int = Field(description="The version that the job renders.")
    job: JobOut


class ScriptRendersOut(BaseModel):
    renders: list[ScriptRenderOut] = Field(description="The 20 newest jobs, newest first.")
    stages: dict[str, tuple[float, float]] = Field(
        description="Between which percents of its progress a job speaks (`voice`) and draws (`scenes`) one scene after the other."
    )


class SceneEstimateOut(BaseModel):
    scene_id: str
    words: int
    duration_s: float


class EstimateOut(BaseModel):
    duration_s: float
    render_s: float = Field(description="Time to make the video, without waiting.")
    is_measured: bool = Field(description="Whether `render_s` comes from videos of this server; else it is typical of two cores.")
    scenes: list[SceneEstimateOut]

    @classmethod
    def of(cls, estimate: ScriptEstimate) -> EstimateOut:
        scenes = [SceneEstimateOut(scene_id=each.scene_id, words=each.words, duration_s=each.duration_s) for each in estimate.scenes]
        return cls(duration_s=estimate.duration_s, render_s=estimate.render_s, is_measured=estimate.is_measured, scenes=scenes)
