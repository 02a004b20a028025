"""Settings of lessons and of Manimate's paths."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class LessonSettings(BaseModel):
    """Lessons, and the paths of Manimate"""

    open_mode: Literal["off", "loopback", "network"] = Field(
        "off",
        description="For a host of one person: whether requests without credentials act for the only account. `loopback`: from this "
        "machine only; `network`: from everywhere, so use it in a network that you trust. Refused as soon as there are two accounts.",
    )
    script_wait_s: float = Field(
        30.0, ge=0, le=600, description="Time that POST /submit and /api/generate_scripts wait for the scripts, before /submit answers 202."
    )
    tts_provider: Literal["", "server", "mock", "openai", "gemini", "gemini_batch", "dia"] = Field(
        "",
        description="Voice of videos that Manimate's paths request: `mock` is silent; empty, `server` and `openai` are the voice of "
        "VOICE_ENGINE. `gemini` and `gemini_batch` need GOOGLE_API_KEY and choose the engine `gemini` if VOICE_ENGINE is empty. `dia` is "
        "refused.",
    )
