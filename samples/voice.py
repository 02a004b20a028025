"""Text to speech for the samples: the Kokoro model in onnxruntime, phonemes from the program espeak-ng."""

import hashlib
import re
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime

RATE_HZ = 24_000
SHA256 = {
    "kokoro.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "af_heart.bin": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
}

# Token ids of the symbols used for English (config.json of Kokoro-82M v1.0).
VOCABULARY = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, " ": 16, "A": 24, "I": 25, "O": 31, "W": 39, "Y": 41, "ᵊ": 42,
    "a": 43, "b": 44, "d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "o": 57,
    "p": 58, "s": 61, "t": 62, "u": 63, "v": 64, "w": 65, "z": 68, "ɑ": 69, "æ": 72, "ɔ": 76, "ð": 81, "ʤ": 82, "ə": 83,
    "ɛ": 86, "ɜ": 87, "ɡ": 92, "ɪ": 102, "ŋ": 112, "θ": 119, "ɹ": 123, "ɾ": 125, "ʃ": 131, "ʧ": 133, "ʊ": 135, "ʌ": 138,
    "ʒ": 147, "ˈ": 156, "ˌ": 157, "ᵻ": 177,
}  # fmt: skip

# espeak-ng writes a diphthong as two symbols joined by a tie; the model has one symbol for each.
MODEL_SYMBOLS = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ɔ^ɪ": "Y", "d^ʒ": "ʤ", "t^ʃ": "ʧ", "ə^l": "ᵊl",
    "oː": "ɔ", "ɚ": "əɹ", "ɜː": "ɜɹ", "ɐ": "ə", "r": "ɹ", "ː": "", "^": "", "\u0329": "", "ʔ": "t", "ɹɹ": "ɹ",
}  # fmt: skip


def phonemes_of(text: str) -> str:
    """Return the American English phonemes in the model's symbols. espeak-ng drops punctuation, so it is called for each clause."""
    clauses = []
    for clause, mark in re.findall(r"([^,.:;!?]+)([,.:;!?]*)", text):
        command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", clause.strip()]
        ipa = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        clauses.append(" ".join(ipa.split()) + mark)
    phonemes = " ".join(clauses)
    for espeak_symbol, model_symbol in MODEL_SYMBOLS.items():
        phonemes = phonemes.replace(espeak_symbol, model_symbol)
    unknown = set(phonemes) - set(VOCABULARY)
    if unknown:
        raise ValueError(f"the model has no symbol for {unknown} in {phonemes!r}")
    return phonemes


class Voice:
    """A Kokoro voice from a folder with kokoro.onnx and af_heart.bin."""

    def __init__(self, weights: Path, speed: float) -> None:
        for name, sha256 in SHA256.items():
            if hashlib.sha256((weights / name).read_bytes()).hexdigest() != sha256:
                raise ValueError(f"{weights / name} is not the expected file (sha256 {sha256})")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        onnxruntime.set_seed(1)
        self.session = onnxruntime.InferenceSession(str(weights / "kokoro.onnx"), options, providers=["CPUExecutionProvider"])
        self.styles = np.fromfile(weights / "af_heart.bin", dtype=np.float32).reshape(-1, 1, 256)
        self.speed = np.array([speed], dtype=np.float32)

    def speak(self, text: str) -> np.ndarray:
        """Return mono float samples at RATE_HZ, without the silence at both ends."""
        tokens = [VOCABULARY[phoneme] for phoneme in phonemes_of(text)]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self.styles[len(tokens) - 1],
            "speed": self.speed,
        }
        sound = self.session.run(None, inputs)[0].ravel()
        audible = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
        margin = RATE_HZ // 25
        return sound[max(0, audible[0] - margin) : audible[-1] + margin]
