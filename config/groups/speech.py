"""Settings of speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class SpeechSettings(BaseModel):
    """Speech recognition"""

    speech_model: str = Field(
        "",
        pattern=r"^([A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?)?$",
        description="Whisper weights by name, such as `small` (`lectern models list`). Empty: the packaged ones.",
    )
    speech_model_folder: Path | None = Field(None, description="Folder with your own CTranslate2 Whisper weights; overrides SPEECH_MODEL.")
    speech_model_download: bool = Field(False, description="Whether missing weights may be downloaded from a model hub.")
    speech_model_hub_url: str = Field("https://huggingface.co", pattern=r"^https?://\S+$", description="The model hub, or a mirror of it.")
    speech_device: Literal["auto", "cpu", "cuda"] = Field(
        "auto",
        description="Where speech is recognised. auto takes a CUDA GPU if there is one; cuda also warns if there is none. "
        "A GPU needs `pip install nvidia-cublas-cu12`.",
    )
    speech_base_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="OpenAI-compatible speech API, without `/audio/transcriptions` (`https://api.openai.com/v1`), to which "
        "the audio of recordings is sent. Empty: no OpenAI-compatible API is used.",
    )
    speech_api_key: SecretStr = Field(SecretStr(""), description="API key for SPEECH_BASE_URL; self-hosted servers may need none.")
    speech_api_model: str = Field("whisper-1", min_length=1, description="Model name sent to SPEECH_BASE_URL.")
    speech_api_max_mb: float = Field(25.0, gt=0, le=2000, description="Largest file that SPEECH_BASE_URL accepts, MB.")
    speech_api_chunk_s: float = Field(
        300.0, ge=20, le=3600, description="Recordings are sent in chunks of about this length, cut at pauses, seconds."
    )
    speech_api_timeout_s: float = Field(300.0, gt=0, le=3600, description="Maximum duration of one request, seconds.")
    speech_api_concurrency: int = Field(4, ge=1, le=32, description="Maximum number of concurrent requests per job.")
    transcribe_api_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="URL of an inference service with Ezra's protocol, which receives whole recordings. "
        "GET_RESULT_TRANSCRIBE_API_URL must also be set.",
    )
    get_result_transcribe_api_url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="URL from which the text is fetched; see TRANSCRIBE_API_URL."
    )
    transcribe_api_key: SecretStr = Field(SecretStr(""), description="API key for TRANSCRIBE_API_URL.")
