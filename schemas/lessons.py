"""Voices, themes and previews of lessons in the API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from services.lessons.options import LessonOptions
from services.lessons.script import LanguageTag, Scene


class VoiceOut(BaseModel):
    name: str
    engine: str = Field(description="`api`, `kokoro` or `espeak-ng`.")


class VoicesOut(BaseModel):
    voices: list[VoiceOut] = Field(description="Voices for the language, the best one first; may be empty.")


class ThemeOut(BaseModel):
    name: str
    background: str
    text: str
    accent: str
    palette: list[str]
    is_dark: bool


class ThemesOut(BaseModel):
    themes: list[ThemeOut]


class WritersOut(BaseModel):
    model: bool = Field(
        description="Whether a language model is configured. Writing a script on a topic and rewriting a scene need one; "
        "scripts made from the notes of a recording do not."
    )


class PreviewIn(BaseModel):
    """A scene as it is being edited."""

    model_config = ConfigDict(extra="forbid")

    scene: Scene
    language: LanguageTag = Field("en", description="BCP 47 tag of the script.")
    options: LessonOptions = LessonOptions(height=720)
