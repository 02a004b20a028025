"""Scripts of lessons: they are written in the background, edited in versions, and rendered as videos."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

import errors
from pipelines.lesson import STAGES
from pipelines.stage import stage_bounds
from routes.body_limits import accepts_json, accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response, set_filename
from routes.forms import form_fields, validate
from routes.paging import PageQuery, page_response
from routes.uploads import uploaded_part
from schemas.accounts import MessageOut
from schemas.recordings import JobOut
from schemas.scripts import (
    EstimateOut,
    NewSceneIn,
    RenderScriptIn,
    RewriteIn,
    SceneIn,
    SceneOrderIn,
    ScriptChangeIn,
    ScriptOut,
    ScriptRenderOut,
    ScriptRendersOut,
    ScriptRequestFields,
    ScriptRequestOut,
    ScriptsIn,
    ScriptsOut,
    ScriptSummaryOut,
    VersionDetailOut,
    VersionIn,
    VersionOut,
    VersionsOut,
)
from services.lessons import previews, source_reading
from services.lessons.options import LessonOptions, ThemeName
from services.lessons.source import Source
from services.lessons.writer import WriterOptions
from services.scripts import editing, reading, rendering, renders, retelling, sources, writing_jobs
from services.scripts.rendering import JobLimits
from services.scripts.writing_jobs import WritingRequest
from services.storage import keys

scripts = Blueprint("scripts", __name__, scope="content", tag="Lessons")
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_MAX_SCRIPT_BYTES = 2 * 2**20
_NOT_FOUND = {404: "Not found"}
_EDIT = {**_NOT_FOUND, 409: "The script was changed in the meantime, or is not written yet"}


class ScriptsQuery(PageQuery):
    request_id: str = Field("", max_length=64, description="Only the scripts of this request.")


class VersionQuery(VersionIn):
    pass


class EstimateQuery(BaseModel):
    speed: float = Field(1.0, ge=0.5, le=2, allow_inf_nan=False)


class DeckQuery(BaseModel):
    theme: ThemeName = "paper"


@scripts.post("")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_json(_MAX_SCRIPT_BYTES)
@scripts.input(ScriptsIn)
@scripts.output(ScriptRequestOut, status_code=201)
@scripts.doc(responses={404: "No such recording, or it has no transcript", 503: "A topic alone needs a language model"})
def create_scripts(json_data: ScriptsIn) -> Any:
    """Write three different scripts of a topic, a text or a recording in the background, or store one of your own.

    An event `script_ready` (`GET /api/v1/events`) reports each finished script.
    """
    content = json_data.script
    if json_data.keep_slides:
        content = json_data.with_title(retelling.create(caller(), json_data.recording_id or "", container().store))
    if content is not None:
        stored_script = reading.get(caller(), editing.create(caller(), content).id)
        return ScriptRequestOut(request_id=None, scripts=[ScriptSummaryOut.of(stored_script)])
    if json_data.topic is not None:
        source = Source(kind="topic", title=json_data.topic)
    elif json_data.text is not None:
        source = Source(kind="text", text=json_data.text)
    else:
        source = sources.from_recording(caller(), json_data.recording_id or "", container().store)
    return request_scripts(json_data.to_request(source))


@scripts.post("/files")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@scripts.output(ScriptRequestOut, status_code=201)
@scripts.doc(
    responses={400: "No file, or an empty one", 413: "Too large", 422: "The file can't be read", 429: "Too many at once"},
    extensions={"x-form": "ScriptFileForm"},
)
def create_scripts_of_file() -> Any:
    """Write three scripts of a document (TXT, Markdown, DOCX) or a deck (PPTX, PDF): the multipart field `file`."""
    part = uploaded_part("file")
    if part is None:
        raise errors.NoFile
    fields = validate(ScriptRequestFields, form_fields(ScriptRequestFields))
    source = source_reading.read_file(part.file.keep(), part.filename, caller().user_id)
    return request_scripts(fields.to_request(source))


def request_scripts(request: WritingRequest) -> ScriptRequestOut:
    """Queue the jobs that write the requested scripts, and return the scripts, which have no version yet."""
    components = container()
    rows = writing_jobs.request(caller(), request, components.engines.get(WriterOptions), JobLimits.from_settings(components.settings))
    summaries = [ScriptSummaryOut.of(reading.get(caller(), row.id)) for row in rows]
    return ScriptRequestOut(request_id=rows[0].request_id, scripts=summaries)


@scripts.get("")
@login_required
@scripts.input(ScriptsQuery, location="query")
@scripts.output(ScriptsOut)
def list_scripts(query_data: ScriptsQuery) -> Response:
    """List the caller's scripts, newest first."""
    page = reading.list_page(caller(), query_data.paging, request_id=query_data.request_id)
    return page_response(ScriptsOut(scripts=[ScriptSummaryOut.of(row) for row in page.rows], total=page.total), query_data, page.total)


@scripts.get("/<script_id>")
@login_required
@scripts.output(ScriptOut)
@scripts.doc(responses=_NOT_FOUND)
def show_script(script_id: str) -> Any:
    """Show a script with its current version."""
    return _script_out(script_id)


@scripts.put("/<script_id>")
@login_required
@accepts_json(_MAX_SCRIPT_BYTES)
@scripts.input(ScriptChangeIn)
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def replace_script(script_id: str, json_data: ScriptChangeIn) -> Any:
    """Replace the whole script by a new version."""
    editing.replace(caller(), script_id, json_data.script, json_data.version)
    return _script_out(script_id)


@scripts.delete("/<script_id>")
@login_required
@scripts.output(MessageOut)
@scripts.doc(responses={**_NOT_FOUND, 409: "A video of it is being rendered"})
def delete_script(script_id: str) -> Any:
    """Delete a script with all its versions; videos of it stay."""
    editing.delete(caller(), script_id)
    return MessageOut(message="The script was deleted.")


@scripts.post("/<script_id>/scenes")
@login_required
@scripts.input(NewSceneIn)
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def insert_scene(script_id: str, json_data: NewSceneIn) -> Any:
    """Insert a scene, by default at the end."""
    editing.insert_scene(caller(), script_id, json_data.scene, json_data.position, json_data.version)
    return _script_out(script_id)


@scripts.put("/<script_id>/scenes/<scene_id>")
@login_required
@scripts.input(SceneIn)
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def replace_scene(script_id: str, scene_id: str, json_data: SceneIn) -> Any:
    """Replace one scene; it keeps its id."""
    editing.put_scene(caller(), script_id, json_data.scene.model_copy(update={"id": scene_id}), json_data.version)
    return _script_out(script_id)


@scripts.delete("/<script_id>/scenes/<scene_id>")
@login_required
@scripts.input(VersionQuery, location="query")
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def delete_scene(script_id: str, scene_id: str, query_data: VersionQuery) -> Any:
    """Delete one scene."""
    editing.delete_scene(caller(), script_id, scene_id, query_data.version)
    return _script_out(script_id)


@scripts.post("/<script_id>/scenes/<scene_id>/rewrite")
@login_required
@scripts.input(RewriteIn)
@scripts.output(JobOut, status_code=201)
@scripts.doc(responses={**_EDIT, 503: "No language model is configured"})
def rewrite_scene(script_id: str, scene_id: str, json_data: RewriteIn) -> Any:
    """Queue a job in which the language model rewrites one scene; it adds a version."""
    components = container()
    job_limits = JobLimits.from_settings(components.settings)
    options = components.engines.get(WriterOptions)
    return JobOut.of(writing_jobs.rewrite_scene(caller(), script_id, scene_id, json_data.instruction, options, job_limits))


@scripts.post("/<script_id>/order")
@login_required
@scripts.input(SceneOrderIn)
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def reorder_scenes(script_id: str, json_data: SceneOrderIn) -> Any:
    """Change the order of the scenes."""
    editing.reorder(caller(), script_id, json_data.scene_ids, json_data.version)
    return _script_out(script_id)


@scripts.get("/<script_id>/versions")
@login_required
@scripts.output(VersionsOut)
@scripts.doc(responses=_NOT_FOUND)
def list_versions(script_id: str) -> Any:
    """List all versions, newest first."""
    return VersionsOut(versions=[VersionOut.of(each) for each in reading.list_versions(caller(), script_id)])


@scripts.get("/<script_id>/versions/<number>")
@login_required
@scripts.output(VersionDetailOut)
@scripts.doc(responses=_NOT_FOUND)
def show_version(script_id: str, number: str) -> Any:
    """Show one version."""
    return VersionDetailOut.of(reading.get_version(caller(), script_id, _number(number)))


@scripts.post("/<script_id>/versions/<number>/restore")
@login_required
@scripts.input(VersionIn)
@scripts.output(ScriptOut)
@scripts.doc(responses=_EDIT)
def restore_version(script_id: str, number: str, json_data: VersionIn) -> Any:
    """Make an earlier version the current one, as a new version."""
    editing.restore(caller(), script_id, _number(number), json_data.version)
    return _script_out(script_id)


@scripts.get("/<script_id>/estimate")
@login_required
@scripts.input(EstimateQuery, location="query")
@scripts.output(EstimateOut)
@scripts.doc(responses=_EDIT)
def show_estimate(script_id: str, query_data: EstimateQuery) -> Any:
    """Estimate the duration of the lesson, scene by scene, and the time to make its video."""
    return EstimateOut.of(reading.estimate(caller(), script_id, speed=query_data.speed))


@scripts.get("/<script_id>/deck.pptx")
@endpoint(rate_limits=("upload",))
@login_required
@scripts.input(DeckQuery, location="query")
@scripts.doc(responses={200: binary_response("The deck", PPTX_TYPE), **_EDIT, 429: "Too many at once"})
def show_deck(script_id: str, query_data: DeckQuery) -> Response:
    """Download the script as an editable PowerPoint deck: text, tables and charts, with the narrations as notes."""
    stored_script, content = reading.get_written(caller(), script_id)
    deck = previews.write_deck(caller(), content, LessonOptions(theme=query_data.theme), container().store)
    response = Response(deck, content_type=PPTX_TYPE)
    set_filename(response, keys.safe_filename(f"{stored_script.row.title or 'lesson'}.pptx"))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@scripts.post("/<script_id>/render")
@endpoint(rate_limits=("upload",))
@login_required
@scripts.input(RenderScriptIn)
@scripts.output(JobOut, status_code=201)
@scripts.doc(responses=_EDIT)
def render_script(script_id: str, json_data: RenderScriptIn) -> Any:
    """Confirm a version and make its video in the background; later edits don't change it."""
    options = json_data.model_dump(mode="json", exclude={"version"})
    job_limits = JobLimits.from_settings(container().settings)
    return JobOut.of(rendering.submit(caller(), script_id, options, job_limits, version=json_data.version))


@scripts.get("/<script_id>/renders")
@login_required
@scripts.output(ScriptRendersOut)
@scripts.doc(responses=_NOT_FOUND)
def list_renders(script_id: str) -> Any:
    """List the jobs that render or have rendered videos of the script."""
    script_renders = [ScriptRenderOut(version=number, job=JobOut.of(job)) for number, job in renders.list_for_script(caller(), script_id)]
    return ScriptRendersOut(renders=script_renders, stages=stage_bounds(STAGES, ("voice", "scenes")))


def _script_out(script_id: str) -> ScriptOut:
    return ScriptOut.of(reading.get(caller(), script_id))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise errors.NotFound("version")
    return int(text)
