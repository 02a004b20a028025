"""Language models behind OpenAI-compatible chat APIs; proofreading and the writing of scripts use them."""

from __future__ import annotations

from services.language_model.port import ChatOptions, LanguageModelMissing

__all__ = ["ChatOptions", "LanguageModelMissing"]
