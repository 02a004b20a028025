"""The languages that multilingual Whisper weights support."""

from __future__ import annotations

import contextlib

import errors
from services.speech_to_text.port import SpeechOptions
from services.speech_to_text.weights import are_english_only

# openai/whisper, whisper/tokenizer.py, LANGUAGES; without `yue`, which only large-v3 supports
_NAMES = """
en English|zh Chinese|de German|es Spanish|ru Russian|ko Korean|fr French|ja Japanese|pt Portuguese|tr Turkish|pl Polish|ca Catalan|
nl Dutch|ar Arabic|sv Swedish|it Italian|id Indonesian|hi Hindi|fi Finnish|vi Vietnamese|he Hebrew|uk Ukrainian|el Greek|ms Malay|
cs Czech|ro Romanian|da Danish|hu Hungarian|ta Tamil|no Norwegian|th Thai|ur Urdu|hr Croatian|bg Bulgarian|lt Lithuanian|la Latin|
mi Maori|ml Malayalam|cy Welsh|sk Slovak|te Telugu|fa Persian|lv Latvian|bn Bengali|sr Serbian|az Azerbaijani|sl Slovenian|kn Kannada|
et Estonian|mk Macedonian|br Breton|eu Basque|is Icelandic|hy Armenian|ne Nepali|mn Mongolian|bs Bosnian|kk Kazakh|sq Albanian|
sw Swahili|gl Galician|mr Marathi|pa Punjabi|si Sinhala|km Khmer|sn Shona|yo Yoruba|so Somali|af Afrikaans|oc Occitan|ka Georgian|
be Belarusian|tg Tajik|sd Sindhi|gu Gujarati|am Amharic|yi Yiddish|lo Lao|uz Uzbek|fo Faroese|ht Haitian Creole|ps Pashto|tk Turkmen|
nn Norwegian Nynorsk|mt Maltese|sa Sanskrit|lb Luxembourgish|my Burmese|bo Tibetan|tl Tagalog|mg Malagasy|as Assamese|tt Tatar|
haw Hawaiian|ln Lingala|ha Hausa|ba Bashkir|jw Javanese|su Sundanese
"""
_LANGUAGES = dict(entry.strip().split(" ", 1) for entry in _NAMES.split("|"))
_CODES = {name.lower(): code for code, name in _LANGUAGES.items()}
_ALIASES = {"nb": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "jv": "jw"}


def engine_code(language: str | None) -> str | None:
    """Convert a language tag ("pt-BR", "iw") to the engines' code; return None for an empty one."""
    code = (language or "").lower().replace("_", "-").partition("-")[0]
    return _ALIASES.get(code, code) or None


def english_name(code: str) -> str:
    """Return the English name of a language, for messages; its code if unknown."""
    return _LANGUAGES.get(code, code)


def code_of(name: str) -> str:
    """Return the code of a language that a provider names ("english", "en", "pt-BR"); "" if it is unknown."""
    code = engine_code(name) or ""
    return code if code in _LANGUAGES else _CODES.get(name.strip().lower(), "")


def check_language(language: str, options: SpeechOptions) -> None:
    """Raise UnknownLanguage if the weights of `options` do not support `language`; "" (detect it) is always valid."""
    code = engine_code(language) or "en"
    if code not in _LANGUAGES:
        raise errors.UnknownLanguage(f"`{language}` is not supported by speech recognition.")
    if options.hosted is not None:
        return
    with contextlib.suppress(errors.ModelMissing):  # the job reports missing weights
        if code != "en" and are_english_only(options):
            raise errors.UnknownLanguage(
                f"The installed speech weights support English only, not `{language}`.",
                hint="Send subtitles with the recording, or ask the operator to install multilingual weights.",
            )
