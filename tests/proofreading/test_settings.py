"""The chat API that the settings choose."""

from __future__ import annotations

import pytest

from config import Settings
from services import proofreading


@pytest.mark.parametrize(
    ("variables", "base_url", "model"),
    [
        ({}, "", ""),
        ({"DEEPSEEK_API_KEY": "k"}, "https://api.deepseek.com", "deepseek-chat"),
        ({"DEEPSEEK_API_KEY": "k", "DEEPSEEK_BASE_URL": "https://d.example/v1"}, "https://d.example/v1", "deepseek-chat"),
        ({"OPENAI_API_KEY": "k", "LANGUAGE_MODEL": "gpt-x"}, "https://api.openai.com/v1", "gpt-x"),
        ({"GOOGLE_API_KEY": "k"}, "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-flash"),
        (
            {"LANGUAGE_MODEL_BASE_URL": "http://localhost:11434/v1", "LANGUAGE_MODEL": "llama", "OPENAI_API_KEY": "other"},
            "http://localhost:11434/v1",
            "llama",
        ),
    ],
)
def test_keys_choose_their_provider(variables: dict[str, str], base_url: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    options = proofreading.from_settings(Settings(_env_file=None))
    assert (options.base_url, options.model) == (base_url, model)
    assert options.api_key == ("" if "LANGUAGE_MODEL_BASE_URL" in variables or not variables else "k")
    assert "k" not in repr(options).partition("api_key")[2]
