"""Voices, themes and previews of lessons in the API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from services.lessons.options import LessonOptions
from services.lessons.script import LanguageTag, Scene


class VoiceOut(BaseModel):
    name: str
    engine: str = Field(description="`api`, `kokoro` or `espeak-ng`.")


class VoicesOut(BaseModel):
    voices: list[VoiceOut] = Field(description="The best one first; empty if none speaks the language.")


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
    model: bool = Field(description="Whether a language model is configured. Topics and rewriting a scene need one; drafts of notes don't.")


class PreviewIn(BaseModel):
    """A scene as it is being edited."""

    model_config = ConfigDict(extra="forbid")

    scene: Scene
    language: LanguageTag = Field("en", description="BCP 47 tag of the script.")
    options: LessonOptions = LessonOptions(height=720)
