"""The stage that speaks a script, which several pipelines have."""

from __future__ import annotations

from pipelines.stage import Stage
from pipelines.stages import lesson as stages
from services.lessons.duration import TYPICAL_SPEAKING_SPEED
from services.speech_synthesis import VoiceOptions


def voice_stage(weight: float) -> Stage:
    """Return the stage with its share of a pipeline's progress."""
    return Stage(
        "voice",
        stages.speak,
        label="Speaking the narration",
        makes=(stages.SPOKEN_FILE, stages.SOUNDS),
        uses=("script", "lesson", "words"),
        engine=VoiceOptions,
        weight=weight,
        typical_speed=TYPICAL_SPEAKING_SPEED,
    )
