"""What the stages work with: engines and their settings, picked once at start."""

from __future__ import annotations

from dataclasses import dataclass

from services.ocr import OcrOptions
from services.speech_to_text import SpeechOptions


@dataclass(frozen=True)
class Engines:
    """`cores` bounds how many stages run side by side."""

    cores: int
    speech: SpeechOptions
    ocr: OcrOptions

    def names(self, stage: str) -> str:
        """What tells one engine's results from another's, for a stage's fingerprint."""
        return {"speech": f"{self.speech.engine} {self.speech.model_folder} {self.speech.beam_size}", "ocr": self.ocr.engine}.get(stage, "")
