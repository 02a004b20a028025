"""Settings of speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field


class SpeechSettings(BaseModel):
    """Speech recognition"""

    speech_model: str = Field("base", description="Whisper model to download if SPEECH_MODEL_DOWNLOAD is true.")
    speech_model_folder: Path | None = Field(None, description="Folder with your own CTranslate2 Whisper weights.")
    speech_model_download: bool = Field(False, description="Whether missing weights may be downloaded from a model hub.")
    speech_device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where speech is recognised. auto takes a CUDA GPU if there is one; cuda warns if only the CPU can be used."
    )
