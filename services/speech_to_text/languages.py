"""Which languages can be heard: those that multilingual Whisper weights were trained on."""

from __future__ import annotations

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


def can_be_heard(language: str) -> bool:
    """Whether speech in this language can be recognised; true for "", which leaves it to be detected."""
    return (engine_code(language) or "en") in _LANGUAGES
