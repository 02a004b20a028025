"""A client of Gemini's speech (https://ai.google.dev/gemini-api/docs/speech-generation). `speed` has no effect."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence

import numpy as np

import errors
from lib.provider_api import ProviderApi
from services.speech_synthesis.port import Sound, VoiceOptions

_BASE_URL = "https://generativelanguage.googleapis.com/v1beta"
_DEFAULT_MODEL = "gemini-2.5-flash-preview-tts"
_MAX_BYTES = 64 * 2**20
_RATE = re.compile(r"^audio/L16\b.*?\brate=(\d{4,6})\b", re.IGNORECASE)
_DEFAULT_RATE_HZ = 24_000
_VOICES = (
    *("Kore", "Puck", "Charon", "Zephyr", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe", "Enceladus", "Iapetus", "Umbriel"),
    *("Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi", "Laomedeia", "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima"),
    *("Achird", "Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat"),
)


class Gemini:
    name = "gemini"

    def __init__(self, options: VoiceOptions) -> None:
        self._model = options.model if options.model.startswith("gemini") else _DEFAULT_MODEL
        url, key = options.base_url or _BASE_URL, options.gemini_key
        self._api = ProviderApi("Gemini's speech", url, key, timeout_s=options.timeout_s, key_header="x-goog-api-key")

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        """Return the sound. Raises ProviderRefused, and TransientError when the last attempt fails."""
        speech = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
        request = {
            "contents": [{"parts": [{"text": text}]}],
            "generationConfig": {"responseModalities": ["AUDIO"], "speechConfig": speech},
        }
        return self._api.post(f"/models/{self._model}:generateContent", json.dumps(request).encode(), _read, max_bytes=_MAX_BYTES)


def voices(options: VoiceOptions, language: str) -> Sequence[str]:
    """Return all voices; each speaks every language of the model, which recognises that of the text."""
    return _VOICES


def is_usable(options: VoiceOptions) -> bool:
    """Whether it was chosen by name: a key for chat alone must not send narrations to Google."""
    return options.engine == Gemini.name and bool(options.gemini_key)


def _read(body: bytes) -> Sound:
    """Read PCM of 16 bits in base64."""
    try:
        part = json.loads(body)["candidates"][0]["content"]["parts"][0]["inlineData"]
        rate = _RATE.match(part["mimeType"])
        data = base64.b64decode(part["data"], validate=True)
    except (ValueError, LookupError, TypeError) as error:
        raise errors.ProviderDown(f"Gemini's speech sent no sound ({type(error).__name__}).") from None
    samples = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32768)
    if not len(samples):
        raise errors.ProviderDown("Gemini's speech sent no sound (it is empty).")
    return Sound(samples, int(rate[1]) if rate else _DEFAULT_RATE_HZ)
