"""The other paths of AI Film Studio's program. What has a meaning in Lectern works; the rest names what to use instead."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import redirect, request
from pydantic import BaseModel, ConfigDict, Field

import errors
from config import VERSION
from lib.numbers import reject_bool
from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.endpoints import Blueprint, endpoint
from routes.files import receive_file
from routes.jobs import submit_job
from routes.streams import file_urls
from routes.uploads import UPLOAD_DOC
from routes.urls import path_url
from schemas.files import UploadedOut
from schemas.film import FilmJobOut
from schemas.spec_hints import any_of_fields
from services.lessons.options import VoiceName
from services.lessons.script import LanguageTag
from services.projects import assets, projects
from services.projects.assets import AssetRef
from services.projects.jobs import JobRequest

film = Blueprint("film", __name__, scope="content", tag="AI Film Studio")
film_open = Blueprint("film_open", __name__, scope="open", tag="AI Film Studio")
_NOT_OFFERED = {410: "Not offered; the hint names what to use instead"}
_REDIRECT: dict[int, Any] = {302: {"description": "The documentation", "content": {"text/html": {}}}}
_SECTIONS = ("projects", "jobs", "scripts", "recordings", "courses", "files", "formats")


class AboutOut(BaseModel):
    name: str = "Lectern"
    version: str = VERSION
    description: str = "Recordings become documents, and scripts become narrated videos."
    documentation: str
    endpoints: dict[str, str]


class VoiceIn(BaseModel):
    """At least one of `text`, `script`, `script_id` and `project_id`."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=any_of_fields(("text",), ("script",), ("script_id",), ("project_id",)))

    text: str = Field("", max_length=20_000)
    script: str = Field("", max_length=20_000, description="The same as `text`.")
    project_id: str = Field("", max_length=64)
    script_id: str = Field("", max_length=64)
    title: str = Field("", max_length=500)
    voice: VoiceName = ""
    language: LanguageTag | Literal[""] = ""
    speed: Annotated[float, Field(ge=0.7, le=1.15), reject_bool] = 1.0

    def to_request(self) -> JobRequest:
        parameters = {"text": self.text or self.script, **self.model_dump(include={"script_id", "title", "voice", "language", "speed"})}
        return JobRequest("voice_synthesis", self.project_id, parameters)


class PosterIn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    project_id: str = Field(min_length=1, max_length=64)


class PosterOut(BaseModel):
    id: str = Field(description="The video whose picture it is.")
    project_id: str
    url: str = Field(description="Opens without a header until it expires.")
    status: str = "completed"


@film_open.get("/api/v1/about")
@film_open.output(AboutOut)
def show_about() -> Any:
    """Show name and version of this server, and where the parts of the API begin."""
    endpoints = {name: path_url(f"/api/v1/{name}") for name in _SECTIONS}
    return AboutOut(documentation=path_url("/docs"), endpoints=endpoints)


@film_open.get("/api/docs")
@film_open.doc(responses=_REDIRECT)
def show_docs() -> Any:
    """Lead to the documentation."""
    return redirect(path_url("/docs"))


@film_open.get("/api/redoc")
@film_open.doc(responses=_REDIRECT)
def show_redoc() -> Any:
    """Lead to the documentation."""
    return redirect(path_url("/redoc"))


@film_open.get("/api/v1/ws/jobs", endpoint="ws_of_jobs_under_api")
@film_open.get("/ws/jobs", endpoint="ws_of_jobs")
@film_open.get("/api/v1/ws/jobs/<job_id>")
@film_open.get("/ws/jobs/<job_id>", endpoint="ws_jobs")
@film_open.doc(responses=_NOT_OFFERED)
def refuse_web_socket(job_id: str = "") -> Any:
    """WebSockets are not offered; events of a job are streamed over HTTP."""
    raise errors.NotOffered(
        "Jobs have no WebSocket.",
        hint="Read /api/v1/jobs/ID/events with `Accept: text/event-stream` (server-sent events), or poll /api/v1/jobs/ID/status.",
    )


@film.post("/production/upload-footage")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@film.output(UploadedOut)
@film.doc(responses={**UPLOAD_DOC["responses"], 404: "No such project"}, extensions={"x-form": "FootageForm"})
def upload_footage() -> Any:
    """Upload a recording, a picture or a document, and add it to the project `project_id`, if the form names one."""
    project_id = request.form.get("project_id", "")
    if project_id:
        projects.check_editor(caller(), project_id)
    upload = receive_file()
    if project_id:
        assets.add(caller(), project_id, AssetRef(recording_id=upload.recording_id or "", file_id=upload.file_id or ""))
    return upload


@film.post("/post-production/voice")
@endpoint(rate_limits=("upload",))
@login_required
@film.input(VoiceIn)
@film.output(FilmJobOut)
@film.doc(responses={404: "No such project or script", 409: "The project has no script"})
def make_voice(json_data: VoiceIn) -> Any:
    """Speak a text, a script, or the script of a project: a job of the kind voice_synthesis."""
    return submit_job(json_data.to_request())


@film.post("/marketing/poster")
@login_required
@film.input(PosterIn)
@film.output(PosterOut)
@film.doc(responses={404: "Not found", 409: "The project has no video yet"})
def show_poster(json_data: PosterIn) -> Any:
    """Return the picture of a project's video."""
    project = projects.get(caller(), json_data.project_id)
    url = file_urls(project.video)[1] if project.video is not None else ""
    if project.video is None or not url:
        raise errors.Conflict("The project has no video with a picture.", hint="Make it first: POST /api/v1/jobs/submit.")
    return PosterOut(id=project.video.id, project_id=project.row.id, url=url)


@film.get("/characters")
@film.post("/characters", endpoint="create_character")
@film.get("/characters/<character_id>", endpoint="show_character")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_characters(character_id: str = "") -> Any:
    """Characters are not offered."""
    raise errors.NotOffered(
        "There are no characters: a lesson has one voice.",
        hint="GET /api/v1/lessons/voices lists the voices; `defaults.voice` of a project chooses one.",
    )


@film.post("/production/generate-shot")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_shots() -> Any:
    """Generated film scenes are not offered."""
    raise errors.NotOffered(
        "Lectern generates no film scenes.",
        hint="Edit the scenes of the project's script (/api/v1/scripts/ID), preview one with POST /api/v1/lessons/previews, and make the "
        "video with POST /api/v1/jobs/submit.",
    )


@film.post("/marketing/trailer")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_trailers() -> Any:
    """Trailers are not offered."""
    raise errors.NotOffered(
        "Lectern cuts no trailers.",
        hint="Write a short script and make its video, or share a video from a moment on: POST /api/v1/recordings/ID/links.",
    )


@film.post("/post-production/music")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_music() -> Any:
    """Music is not offered."""
    raise errors.NotOffered("Lectern makes no music.", hint="Upload a recording with music, or use POST /api/v1/post-production/voice.")


@film.post("/organizations")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_organizations() -> Any:
    """Organizations are not offered."""
    raise errors.NotOffered(
        "There are no organizations.", hint="Share a project with POST /api/v1/projects/ID/members {email, role}: editors and viewers."
    )


@film.post("/usage")
@login_required
@film.doc(responses=_NOT_OFFERED)
def refuse_usage() -> Any:
    """Usage can't be reported from outside."""
    raise errors.NotOffered("Usage is counted by the server itself.", hint="GET /api/v1/credits/balance and GET /api/v1/jobs show it.")
