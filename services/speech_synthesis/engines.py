"""The registry of voice engines, best first. To add one, write a module in this package and add a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.speech_synthesis import espeak, gemini, kokoro, speech_api
from services.speech_synthesis.port import UnknownVoice, VoiceEngine, VoiceMissing, VoiceOptions


@dataclass(frozen=True)
class EngineEntry:
    """`voices` returns the names of an engine's voices for a language without loading it, which takes seconds for a model."""

    load: Callable[[VoiceOptions], VoiceEngine]
    is_usable: Callable[[VoiceOptions], bool]
    voices: Callable[[VoiceOptions, str], Sequence[str]]


ENGINES = {
    "api": EngineEntry(speech_api.SpeechApi, speech_api.is_usable, speech_api.voices),
    "gemini": EngineEntry(gemini.Gemini, gemini.is_usable, gemini.voices),
    "kokoro": EngineEntry(kokoro.Kokoro, kokoro.is_usable, kokoro.voices),
    "espeak-ng": EngineEntry(espeak.Espeak, espeak.is_usable, espeak.voices),
}


@dataclass(frozen=True)
class ChosenVoice:
    """An engine with one of its voices. `warning` is a sentence for the user, or ""."""

    engine: VoiceEngine
    voice: str
    warning: str = ""


def usable_engines(options: VoiceOptions) -> tuple[str, ...]:
    """Return the engines that the settings and installed files allow, best first."""
    return tuple(name for name, entry in ENGINES.items() if (not options.engine or name == options.engine) and entry.is_usable(options))


def list_voices(options: VoiceOptions, language: str) -> list[tuple[str, str]]:
    """Return the usable voices for a language with their engines, the best first."""
    return [(voice, name) for name in usable_engines(options) for voice in ENGINES[name].voices(options, language)]


def choose_voice(options: VoiceOptions, language: str, voice: str) -> ChosenVoice:
    """Return the named voice, or for "" the default one, else the best one for the language. Raises VoiceMissing and UnknownVoice."""
    names = usable_engines(options)
    if not names:
        raise VoiceMissing(f"The voice engine {options.engine!r} is not usable." if options.engine else "")
    for name in names:
        voices = ENGINES[name].voices(options, language)
        if voices and (not voice or voice in voices or name == "api"):
            engine = ENGINES[name].load(options)
            default = options.default_voice if options.default_voice in voices else voices[0]
            return ChosenVoice(engine, voice or default, _warning(engine, language))
    if voice:
        raise UnknownVoice(f"{voice!r} does not speak {language!r}.")
    raise VoiceMissing(f"None of {', '.join(names)} speaks {language!r}.")


def _warning(engine: VoiceEngine, language: str) -> str:
    if engine.name != "espeak-ng":
        return ""
    return "The lesson is spoken by a robotic voice (espeak-ng). An administrator can install natural voices: `lectern voices install`."
