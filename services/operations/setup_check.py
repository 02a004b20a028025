"""Finds missing parts for lessons: a language model for topics, and a voice."""

from __future__ import annotations

from services.lessons.writer import TopicNeedsModel, WriterOptions
from services.speech_synthesis import VoiceMissing, VoiceOptions
from services.speech_synthesis.engines import usable_engines


def lesson_problems(writer: WriterOptions, voices: VoiceOptions, tts_provider: str) -> list[str]:
    """Return what has to be set before topics can be written and videos spoken, as sentences."""
    problems = []
    if not writer.is_configured:
        problems.append(f"{TopicNeedsModel().message} {TopicNeedsModel.hint}")
    engines = usable_engines(voices)
    if tts_provider == "dia" or (tts_provider in ("gemini", "gemini_batch") and "gemini" not in engines):
        problems.append(
            f"TTS_PROVIDER={tts_provider} is not set up: `gemini` needs GOOGLE_API_KEY, and `dia` is not supported. "
            "Leave it empty for the voice of VOICE_ENGINE."
        )
    elif tts_provider != "mock" and not engines:
        problems.append(f"{VoiceMissing().message} {VoiceMissing.hint}")
    return problems
