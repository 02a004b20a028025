"""A client of OpenAI-compatible speech endpoints (https://platform.openai.com/docs/api-reference/audio/createSpeech)."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Sequence

import numpy as np

import errors
from lib.provider_api import ProviderApi
from services.speech_synthesis.port import Sound, VoiceOptions

_MAX_BYTES = 64 * 2**20
_DEFAULT_VOICE, _DEFAULT_MODEL = "alloy", "tts-1"


class SpeechApi:
    name = "api"

    def __init__(self, options: VoiceOptions) -> None:
        self._model = options.model or _DEFAULT_MODEL
        self._api = ProviderApi("The speech API", options.base_url, options.api_key, timeout_s=options.timeout_s)

    def speak(self, text: str, language: str, voice: str, speed: float) -> Sound:
        """Return the sound. Raises ProviderRefused, and TransientError when the last attempt fails."""
        request = {"model": self._model, "input": text, "voice": voice, "response_format": "wav", "speed": speed}
        return self._api.post("/audio/speech", json.dumps(request).encode(), _read_wav, max_bytes=_MAX_BYTES, accept="audio/wav")


def voices(options: VoiceOptions, language: str) -> Sequence[str]:
    """Return the configured voice; the API takes any name, and has no list of them."""
    return (options.default_voice or _DEFAULT_VOICE,)


def is_usable(options: VoiceOptions) -> bool:
    return bool(options.base_url)


def _read_wav(body: bytes) -> Sound:
    """Read a WAV of 16 bits. Streamed responses have no valid length in their header, so that the rest of the body counts."""
    try:
        with wave.open(io.BytesIO(body)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(len(body))
    except (wave.Error, EOFError) as error:
        raise errors.ProviderDown(f"The speech API sent no WAV ({error}).") from None
    if width != 2 or not 8000 <= rate <= 96_000:
        raise errors.ProviderDown(f"The speech API sent a WAV of {8 * width} bits and {rate} Hz; 16 bits are expected.")
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], dtype=np.int16).reshape(-1, channels)
    return Sound((samples.astype(np.float32) / 32768).mean(axis=1), rate)
