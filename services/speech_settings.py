"""What the settings say about speech recognition."""

from __future__ import annotations

from config import Settings
from services.speech_to_text import SpeechOptions


def speech_options(settings: Settings) -> SpeechOptions:
    return SpeechOptions(
        cache_folder=settings.models_dir or settings.data_dir / "models",
        model_folder=settings.speech_model_folder,
        allow_model_hub=settings.speech_model_download,
        hub_model=settings.speech_model,
        threads=settings.cores,
    )
