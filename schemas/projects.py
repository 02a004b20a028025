"""Projects in the API: the fields of AI Film Studio's documents (`name`, `created_at`) and of its client (`title`, `createdAt`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from lib.clock import iso
from lib.text_fields import optional_line, required_line
from lib.validation_messages import readable
from schemas.cleaning import check_json_size
from schemas.spec_hints import any_of_visible, never_both_empty
from services.lessons.options import LessonOptions
from services.lessons.script import LessonScript
from services.library.editing import MAX_DESCRIPTION_CHARS, clean_description
from services.library.recordings import clean_title
from services.projects.access import Role
from services.projects.members import payer_of
from services.projects.projects import (
    MAX_GLOSSARY_BYTES,
    MAX_GLOSSARY_TERMS,
    MAX_LISTED_CHARS,
    MAX_NAME_CHARS,
    MAX_SCRIPT_CHARS,
    ProjectChanges,
    StoredProject,
)

_Name = Annotated[str, Field(max_length=MAX_NAME_CHARS), AfterValidator(clean_title)]
_SCRIPT: TypeAdapter[LessonScript] = TypeAdapter(LessonScript)
_DEFAULTS = "Options of the project's videos, as in `POST /api/v1/scripts/{id}/render`: `theme`, `voice`, `height`, `speed` ..."


class _ScriptSchema:
    """Describes a field as a text, a script with scenes or null; its validator checks that."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "maxLength": MAX_SCRIPT_CHARS}
        return {"anyOf": [text, handler(LessonScript.__pydantic_core_schema__), {"type": "null"}]}


class _DefaultsSchema:
    """Describes a field as options of lessons or null; its validator checks that."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(LessonOptions.__pydantic_core_schema__), {"type": "null"}]}


class ProjectTerm(BaseModel):
    """A word of the project. `spoken`: what the voice says instead; `misheard`: what speech recognition makes of it."""

    term: Annotated[str, Field(min_length=1, max_length=100), required_line]
    spoken: Annotated[str, Field(max_length=100), optional_line] = ""
    misheard: Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=20)] = []


class ProjectFields(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: _Name | None = None
    title: _Name | None = Field(None, description="The same as `name`, which has precedence.")
    description: str | None = Field(None, max_length=MAX_DESCRIPTION_CHARS)
    script: Annotated[str | dict[str, Any] | None, _ScriptSchema()] = Field(
        None, description="What is said: a text, whose paragraphs become scenes, or a script with scenes as in `/api/v1/scripts`."
    )
    settings: dict[str, Any] | None = Field(
        None, description="`resolution`, `style` and `duration` (seconds) shape the video; other entries are only kept."
    )
    metadata: dict[str, Any] | None = Field(None, description="Kept for the client.")
    defaults: Annotated[dict[str, Any] | None, _DefaultsSchema()] = Field(None, description=_DEFAULTS)
    glossary: list[ProjectTerm] | None = Field(None, max_length=MAX_GLOSSARY_TERMS)

    @field_validator("settings", "metadata")
    @classmethod
    def _check_size(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if value is None else check_json_size(value)

    @field_validator("glossary")
    @classmethod
    def _check_glossary(cls, value: list[ProjectTerm] | None) -> list[ProjectTerm] | None:
        terms = [term.model_dump() for term in value or ()]
        if len(json.dumps(terms, ensure_ascii=False).encode()) > MAX_GLOSSARY_BYTES:
            raise ValueError(f"at most {MAX_GLOSSARY_BYTES} bytes of JSON")
        return value

    @field_validator("script")
    @classmethod
    def _check_script(cls, value: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
        if isinstance(value, str) and len(value) > MAX_SCRIPT_CHARS:
            raise ValueError(f"at most {MAX_SCRIPT_CHARS} characters")
        if isinstance(value, dict):
            _validate_inner(lambda: _SCRIPT.validate_python(value))
        return value

    @field_validator("defaults")
    @classmethod
    def _check_defaults(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        options: LessonOptions = _validate_inner(lambda: LessonOptions.model_validate(value))
        return options.model_dump(mode="json", include=set(value))

    def changes(self) -> ProjectChanges:
        """Return the fields that were sent."""
        script = _SCRIPT.validate_python(self.script) if isinstance(self.script, dict) else self.script
        return ProjectChanges(
            name=self.name or self.title or None,
            description=None if self.description is None else clean_description(self.description),
            script=script,
            settings=self.settings,
            details=self.metadata,
            lesson_options=self.defaults,
            glossary=None if self.glossary is None else [term.model_dump() for term in self.glossary],
        )


class ProjectIn(ProjectFields):
    """A name is required, as `name` or `title`."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_visible(("name",), ("title",)))

    @model_validator(mode="after")
    def _require_name(self) -> Self:
        if not (self.name or self.title):
            raise ValueError("name or title is required")
        return self


class ProjectPatch(ProjectFields):
    """Fields that are left out stay unchanged; so do fields that only responses have."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=never_both_empty("name", "title"))

    @model_validator(mode="after")
    def _require_name(self) -> Self:
        if "" in (self.name, self.title) and not (self.name or self.title):
            raise ValueError("name must not be empty")
        return self


def _validate_inner(check: Any) -> Any:
    """Run a validation; its problems become one sentence of the outer one."""
    try:
        return check()
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {readable(each['msg'])}" for each in error.errors()[:5]]
        raise ValueError("; ".join(problems)) from None


class ListedProjectOut(BaseModel):
    """A project in a list, without its glossary."""

    id: str
    user_id: str = Field(description="The owner.")
    role: Role = Field(description="The role of the caller.")
    name: str
    title: str
    description: str
    status: Literal["draft", "processing", "completed", "failed"]
    script: str = Field(description=f"What is said; in lists its first {MAX_LISTED_CHARS} characters, as they were sent.")
    script_id: str | None = Field(description="The script with its scenes and versions, see `/api/v1/scripts`.")
    settings: dict[str, Any]
    metadata: dict[str, Any]
    defaults: dict[str, Any] = Field(description=_DEFAULTS)
    payer_id: str = Field(description="Who pays for the project's jobs.")
    job_id: str | None = Field(description="The newest job that makes the video.")
    progress: float = Field(description="Of that job, 0 to 100.")
    error_message: str | None = Field(description="Why that job has failed.")
    recording_id: str | None = Field(description="The newest video, as a recording.")
    video_url: str | None = Field(description="Opens without a header until it expires.")
    thumbnail_url: str | None
    videoUrl: str | None
    thumbnailUrl: str | None
    created_at: str | None
    updated_at: str | None
    completed_at: str | None
    archived_at: str | None
    createdAt: str | None
    updatedAt: str | None
    completedAt: str | None

    @classmethod
    def of(cls, project: StoredProject, urls: tuple[str, str]) -> Self:
        """`urls`: the addresses of the video and its picture, "" for one that does not exist."""
        return cls(**cls._facts(project, urls))

    @staticmethod
    def _facts(project: StoredProject, urls: tuple[str, str]) -> dict[str, Any]:
        row, job = project.row, project.job
        video_url, thumbnail_url = (url or None for url in urls)
        created_at, updated_at, completed_at = iso(row.created_at), iso(row.updated_at), iso(row.completed_at)
        is_completed = project.status == "completed"
        return {
            "id": row.id,
            "user_id": row.user_id,
            "role": project.role,
            "name": row.name,
            "title": row.name,
            "description": row.description,
            "status": project.status,
            "script": project.script_text,
            "script_id": project.script.id if project.script else None,
            "settings": row.settings,
            "metadata": row.details,
            "defaults": row.lesson_options,
            "payer_id": payer_of(row),
            "job_id": row.job_id,
            "progress": 100.0 if is_completed else round(job.progress, 1) if job is not None else 0.0,
            "error_message": job.error_message if job is not None and project.status == "failed" else None,
            "recording_id": project.video.id if project.video else None,
            "video_url": video_url,
            "thumbnail_url": thumbnail_url,
            "videoUrl": video_url,
            "thumbnailUrl": thumbnail_url,
            "created_at": created_at,
            "updated_at": updated_at,
            "completed_at": completed_at,
            "archived_at": iso(row.archived_at),
            "createdAt": created_at,
            "updatedAt": updated_at,
            "completedAt": completed_at,
        }


class ProjectOut(ListedProjectOut):
    """A project with its glossary."""

    glossary: list[ProjectTerm]

    @staticmethod
    def _facts(project: StoredProject, urls: tuple[str, str]) -> dict[str, Any]:
        glossary = [ProjectTerm.model_validate(term) for term in project.row.glossary]
        return {**ListedProjectOut._facts(project, urls), "glossary": glossary}


class RenderProjectIn(LessonOptions):
    """Options of the video that differ from the project's defaults."""

    def changes(self) -> Mapping[str, Any]:
        """Return the options that were sent."""
        return self.model_dump(mode="json", exclude_unset=True)
