"""The model Kokoro-82M (Apache-2.0) in onnxruntime, with phonemes from the program espeak-ng."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from lib.programs import find_program
from services.speech_synthesis.espeak import phonemes
from services.speech_synthesis.port import Samples, Sound, VoiceMissing, VoiceOptions

MODEL_FILE = "kokoro.onnx"
RATE_HZ = 24_000
_MAX_TOKENS = 500  # the model takes 510
_PREFERRED_VOICES = ("af_heart", "am_michael", "bf_emma", "ef_dora", "ff_siwis", "hf_alpha", "if_sara", "pf_dora")
# The first letter of a voice's name is its language (VOICES.md of the model).
_LANGUAGES = {"en": "ab", "en-us": "a", "en-gb": "b", "es": "e", "fr": "f", "hi": "h", "it": "i", "pt": "p"}
_ESPEAK_LANGUAGE = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br"}

# Token ids of the symbols (config.json of Kokoro-82M v1.0).
_VOCABULARY = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, "—": 9, "…": 10, " ": 16, "\u0303": 17, "A": 24, "I": 25, "O": 31, "W": 39, "Y": 41,
    "ᵊ": 42, "a": 43, "b": 44, "c": 45, "d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56,
    "o": 57, "p": 58, "q": 59, "r": 60, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "x": 66, "y": 67, "z": 68, "ɑ": 69, "ɐ": 70,
    "ɒ": 71, "æ": 72, "β": 75, "ɔ": 76, "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90,
    "ɡ": 92, "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ŋ": 112, "ɳ": 113, "ɲ": 114, "ø": 116, "θ": 119, "œ": 120, "ɹ": 123,
    "ɾ": 125, "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132, "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138, "ɣ": 139, "ʎ": 143, "ʒ": 147,
    "ʔ": 148, "ˈ": 156, "ˌ": 157, "ː": 158, "ʰ": 162, "ʲ": 164, "ᵻ": 177,
}  # fmt: skip

# espeak-ng writes a diphthong as two symbols joined by a tie; the model has one symbol for each.
_SHARED_SYMBOLS = {"d^ʒ": "ʤ", "t^ʃ": "ʧ", "^": "", "\u0329": "", "g": "ɡ"}
_ENGLISH_SYMBOLS = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y", "ə^l": "ᵊl", "oː": "ɔ", "ɚ": "əɹ", "ɐ": "ə", "r": "ɹ", "ʔ": "t",
}  # fmt: skip
_AMERICAN_SYMBOLS = {"ɜː": "ɜɹ", "ː": "", "ɹɹ": "ɹ"}


class Kokoro:
    name = "kokoro"

    def __init__(self, options: VoiceOptions) -> None:
        import onnxruntime

        if not is_usable(options):
            raise VoiceMissing("Kokoro needs its weights and espeak-ng.")
        self._folder = options.folder
        session_options = onnxruntime.SessionOptions()
        session_options.intra_op_num_threads = options.threads
        onnxruntime.set_seed(1)
        model = str(options.folder / MODEL_FILE)
        self._session: Any = onnxruntime.InferenceSession(model, session_options, providers=["CPUExecutionProvider"])
        self._styles: dict[str, Samples] = {}

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        parts = [self._infer(tokens, voice, speed) for tokens in _token_groups(model_symbols(text, voice))]
        return Sound(np.concatenate(parts) if parts else np.zeros(0, np.float32), RATE_HZ)

    def _infer(self, tokens: Sequence[int], voice: str, speed: float) -> Samples:
        if voice not in self._styles:
            self._styles[voice] = np.fromfile(self._folder / f"{voice}.bin", dtype=np.float32).reshape(-1, 1, 256)
        styles = self._styles[voice]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": styles[min(len(tokens), len(styles)) - 1],
            "speed": np.array([speed], dtype=np.float32),
        }
        samples: Samples = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).ravel()
        return samples


def is_usable(options: VoiceOptions) -> bool:
    return (options.folder / MODEL_FILE).is_file() and any(options.folder.glob("*.bin")) and find_program("espeak-ng") is not None


def voices(options: VoiceOptions, language: str) -> Sequence[str]:
    """Return the installed voices that speak a language, preferred ones first."""
    folder = options.folder
    tag = language.lower()
    letters = _LANGUAGES.get(tag) or _LANGUAGES.get(tag.partition("-")[0], "")
    names = sorted(path.stem for path in folder.glob("*.bin") if path.stem[:1] in letters and letters)
    return tuple(
        sorted(names, key=lambda name: (_PREFERRED_VOICES.index(name) if name in _PREFERRED_VOICES else len(_PREFERRED_VOICES), name))
    )


def model_symbols(text: str, voice: str) -> str:
    """Return the phonemes of a text in the symbols of the model; unknown symbols are left out."""
    letter = voice[:1]
    symbols = phonemes(text, _ESPEAK_LANGUAGE[letter])
    changes = dict(_SHARED_SYMBOLS)
    if letter in "ab":
        changes = _ENGLISH_SYMBOLS | (_AMERICAN_SYMBOLS if letter == "a" else {}) | changes
    for espeak_symbol, model_symbol in changes.items():
        symbols = symbols.replace(espeak_symbol, model_symbol)
    return "".join(each for each in symbols if each in _VOCABULARY)


def _token_groups(symbols: str) -> list[list[int]]:
    """Return the ids of the symbols, divided at clauses or words where there are more than the model takes."""
    groups: list[list[int]] = []
    rest = symbols.strip()
    while rest:
        head = rest
        if len(rest) > _MAX_TOKENS:
            marks = [match.end() for match in re.finditer(r"[,;:.!?] ", rest[:_MAX_TOKENS])] or [rest.rfind(" ", 0, _MAX_TOKENS)]
            head = rest[: marks[-1] if marks[-1] > 0 else _MAX_TOKENS]
        groups.append([_VOCABULARY[each] for each in head.strip()])
        rest = rest[len(head) :].strip()
    return groups
