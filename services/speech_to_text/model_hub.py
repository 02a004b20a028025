"""Weights of Whisper from a model hub (https://huggingface.co/docs/hub/api), which `lectern models` manages."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import errors
from services.speech_to_text.built_folders import build_once

HUB_URL = "https://huggingface.co"
_SYSTRAN_MODELS = ("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en", "large-v1", "large-v2", "large-v3")
_REPOSITORIES = {
    **{name: f"Systran/faster-whisper-{name}" for name in _SYSTRAN_MODELS},
    **{f"distil-{name}": f"Systran/faster-distil-whisper-{name}" for name in ("small.en", "medium.en", "large-v2", "large-v3")},
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_REPORT_INTERVAL_S = 2.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class PulledModel:
    """Weights on this machine. `bytes` is the size of their files."""

    name: str
    folder: Path
    bytes: int


def known_names() -> tuple[str, ...]:
    """Return the short names of common weights; any `owner/name` of the hub with CTranslate2 weights works too."""
    return tuple(_REPOSITORIES)


def folder_of(name: str, models_folder: Path) -> Path:
    """Return where weights are, or would be. Raises ModelMissing for a malformed name."""
    if not _NAME.fullmatch(name):
        raise errors.ModelMissing(f"{name!r} is not a name of weights.", hint="Use a name that `lectern models list` shows, or owner/name.")
    return models_folder / "hub" / name.replace("/", "--")


def pulled_models(models_folder: Path) -> list[PulledModel]:
    """Return all weights that were pulled, by name."""
    folders = sorted(
        folder for folder in (models_folder / "hub").glob("*") if (folder / "model.bin").is_file() and folder.suffix != ".part"
    )
    return [PulledModel(folder.name.replace("--", "/"), folder, _size(folder)) for folder in folders]


def pull(name: str, models_folder: Path, *, hub_url: str = HUB_URL, say: Say | None = None) -> Path:
    """Download weights and return their folder; `say` gets the progress. What is there is kept. Raises ModelMissing."""
    import huggingface_hub
    from faster_whisper.utils import disabled_tqdm

    folder = folder_of(name, models_folder)
    repository = _REPOSITORIES.get(name, name)
    if "/" not in repository:
        raise errors.ModelMissing(f"No weights are called {name!r}.", hint=f"Known names: {', '.join(_REPOSITORIES)}; or owner/name.")

    def fill(part: Path) -> None:
        with _progress(part, say):
            try:
                huggingface_hub.snapshot_download(
                    repository, local_dir=part, allow_patterns=_FILES, endpoint=hub_url, tqdm_class=disabled_tqdm
                )
            except Exception as error:  # the hub's client raises its own errors, those of its HTTP library and OSError
                raise errors.ModelMissing(
                    f"Downloading {name!r} from {hub_url} failed ({type(error).__name__}).",
                    hint="Check the name and the network, or use packaged weights.",
                ) from error
        shutil.rmtree(part / ".cache", ignore_errors=True)
        if not (part / "model.bin").is_file():
            raise errors.ModelMissing(f"{repository} has no CTranslate2 weights (model.bin).", hint="Choose a faster-whisper model.")

    return build_once(folder, fill)


def remove(name: str, models_folder: Path) -> bool:
    """Delete pulled weights; return whether there were any. Raises ModelMissing for a malformed name."""
    folder = folder_of(name, models_folder)
    if not folder.is_dir():
        return False
    trash = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(trash, ignore_errors=True)
    folder.rename(trash)
    shutil.rmtree(trash)
    return True


@contextmanager
def _progress(folder: Path, say: Say | None) -> Iterator[None]:
    """Report the size of the folder now and then."""
    if say is None:
        yield
        return
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_REPORT_INTERVAL_S):
            say(f"{_size(folder) / 1e6:.0f} MB")

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except FileNotFoundError:  # renamed when it was complete
                continue
    return total
