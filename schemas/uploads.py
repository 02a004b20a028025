"""Multipart forms, which the routes read field by field; these models describe them in /openapi.json."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lib.validation_messages import HTTP_URL
from schemas.openai_audio import AudioForm
from schemas.options import LectureOptions
from schemas.scripts import ScriptRequestFields
from schemas.spec_hints import dependent_fields
from schemas.webhooks import SIGNING_KEY
from services.documents import FORMATS
from services.library.chunked_uploads import MAX_CHUNKS

_FORMAT = f"({'|'.join(FORMATS)})"
_FORMATS = f"^({_FORMAT}(,{_FORMAT})*)?$"


def _with_options(schema: dict[str, Any]) -> None:
    """Add the options of the conversion to the form's own fields."""
    dependent_fields("webhook_secret", "webhook_url")(schema)
    schema["properties"] = {**LectureOptions.model_json_schema()["properties"], **schema["properties"]}


class _RecordingForm(BaseModel):
    """multipart/form-data. An empty field counts as omitted."""

    model_config = ConfigDict(json_schema_extra=_with_options)

    subtitles: str | None = Field(
        None, description="SRT or WebVTT, used instead of speech recognition.", json_schema_extra={"format": "binary"}
    )
    transcript: str | None = Field(
        None,
        description="What is said, without times: a text, or a file (TXT, Markdown, DOCX). It is aligned with the recognised words.",
        json_schema_extra={"format": "binary"},
    )
    title: str = Field("", max_length=500)
    webhook_url: str = Field("", max_length=2000, pattern=f"^({HTTP_URL})?$", description="URL that receives an event when the job ends.")
    webhook_secret: str = Field("", pattern=f"^({SIGNING_KEY})?$", description="Key of the webhook's signatures; generated if omitted.")


class UploadForm(_RecordingForm):
    __doc__ = _RecordingForm.__doc__

    file: str = Field(description="The recording.", json_schema_extra={"format": "binary"})
    formats: str = Field("", pattern=_FORMATS, description="Comma-separated; every format if omitted.")


class ReplacementForm(BaseModel):
    """multipart/form-data"""

    file: str = Field(description="The recording.", json_schema_extra={"format": "binary"})
    subtitles: str | None = Field(
        None, description="SRT or WebVTT, used instead of speech recognition.", json_schema_extra={"format": "binary"}
    )


class AnyFileForm(UploadForm):
    __doc__ = _RecordingForm.__doc__

    file: str = Field(description="A recording, a picture or a document.", json_schema_extra={"format": "binary"})
    folder: str = Field("", max_length=200, description="A name to sort pictures and documents by.")


class FootageForm(AnyFileForm):
    __doc__ = _RecordingForm.__doc__

    project_id: str = Field("", max_length=64, description="The project that gets the file.")


class DirectForm(_RecordingForm):
    __doc__ = _RecordingForm.__doc__

    video: str = Field(description="The recording.", json_schema_extra={"format": "binary"})
    formats: str = Field("", pattern=_FORMATS, description="Comma-separated; PDF if omitted.")


class ChunkForm(BaseModel):
    """multipart/form-data"""

    chunk: str = Field(description="The chunk's bytes.", json_schema_extra={"format": "binary"})
    chunk_index: int = Field(ge=0, description="Counted from 0.")
    total_chunks: int = Field(ge=1, le=MAX_CHUNKS)
    file_id: str = Field(min_length=1, max_length=200, description="The same for all chunks of a file.")
    original_filename: str = Field(min_length=1)


class OwnTextForm(BaseModel):
    """multipart/form-data"""

    transcript: str = Field(description="A text, or a file (TXT, Markdown, DOCX).", json_schema_extra={"format": "binary"})


class DeckForm(BaseModel):
    """multipart/form-data"""

    deck: str = Field(description="The deck that the lecture was given with (PPTX, PDF).", json_schema_extra={"format": "binary"})


class ReferenceDocumentForm(BaseModel):
    """multipart/form-data"""

    file: str = Field(description="A Word file (.docx) of at most 10 MiB.", json_schema_extra={"format": "binary"})


class ScriptFileForm(ScriptRequestFields):
    """multipart/form-data"""

    file: str = Field(description="A document (TXT, Markdown, DOCX) or a deck (PPTX, PDF).", json_schema_extra={"format": "binary"})


FORMS: dict[str, type[BaseModel]] = {
    "UploadForm": UploadForm,
    "DirectForm": DirectForm,
    "AnyFileForm": AnyFileForm,
    "FootageForm": FootageForm,
    "ChunkForm": ChunkForm,
    "OwnTextForm": OwnTextForm,
    "ReplacementForm": ReplacementForm,
    "DeckForm": DeckForm,
    "ReferenceDocumentForm": ReferenceDocumentForm,
    "AudioForm": AudioForm,
    "ScriptFileForm": ScriptFileForm,
}
