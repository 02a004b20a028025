"""Settings of language models and of proofreading."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import AliasChoices, BaseModel, Field, SecretStr

_PROVIDERS = {
    "deepseek": ("https://api.deepseek.com", "deepseek-chat"),
    "openai": ("https://api.openai.com/v1", "gpt-4o-mini"),
    "gemini": ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-flash"),
}


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible chat API; all fields are empty if none is configured."""

    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)


class LanguageModelSettings(BaseModel):
    """Language model and proofreading"""

    language_model_base_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="OpenAI-compatible chat API, without `/chat/completions` (`http://localhost:11434/v1`). Empty: that of a key below.",
    )
    language_model_api_key: SecretStr = Field(SecretStr(""), description="Its key; servers of your own may need none.")
    language_model: str = Field("", description="Name of the model. Empty: the usual one of the provider whose key is set.")
    deepseek_base_url: str = Field("", pattern=r"^(https?://\S+)?$", description="Chat API of DeepSeek, if not the public one.")
    deepseek_api_key: SecretStr = Field(SecretStr(""), description="Key of DeepSeek; used if LANGUAGE_MODEL_BASE_URL is not set.")
    openai_api_key: SecretStr = Field(SecretStr(""), description="Key of OpenAI; used if neither is set.")
    gemini_api_key: SecretStr = Field(
        SecretStr(""),
        description="Key of Gemini (also GOOGLE_API_KEY, GENAI_API_KEY); used if none of the others is set.",
        validation_alias=AliasChoices("gemini_api_key", "GOOGLE_API_KEY", "GENAI_API_KEY"),
    )
    script_model: str = Field("", description="Name of the model that writes scripts of lessons. Empty: LANGUAGE_MODEL.")
    language_model_concurrency: int = Field(4, ge=1, le=64, description="Requests of one job at the same time.")
    language_model_timeout_s: float = Field(120.0, gt=0, le=3600, description="Maximum duration of one request, seconds.")
    language_model_price_input: float = Field(
        0.0, ge=0, description="Price of a million tokens sent, for the cost of a job; 0: not counted."
    )
    language_model_price_output: float = Field(0.0, ge=0, description="Price of a million tokens received.")
    proofread_max_changed_share: float = Field(
        0.25,
        gt=0,
        le=1,
        description="A part of a transcript is left as it was if the model loses or adds more than this share of its words.",
    )
    proofread_remove_fillers: bool = Field(False, description="Whether proofreading by rules deletes fillers such as `um`.")

    @property
    def language_model_endpoint(self) -> Endpoint:
        """The chat API to use."""
        if self.language_model_base_url:
            return Endpoint(self.language_model_base_url, self.language_model, self.language_model_api_key.get_secret_value())
        keys = {"deepseek": self.deepseek_api_key, "openai": self.openai_api_key, "gemini": self.gemini_api_key}
        for provider, key in keys.items():
            if key.get_secret_value():
                base_url, model = _PROVIDERS[provider]
                if provider == "deepseek":
                    base_url = self.deepseek_base_url or base_url
                return Endpoint(base_url, self.language_model or model, key.get_secret_value())
        return Endpoint()
