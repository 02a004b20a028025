"""A recording with neither slides nor speech: its conversion fails soon, and for good."""

from __future__ import annotations

import io
import wave


def silence() -> bytes:
    """One second of WAV."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return sound.getvalue()


def silent_recording() -> dict[str, object]:
    """The fields of a form that uploads it."""
    return {"file": (io.BytesIO(silence()), "silence.wav"), "formats": "txt"}
