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
    if tts_provider in ("gemini", "gemini_batch", "dia"):
        problems.append(f"TTS_PROVIDER={tts_provider} has no OpenAI-compatible speech API. Leave it empty for the voice of VOICE_ENGINE.")
    elif tts_provider != "mock" and not usable_engines(voices):
        problems.append(f"{VoiceMissing().message} {VoiceMissing.hint}")
    return problems
