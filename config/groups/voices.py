"""Settings of speech synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, SecretStr


class VoiceSettings(BaseModel):
    """Speech synthesis"""

    voice_engine: Literal["", "api", "gemini", "kokoro", "espeak-ng"] = Field(
        "",
        description="Engine that speaks lessons. Empty: the first usable one of `api`, `kokoro` and `espeak-ng`. `gemini` sends narrations "
        "to Google with GOOGLE_API_KEY.",
    )
    voice_folder: Path | None = Field(
        None, description="Folder with the weights of Kokoro. Empty: MODELS_DIR/voices, which `lectern voices install` fills."
    )
    voice_base_url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="OpenAI-compatible speech API, without `/audio/speech` (`http://localhost:8880/v1`)."
    )
    voice_api_key: SecretStr = Field(SecretStr(""), description="Key of the speech API; servers of your own may need none.")
    voice_model: str = Field(
        "", validation_alias=AliasChoices("voice_model", "TTS_MODEL"), description="Model that the speech API uses; empty: tts-1."
    )
    voice_name: str = Field(
        "",
        validation_alias=AliasChoices("voice_name", "TTS_VOICE_NAME"),
        description="Voice of lessons that name none. Empty, or unknown to the engine: the best one for the language.",
    )
    voice_timeout_s: float = Field(120.0, gt=0, le=3600, description="Maximum duration of one request to the speech API, seconds.")
    speech_rule_engine_folder: Path | None = Field(
        None,
        description="Folder of the npm package speech-rule-engine (`.../node_modules/speech-rule-engine`), which reads formulas for the "
        "voice with the program node. Empty: that of `npm install --global speech-rule-engine`. Without it, Lectern reads them by itself.",
    )
