"""OpenAI's audio endpoints, for programs that use its clients. The recording is deleted after the response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Response, jsonify, request, stream_with_context
from werkzeug.exceptions import ClientDisconnected

import errors
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.stages.speech import CHECKPOINT_FILE
from pipelines.workspaces import work_folder
from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.errors import error_body
from routes.forms import form_fields, validate
from routes.uploads import uploaded_part
from routes.waiting_requests import WaitingRequest
from schemas.openai_audio import AudioIn, ModelOut, ModelsOut, text_of, verbose
from schemas.options import LectureOptions
from services import speech_to_text
from services.library import uploads
from services.library.uploads import UploadRequest
from services.transcripts import synchronous_transcription
from services.transcripts.synchronous_transcription import TranscriptionResult

openai_audio = Blueprint("openai_audio", __name__, scope="content", tag="OpenAI")
openai_models = Blueprint("openai_models", __name__, scope="open", tag="OpenAI")
_MARGIN_S = 300.0  # for the response, after the longest wait
_TEXT_TYPES = {"text": "text/plain; charset=utf-8", "srt": "application/x-subrip; charset=utf-8", "vtt": "text/vtt; charset=utf-8"}
_CONTENT = {name: {"schema": {"type": "string"}} for name in ("text/plain", "application/x-subrip", "text/vtt", "text/event-stream")}
_SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
_DOC: dict[str, Any] = {
    "responses": {
        200: {"description": "The text", "content": {"application/json": {"schema": _SCHEMA}, **_CONTENT}},
        400: "No file, or an empty one",
        413: "Too large",
        415: "Not a recording",
        422: "Unusable recording",
        429: "Too many of your requests wait; see Retry-After",
        503: "Too many requests wait, or this one waited too long; see Retry-After",
    },
    "extensions": {"x-form": "AudioForm"},
}


@openai_models.get("")
@openai_models.output(ModelsOut)
def list_models() -> ModelsOut:
    """List the names of the model that recognises speech: `whisper-1`, as clients expect, and its own."""
    return ModelsOut(data=_models())


@openai_models.get("/<path:name>")
@openai_models.output(ModelOut)
@openai_models.doc(responses={404: "Unknown model"})
def show_model(name: str) -> ModelOut:
    """Return one of the models of the list."""
    model = next((each for each in _models() if each.id == name), None)
    if model is None:
        raise errors.NotFound(f"There is no model {name!r}.")
    return model


def _models() -> list[ModelOut]:
    try:
        weights_name = speech_to_text.available_weights(container().engines.get(speech_to_text.SpeechOptions))
    except errors.ModelMissing:
        return []
    return [ModelOut(id=name, created=0, owned_by="lectern") for name in dict.fromkeys(("whisper-1", weights_name))]


@openai_audio.post("/transcriptions")
@endpoint(rate_limits=("upload",))
@login_required
@openai_audio.doc(**_DOC)
def create_transcription() -> Response:
    """Transcribe a recording and return its text, as OpenAI's API does."""
    return _answer("transcribe")


@openai_audio.post("/translations")
@endpoint(rate_limits=("upload",))
@login_required
@openai_audio.doc(**_DOC)
def create_translation() -> Response:
    """Write down the speech of a recording in English and return its text, as OpenAI's API does."""
    return _answer("translate")


def _answer(task: str) -> Response:
    waiting_request = WaitingRequest()
    try:
        response = _answer_of(task, waiting_request)
    except BaseException:
        waiting_request.end()
        raise
    response.call_on_close(waiting_request.end)
    return response


def _answer_of(task: str, waiting_request: WaitingRequest) -> Response:
    recording_id, job_id, duration_s, form = _receive(task)
    if form.stream and task == "transcribe":
        events = _events(recording_id, job_id, waiting_request)
        next(events)  # a generator that has started deletes the recording when it is closed
        response = Response(stream_with_context(events), mimetype="text/event-stream")
        response.headers["Cache-Control"], response.headers["X-Accel-Buffering"] = "no-store", "no"
        return response
    transcript = _wait(recording_id, job_id, form, waiting_request)
    if form.response_format == "json":
        return jsonify({"text": text_of(transcript.segments)})
    if form.response_format == "verbose_json":
        language = transcript.language
        return jsonify(verbose(transcript.segments, form.timestamp_granularities, task=task, language=language, duration_s=duration_s))
    text = f"{text_of(transcript.segments)}\n" if form.response_format == "text" else transcript.subtitles
    return Response(text, content_type=_TEXT_TYPES[form.response_format])


@accepts_upload
def _receive(task: str) -> tuple[str, str, float, AudioIn]:
    """Store the recording and queue its conversion. Returns both ids, the duration and the form."""
    part = uploaded_part("file")
    if part is None:
        raise errors.NoFile
    form = _read_form()
    components = container()
    formats = (form.response_format if form.response_format in ("srt", "vtt") else "txt",)
    options = LectureOptions(language=form.language if task == "transcribe" else "", formats=formats, translate=task == "translate")
    job_options = {**options.model_dump(mode="json"), "silent": True, **({"transcribe_prompt": form.prompt} if form.prompt else {})}
    keep_s = components.settings.transcription_wait_s + _MARGIN_S
    upload = UploadRequest(part, LECTURE_NOTES.name, job_options, keep_s=keep_s)
    recording, job = uploads.create_recording(caller(), upload, components.settings, components.store)
    return recording.id, job.id, recording.duration_s, form


def _read_form() -> AudioIn:
    granularities = request.form.getlist("timestamp_granularities[]") or request.form.getlist("timestamp_granularities")
    return validate(AudioIn, {**form_fields(AudioIn), **({"timestamp_granularities": granularities} if granularities else {})})


def _wait(recording_id: str, job_id: str, form: AudioIn, waiting_request: WaitingRequest) -> TranscriptionResult:
    components = container()
    subtitles = form.response_format if form.response_format in ("srt", "vtt") else ""
    timeout_s = components.settings.transcription_wait_s
    try:
        return synchronous_transcription.wait_for_result(job_id, timeout_s, components.store, waiting_request.check, subtitles=subtitles)
    finally:
        synchronous_transcription.delete_recording(caller(), recording_id, components.store)


def _events(recording_id: str, job_id: str, waiting_request: WaitingRequest) -> Iterator[str]:
    """Yield nothing at first, then the text segment by segment while it is recognised, then all of it."""
    components = container()
    checkpoint = work_folder(components.settings) / recording_id / LECTURE_NOTES.name / CHECKPOINT_FILE
    try:
        yield ""
        timeout_s = components.settings.transcription_wait_s
        for part in synchronous_transcription.stream_result(job_id, timeout_s, components.store, checkpoint, waiting_request.check):
            if isinstance(part, TranscriptionResult):
                yield _event("transcript.text.done", text=text_of(part.segments))
                yield "data: [DONE]\n\n"
            else:
                yield _event("transcript.text.delta", delta="".join(word.text for word in part.words))
    except ClientDisconnected:
        return
    except errors.LecternError as error:
        body = error_body(str(error), code=error.code, status=error.status, detail=error.detail, hint=error.hint)
        yield f"data: {json.dumps({'error': {'message': body['message'], 'code': error.code, 'type': error.code}})}\n\n"
    finally:
        synchronous_transcription.delete_recording(caller(), recording_id, components.store)


def _event(kind: str, **fields: str) -> str:
    return f"data: {json.dumps({'type': kind, **fields}, ensure_ascii=False)}\n\n"
