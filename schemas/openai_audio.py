"""Transcriptions in the shape of OpenAI's audio API (https://platform.openai.com/docs/api-reference/audio)."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from schemas.options import Language
from services.transcript_text.words import EditableSegment

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json"]
_MIN_PROBABILITY = 1e-4


class AudioIn(BaseModel):
    """The fields of the form besides the file. Fields that are not listed are ignored, as clients send those of newer models."""

    model: str = Field("whisper-1", max_length=200, description="Any name; the server's own model recognises the speech.")
    language: Language = ""
    prompt: str = Field("", max_length=2000, description="Names and spelling that may occur.")
    response_format: ResponseFormat = "json"
    timestamp_granularities: Annotated[list[Literal["word", "segment"]], Field(max_length=2)] = ["segment"]
    stream: bool = False


class AudioForm(BaseModel):
    """multipart/form-data. An empty field counts as omitted."""

    file: str = Field(description="The recording.", json_schema_extra={"format": "binary"})
    model: str = Field("whisper-1", max_length=200, description="Any name; the server's own model recognises the speech.")
    language: Language = ""
    prompt: str = Field("", max_length=2000, description="Names and spelling that may occur.")
    response_format: ResponseFormat = "json"
    stream: bool = Field(False, description="Answer with events `transcript.text.delta` and `transcript.text.done`.")


class ModelOut(BaseModel):
    id: str = Field(description="A name for `model`.")
    object: Literal["model"] = "model"
    created: int = Field(description="Unix time; always 0: the dates of models are not known.")
    owned_by: str


class ModelsOut(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelOut]


def text_of(segments: Sequence[EditableSegment]) -> str:
    """Return all segments as one text."""
    return "".join(word.text for segment in segments for word in segment.words).strip()


def verbose(
    segments: Sequence[EditableSegment], granularities: Sequence[str], *, task: str, language: str, duration_s: float
) -> dict[str, Any]:
    """Return the body of `verbose_json`. Lectern keeps no tokens, and no probability of silence."""
    body: dict[str, Any] = {"task": task, "language": language, "duration": round(duration_s, 3), "text": text_of(segments)}
    if "segment" in granularities:
        body["segments"] = [_segment(number, segment) for number, segment in enumerate(segments)]
    if "word" in granularities:
        words = [word for segment in segments for word in segment.words]
        body["words"] = [{"word": word.text.strip(), "start": word.start_s, "end": word.end_s} for word in words]
    return body


def _segment(number: int, segment: EditableSegment) -> dict[str, Any]:
    logs = [math.log(max(word.probability, _MIN_PROBABILITY)) for word in segment.words]
    text = segment.text.encode()
    return {
        "id": number,
        "seek": 0,
        "start": segment.start_s,
        "end": segment.end_s,
        "text": "".join(word.text for word in segment.words),
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(sum(logs) / len(logs), 4) if logs else 0.0,
        "compression_ratio": round(len(text) / len(zlib.compress(text)), 4) if text else 1.0,
        "no_speech_prob": 0.0,
    }
