"""Weights of Whisper from a model hub (https://huggingface.co/docs/hub/api), which `lectern models` manages."""

from __future__ import annotations

import errno
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import errors
from lib.disk import is_disk_full
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
_UNKNOWN_STATUSES = (401, 404)  # the hub answers 401 for a name that nobody has

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
    """Download weights and return their folder; `say` gets the progress. What is there is kept. Raises ModelMissing.

    The hub's client continues a transfer that breaks off, five times.
    """
    import huggingface_hub
    from faster_whisper.utils import disabled_tqdm

    folder = folder_of(name, models_folder)
    repository = _REPOSITORIES.get(name, name)
    if "/" not in repository:
        raise errors.ModelMissing(f"No weights are called {name!r}.", hint=f"Known names: {', '.join(_REPOSITORIES)}; or owner/name.")

    def fill(part: Path) -> None:
        options: dict[str, Any] = {"local_dir": part, "allow_patterns": _FILES, "endpoint": hub_url, "tqdm_class": disabled_tqdm}
        try:
            files = huggingface_hub.snapshot_download(repository, dry_run=True, **options)
            total_bytes = sum(file.file_size or 0 for file in files)
            _check_space(part, total_bytes)
            with _progress(part, total_bytes, say):
                huggingface_hub.snapshot_download(repository, **options)
        except Exception as error:  # the hub's client raises its own errors, those of its HTTP library and OSError
            raise _failure(error, name, hub_url, part) from error
        shutil.rmtree(part / ".cache", ignore_errors=True)
        if not (part / "model.bin").is_file():
            raise errors.ModelMissing(f"{repository} has no CTranslate2 weights (model.bin).", hint="Choose a faster-whisper model.")

    return build_once(folder, fill)


def _check_space(folder: Path, needed_bytes: int) -> None:
    """Raise an OSError if the disk has too little space."""
    if shutil.disk_usage(folder).free < needed_bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _failure(error: Exception, name: str, hub_url: str, part: Path) -> errors.ModelMissing:
    """Return the error that says why a download failed."""
    from huggingface_hub.errors import HfHubHTTPError

    causes = list(_causes(error))
    if any(isinstance(each, HfHubHTTPError) and each.response.status_code in _UNKNOWN_STATUSES for each in causes):
        return errors.ModelMissing(f"{hub_url} has no weights {name!r}.", hint="Check the name, or use packaged weights.")
    if any(map(is_disk_full, causes)):
        free_mb = shutil.disk_usage(part).free / 1e6
        return errors.ModelMissing(
            f"There is not enough space for {name!r}: the disk of {part.parent} has {free_mb:.0f} MB left.",
            hint="Free some space and run the command again.",
        )
    return errors.ModelMissing(
        f"Downloading {name!r} from {hub_url} failed ({type(causes[-1]).__name__}).",
        hint="Check the network and run the command again, or use packaged weights.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


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
def _progress(folder: Path, total_bytes: int, say: Say | None) -> Iterator[None]:
    """Report the size of the folder now and then."""
    if say is None:
        yield
        return
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_REPORT_INTERVAL_S):
            say(f"{_size(folder) / 1e6:.0f} of {total_bytes / 1e6:.0f} MB")

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
