"""A client of OpenAI-compatible transcription endpoints (https://platform.openai.com/docs/api-reference/audio/createTranscription)."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from typing import Any

import av
import numpy as np
from urllib3.filepost import encode_multipart_formdata

import errors
from lib.provider_api import ProviderApi
from services.speech_to_text.port import SAMPLE_RATE_HZ, HostedSpeech, Samples

_MAX_RESPONSE_BYTES = 32 * 2**20
_NAME = "The speech recognition API"


class TranscriptionApi:
    """A client that threads may share. `prompt` is sent with each request; `is_translation`: the text is English."""

    def __init__(self, options: HostedSpeech, *, prompt: str = "", is_translation: bool = False) -> None:
        self._options, self._prompt, self._is_translation = options, prompt, is_translation
        self._api = ProviderApi(_NAME, options.base_url, options.api_key, timeout_s=options.timeout_s)
        self._has_times = True

    def transcribe(self, audio: Samples, language: str) -> dict[str, Any]:
        """Return the response, with the times of segments and words if the model gives them. `language` "": the model decides.

        Raises ProviderRefused, and TransientError when the last attempt fails.
        """
        sound = _flac(audio)
        if len(sound) > self._options.max_request_bytes:
            raise errors.ProviderRefused(
                f"A chunk of the sound has {len(sound)} bytes; {self._options.max_request_bytes} are allowed.",
                hint="The operator should set a smaller SPEECH_API_CHUNK_S, or a larger SPEECH_API_MAX_MB.",
            )
        if self._has_times:
            try:
                return self._send(sound, language, [("response_format", "verbose_json"), *_GRANULARITIES])
            except errors.ProviderRefused:
                with contextlib.suppress(errors.ProviderRefused):  # models without times refuse that format
                    response = self._send(sound, language, [("response_format", "json")])
                    self._has_times = False
                    return response
                raise
        return self._send(sound, language, [("response_format", "json")])

    def _send(self, sound: bytes, language: str, fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
        form: list[tuple[str, Any]] = [("model", self._options.model), ("temperature", "0"), *fields]
        if language and not self._is_translation:
            form.append(("language", language))
        if self._prompt:
            form.append(("prompt", self._prompt))
        body, content_type = encode_multipart_formdata([*form, ("file", ("audio.flac", sound, "audio/flac"))])
        path = "/audio/translations" if self._is_translation else "/audio/transcriptions"
        return self._api.post(path, body, _parse, max_bytes=_MAX_RESPONSE_BYTES, content_type=content_type)


_GRANULARITIES = [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")]


def _parse(body: bytes) -> dict[str, Any]:
    try:
        response = json.loads(body)
    except ValueError:
        response = None
    if not isinstance(response, dict) or not isinstance(response.get("text"), str):
        raise errors.ProviderDown(f"{_NAME} sent an answer without `text`.")
    return response


def _flac(audio: Samples) -> bytes:
    """Return mono samples as a FLAC file, which is lossless and half as large as WAV."""
    target = io.BytesIO()
    with av.open(target, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono", format="s16")
        samples = np.clip(audio * 32768, -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()
