"""Endpoints for editors of lessons: voices, themes, and the picture of a scene."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel, Field

from routes.body_limits import accepts_json
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from schemas.lessons import PreviewIn, ThemeOut, ThemesOut, VoiceOut, VoicesOut, WritersOut
from services.lessons import previews
from services.lessons.script import LanguageTag
from services.lessons.themes import THEMES
from services.lessons.writer import WriterOptions
from services.speech_synthesis import VoiceOptions, list_voices

lessons = Blueprint("lessons", __name__, scope="content", tag="Lessons")
_MAX_SCENE_BYTES = 2**18


class VoicesQuery(BaseModel):
    language: LanguageTag = Field("en", description="BCP 47 tag.")


@lessons.get("/voices")
@login_required
@lessons.input(VoicesQuery, location="query")
@lessons.output(VoicesOut)
def show_voices(query_data: VoicesQuery) -> Any:
    """List the voices that can speak lessons in a language."""
    voices = list_voices(container().engines.get(VoiceOptions), query_data.language)
    return VoicesOut(voices=[VoiceOut(name=name, engine=engine) for name, engine in voices])


@lessons.get("/writers")
@login_required
@lessons.output(WritersOut)
def show_writers() -> Any:
    """Tell whether scripts can be written by a language model."""
    return WritersOut(model=container().engines.get(WriterOptions).is_configured)


@lessons.get("/themes")
@login_required
@lessons.output(ThemesOut)
def show_themes() -> Any:
    """List the themes of lessons with their colours."""
    return ThemesOut(
        themes=[
            ThemeOut(
                name=name,
                background=theme.background,
                text=theme.text,
                accent=theme.accent,
                palette=list(theme.palette),
                is_dark=theme.is_dark,
            )
            for name, theme in THEMES.items()
        ]
    )


@lessons.post("/previews")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_json(_MAX_SCENE_BYTES)
@lessons.input(PreviewIn)
@lessons.doc(
    responses={200: binary_response("The finished slide", "image/png"), 404: "No such slide of a recording", 422: "It does not fit"}
)
def preview_scene(json_data: PreviewIn) -> Response:
    """Draw the slide of a scene with all its elements, without voice."""
    picture = previews.draw(caller(), json_data.scene, json_data.language, json_data.options, container().store)
    response = Response(picture, content_type="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response
