"""Options of a conversion."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from lib.media_time import TIME_PATTERN, parse_time
from lib.numbers import reject_bool
from services.documents import FORMATS
from services.documents.port import Layout

_LANGUAGE = "([a-z]{2,3})?"
Language = Annotated[str, Field(pattern=f"^{_LANGUAGE}$", description="ISO 639-1 code of the speech, such as `en`; empty: detected.")]

Track = Annotated[int, Field(ge=0, le=99), reject_bool]

_TIME = rf"^({TIME_PATTERN})?$"
Time = Annotated[str, Field(pattern=_TIME)]

_BOX = "[0-9]{1,5},[0-9]{1,5},[0-9]{1,5},[0-9]{1,5}"
_MAX_IGNORED_AREAS = 20


class DocumentOptions(BaseModel):
    """Options of the documents; those of the pipeline `document_rendering`. The fields beside `formats` are those of `RenderOptions`."""

    model_config = ConfigDict(extra="forbid")

    formats: tuple[str, ...] = Field(
        tuple(FORMATS),
        description="Formats of the documents; all if omitted.",
        json_schema_extra={"items": {"type": "string", "enum": list(FORMATS)}, "minItems": 1},
    )
    revisits: Literal["once", "each"] = Field("once", description="A slide that is shown again: one page in all, or one per visit.")
    paper: Literal["a4", "letter"] = "a4"
    layout: Layout = Field(
        "page",
        description="Layout of the PDF: a page for each slide, slides and words as they fit, three slides a page with lines to write on, "
        "or the words without pictures.",
    )

    qr_codes: Annotated[bool, Field(description="The PDF has the link of each slide as a QR code, for readers of a printed copy.")] = False

    @field_validator("formats", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip().lower() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("formats")
    @classmethod
    def _require_known_formats(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in FORMATS]
        if unknown or not value:
            raise ValueError(f"choose from {', '.join(FORMATS)}" + (f"; {', '.join(unknown)} is not one of them" if unknown else ""))
        return tuple(dict.fromkeys(value))


class LectureOptions(DocumentOptions):
    """Options of the pipeline `lecture_notes`."""

    language: Language = ""
    builds: Literal["final", "all"] = Field("final", description="Images of a slide's final state only, or of every build step.")
    sensitivity: Literal["low", "normal", "high"] = Field("normal", description="How small a change starts a new slide.")
    region: str = Field(
        "",
        pattern=rf"^({_BOX})?$",
        description="Area of the slide in the video: `x,y,width,height` in pixels. Detected if omitted.",
    )
    ignore: str = Field(
        "",
        pattern=rf"^({_BOX}(;{_BOX}){{0,{_MAX_IGNORED_AREAS - 1}}})?$",
        description="Moving areas that are not part of a slide: `x,y,width,height`, separated by `;`.",
    )
    audio_track: Track = Field(0, description="Audio track to transcribe, from 1; 0: the first one that has sound.")
    video_track: Track = Field(0, description="Video track with the slides, from 1; 0: the default track, else the largest.")
    translate: Annotated[bool, Field(description="Write down speech of any language in English.")] = False
    start_time: Time = Field("", description="Start of the part to convert: `h:m:s`, `m:s` or seconds; empty: the start of the recording.")
    end_time: Time = Field("", description="End of that part; empty: the end of the recording.")
    proofread: Literal["off", "rules", "model"] = Field(
        "off", description="Correct the transcript by rules, or by the language model of the server; each change can be reviewed."
    )
    review_first: Annotated[bool, Field(description="Corrections wait until a person accepts them; the text stays until then.")] = False
    tracked_changes: Annotated[bool, Field(description="Word documents show what differs from the recognised text as tracked changes.")] = (
        False
    )

    @field_validator("language", mode="before")
    @classmethod
    def _base_language(cls, value: Any) -> Any:
        """Reduce `en-GB` and `EN` to `en`."""
        if not isinstance(value, str):
            return value
        code = value.strip().lower().replace("_", "-").partition("-")[0]
        if not re.fullmatch(_LANGUAGE, code):
            raise ValueError("a language is a code of ISO 639-1, such as `en`")
        return code

    @field_validator("region", "ignore", mode="before")
    @classmethod
    def _check_boxes(cls, value: Any, info: ValidationInfo) -> Any:
        """Say what is expected instead of quoting the pattern."""
        count = _MAX_IGNORED_AREAS if info.field_name == "ignore" else 1
        boxes = value.split(";") if isinstance(value, str) and value else []
        if len(boxes) > count:
            raise ValueError(f"give at most {count} areas" if count > 1 else "give one area")
        if not all(re.fullmatch(_BOX, box) for box in boxes):
            raise ValueError("an area is four numbers `x,y,width,height` in pixels, such as `0,0,1280,720`")
        return value

    @field_validator("start_time", "end_time", mode="before")
    @classmethod
    def _check_time(cls, value: Any) -> Any:
        """Say what is expected instead of quoting the pattern; seconds may be a number."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value:.3f}".rstrip("0").rstrip(".")
        if isinstance(value, str) and value:
            parse_time(value)
        return value

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.end_time and parse_time(self.end_time) <= parse_time(self.start_time or "0"):
            raise ValueError("The end (end_time) must be later than the start (start_time)")
        return self
