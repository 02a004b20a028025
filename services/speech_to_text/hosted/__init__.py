"""Speech recognition elsewhere.

`worker` sends a recording to an OpenAI-compatible API, chunk by chunk; what it returns is checked and assembled like local recognition.
`inference` sends it as a whole to a service that returns a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.speech_to_text.port import HostedSpeech, InferenceService

if TYPE_CHECKING:
    from config import Settings


def from_settings(settings: Settings) -> HostedSpeech | None:
    """Return the configured API; None if speech is recognised on this machine."""
    if not settings.speech_base_url:
        return None
    return HostedSpeech(
        settings.speech_base_url,
        settings.speech_api_model,
        settings.speech_api_key.get_secret_value(),
        max_request_bytes=round(settings.speech_api_max_mb * 10**6),
        chunk_s=settings.speech_api_chunk_s,
        timeout_s=settings.speech_api_timeout_s,
        concurrency=settings.speech_api_concurrency,
    )


def inference_from_settings(settings: Settings) -> InferenceService | None:
    """Return the configured inference service; None unless both of its URLs are set."""
    if not (settings.transcribe_api_url and settings.get_result_transcribe_api_url):
        return None
    key = settings.transcribe_api_key.get_secret_value()
    return InferenceService(settings.transcribe_api_url, settings.get_result_transcribe_api_url, key)
