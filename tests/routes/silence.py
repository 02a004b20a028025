"""A recording without slides and speech: its conversion fails quickly and permanently."""

from __future__ import annotations

import io
import wave


def silence() -> bytes:
    """Return one second of silence as WAV."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return buffer.getvalue()


def silent_recording() -> dict[str, object]:
    """Return the form fields that upload it."""
    return {"file": (io.BytesIO(silence()), "silence.wav"), "formats": "txt"}
