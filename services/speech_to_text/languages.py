"""Which languages can be heard: those that multilingual Whisper weights were trained on."""

from __future__ import annotations

import contextlib

import errors
from services.speech_to_text.port import SpeechOptions
from services.speech_to_text.weights import know_english_alone

# openai/whisper, whisper/tokenizer.py, LANGUAGES; without `yue`, which the third large model alone knows
_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr
az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl
mg as tt haw ln ha ba jw su
"""
_LANGUAGES = frozenset(_CODES.split())
_OTHER_NAMES = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "jv": "jw"}


def engine_code(language: str | None) -> str | None:
    """ "pt-BR" and codes of older or finer lists as the engines know them; None where none is given."""
    code = (language or "").lower().replace("_", "-").partition("-")[0]
    return _OTHER_NAMES.get(code, code) or None


def check_language(language: str, options: SpeechOptions) -> None:
    """Raise UnknownLanguage for one that the weights of `options` can't hear; "" leaves it to be detected."""
    code = engine_code(language) or "en"
    if code not in _LANGUAGES:
        raise errors.UnknownLanguage(f"`{language}` is not one of those that can be recognised.")
    with contextlib.suppress(errors.ModelMissing):  # that is the job's to say
        if code != "en" and know_english_alone(options):
            raise errors.UnknownLanguage(
                f"The speech weights that are installed know English alone, not `{language}`.",
                hint="Send subtitles with the recording, or ask the operator for multilingual weights.",
            )
