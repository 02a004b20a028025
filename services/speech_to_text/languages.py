"""The languages that multilingual Whisper weights support."""

from __future__ import annotations

import contextlib

import errors
from services.speech_to_text.port import SpeechOptions
from services.speech_to_text.weights import are_english_only

# openai/whisper, whisper/tokenizer.py, LANGUAGES; without `yue`, which only large-v3 supports
_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr
az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl
mg as tt haw ln ha ba jw su
"""
_LANGUAGES = frozenset(_CODES.split())
_ALIASES = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "jv": "jw"}


def engine_code(language: str | None) -> str | None:
    """Convert a language tag ("pt-BR", "iw") to the engines' code; return None for an empty one."""
    code = (language or "").lower().replace("_", "-").partition("-")[0]
    return _ALIASES.get(code, code) or None


def check_language(language: str, options: SpeechOptions) -> None:
    """Raise UnknownLanguage if the weights of `options` do not support `language`; "" (detect it) is always valid."""
    code = engine_code(language) or "en"
    if code not in _LANGUAGES:
        raise errors.UnknownLanguage(f"`{language}` is not supported by speech recognition.")
    with contextlib.suppress(errors.ModelMissing):  # the job reports missing weights
        if code != "en" and are_english_only(options):
            raise errors.UnknownLanguage(
                f"The installed speech weights support English only, not `{language}`.",
                hint="Send subtitles with the recording, or ask the operator to install multilingual weights.",
            )
