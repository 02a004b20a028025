"""The paths of Manimate, the system that turned topics into narrated videos: those of its Node server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, jsonify, request, url_for
from pydantic import BaseModel, Field

import errors
from lib.clock import iso, now
from lib.paging import Paging
from routes.caller import caller, document_auth, login_required
from routes.compat.manimate_lessons import (
    NOT_FOUND_DOC,
    WRITING_DOC,
    LimitQuery,
    failure_of,
    job_body,
    render,
    stream_path,
    update,
    write_scripts,
)
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.event_streams import STREAM, STREAM_DOC
from routes.file_responses import range_responses, send_recording
from routes.forms import validate
from routes.signed_tokens import TokenSigner
from routes.tokens import bearer_token
from schemas.manimate import ConfirmIn, GenerationOptions, SubmitIn, UpdateScriptIn, script_out, video_out
from services.accounts import Caller
from services.accounts.open_mode import caller_of_link
from services.scripts import chats, renders
from services.scripts.chats import ChatEvent, ChatProgress

manimate = Blueprint("manimate", __name__, scope="content", tag="Manimate")
_TOKENS = TokenSigner("manimate", "This address has expired.")
_EVENTS_DOC: dict[Any, Any] = {
    200: {"description": "Events as `data:` lines", "content": {"application/json": {"schema": {"type": "object"}}, STREAM: {}}},
    **STREAM_DOC,
}


class MissingFields(errors.BadRequest):
    """Text, UID, and ChatID are required"""

    code = "missing_fields"
    hint = "Send JSON with text, uid and chatID."


class VideosQuery(BaseModel):
    limit: int = Field(200, ge=1, le=1000)
    page: int = Field(1, ge=1, le=100_000)


class TokenQuery(BaseModel):
    token: str = Field("", max_length=500, description="Signed token for players and EventSource, which send no headers.")


@manimate.post("/submit")
@endpoint(rate_limits=("upload",))
@login_required
@manimate.input(SubmitIn)
@manimate.doc(responses={200: "All scripts", 202: "Those that are ready so far", 400: "A field is missing", **WRITING_DOC})
def submit(json_data: SubmitIn) -> Any:
    """Write three scripts about a topic, or of notes; wait for them for SCRIPT_WAIT_S, then answer 202."""
    if not (json_data.text.strip() and json_data.uid and json_data.chatID):
        raise MissingFields
    scripts = write_scripts(json_data.text, json_data.chatID)
    is_complete = not any(each.is_pending for each in scripts)
    ready = [each for each in scripts if each.content is not None]
    if is_complete and not ready:
        raise failure_of(scripts)
    body = {
        "success": is_complete,
        "message": "The scripts are ready." if is_complete else "Some scripts are still being written; see events_url.",
        "scripts": [script_out(each.content) for each in ready if each.content],
        "tokens": [each.row.id for each in ready],
        "chatID": json_data.chatID,
        "request_id": scripts[0].row.request_id,
        "events_url": url_for("manimate.chat_events", chat_id=json_data.chatID, token=_token()),
    }
    return jsonify(body), 200 if is_complete else 202


@manimate.post("/update_script/<script_id>")
@login_required
@manimate.input(UpdateScriptIn)
@manimate.doc(responses={200: "The script", 400: "A field is missing", **NOT_FOUND_DOC})
def update_script(script_id: str, json_data: UpdateScriptIn) -> Any:
    """Change a script: its title, and scenes by their `seq`."""
    if json_data.script is None or not json_data.chatID:
        raise errors.BadRequest("Script and ChatID are required")
    script = update(script_id, json_data.script)
    return jsonify(success=True, message="The script was updated.", script=script, token=script_id)


@manimate.post("/confirm_script/<script_id>")
@endpoint(rate_limits=("upload",))
@login_required
@manimate.input(ConfirmIn)
@manimate.doc(responses={200: "The job", 400: "A field is missing", **NOT_FOUND_DOC})
def confirm_script(script_id: str, json_data: ConfirmIn) -> Any:
    """Make the video of a script as it is now. Options may be in `config` or at the top level."""
    if not json_data.chatID:
        raise errors.BadRequest("ChatID is required")
    fields = {**json_data.model_dump(exclude_unset=True, exclude={"config", "chatID"}), **(json_data.config or {})}
    job_id = render(script_id, validate(GenerationOptions, fields))
    return jsonify(
        success=True, message="The video is being made.", job_id=job_id, status="pending", token=script_id, chatID=json_data.chatID
    )


@manimate.get("/generation_status/<render_id>")
@login_required
@manimate.doc(responses={200: "The job", **NOT_FOUND_DOC})
def generation_status(render_id: str) -> Any:
    """Show a job that makes a video."""
    return jsonify(success=True, job_status=job_body(renders.get_render(caller(), render_id)))


@manimate.get("/generation_jobs")
@login_required
@manimate.input(LimitQuery, location="query")
@manimate.doc(responses={200: "The jobs, newest first"})
def generation_jobs(query_data: LimitQuery) -> Any:
    """List the caller's jobs that make videos."""
    rows, total = renders.list_renders(caller(), query_data.limit)
    return jsonify(success=True, jobs=[job_body(row) for row in rows], total=total)


@manimate.delete("/generation_job/<render_id>")
@login_required
@manimate.doc(responses={200: "Deleted", **NOT_FOUND_DOC})
def delete_generation_job(render_id: str) -> Any:
    """Stop a job and delete its record; a finished video stays."""
    renders.delete_render(caller(), render_id)
    return jsonify(success=True, message="The job was deleted.")


@manimate.get("/videos")
@login_required
@manimate.doc(responses={200: "The videos, newest first"})
@manimate.input(VideosQuery, location="query")
def list_videos(query_data: VideosQuery) -> Any:
    """List the videos of the caller's scripts. `path` opens without a header for a while; `count` is the number of all videos."""
    token = _token()
    page = renders.list_videos(caller(), Paging(query_data.page, query_data.limit))
    videos = [video_out(row, stream_path(row, token=token)) for row in page.rows]
    return jsonify(success=True, videos=videos, count=page.total)


@manimate.get("/video-info/<video_name>")
@login_required
@manimate.doc(responses={200: "The video", **NOT_FOUND_DOC})
def video_info(video_name: str) -> Any:
    """Show a video."""
    row = video_out(renders.get_video(caller(), video_name), "")
    return jsonify(success=True, video={"exists": True, "size": row["size"], "modified": row["modified"], "name": video_name})


@manimate.get("/stream/<video_name>")
@endpoint(quiet=True, scope="content")
@manimate.input(TokenQuery, location="query")
@manimate.doc(responses=range_responses("The video"))
def stream_video(video_name: str, query_data: TokenQuery) -> Response:
    """Send a video or a range of it to a player."""
    response = send_recording(renders.get_video(_viewer(query_data.token), video_name))
    response.headers["Cache-Control"] = "no-cache"
    return response


@manimate.get("/events/<chat_id>")
@endpoint(scope="content")
@manimate.input(TokenQuery, location="query")
@manimate.doc(responses=_EVENTS_DOC)
def chat_events(chat_id: str, query_data: TokenQuery) -> Response:
    """Stream the scripts of a chat as they become ready; without an Accept header that allows it, return those of the present."""
    watching = _viewer(query_data.token)
    if not request.accept_mimetypes.quality(STREAM):
        return jsonify(events=[_event_body(event) for event in chats.new_events(watching, chat_id, ChatProgress())])
    hub = container().events
    listener = hub.listen(watching, None, None)
    progress = ChatProgress()
    is_first = [True]

    def read() -> Iterator[bytes]:
        if is_first:
            is_first.clear()
            yield _frame({"type": "connected", "message": f"Connected to {chat_id}"})
        yield from (_frame(_event_body(event)) for event in chats.new_events(watching, chat_id, progress))

    response = Response(hub.watch(listener, read), mimetype=STREAM)
    response.call_on_close(lambda: hub.close(listener))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _frame(body: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps({**body, 'timestamp': iso(now())}, ensure_ascii=False)}\n\n".encode()


def _event_body(event: ChatEvent) -> dict[str, Any]:
    if event.script is not None and event.script.content is not None:
        row = event.script.row
        data = script_out(event.script.content)
        return {"type": "script_ready", "data": data, "readyToken": row.id, "scriptIndex": row.variant, "totalScripts": event.total}
    scripts = [script_out(each.content) for each in event.scripts if each.content]
    tokens = [each.row.id for each in event.scripts]
    return {"type": "all_scripts_complete", "allScripts": scripts, "scripts": scripts, "allTokens": tokens, "totalScripts": event.total}


def _viewer(token: str) -> Caller:
    """Return the user of a signed token, or the caller. Raises Unauthenticated."""
    if not token or bearer_token() is not None:
        return caller()
    try:
        token_data = _TOKENS.verify(token)
        return caller_of_link(token_data.user_id, token_data.session_id)
    except errors.NotFound as error:
        raise errors.Unauthenticated(error.detail) from None


def _token() -> str:
    """Return a token that opens the caller's streams and events for a while."""
    return _TOKENS.sign("", caller())


for _view in (stream_video, chat_events):
    document_auth(_view, {401: "Authentication required"})
