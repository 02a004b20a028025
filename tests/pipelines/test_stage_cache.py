"""Finished stages in storage: another machine continues with them, but not with damaged ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import errors
from pipelines import stage_cache
from pipelines.engines import Engines
from pipelines.runner import run_pipeline
from pipelines.stage import Stage, StageInput, Workspace
from pipelines.stage_cache import StageCache
from services import accounts
from services.jobs import queue
from tests.conftest import list_stored_keys


class RecordingStages:
    """Stages that record their runs."""

    def __init__(self) -> None:
        self.runs: list[str] = []

    def check(self) -> None:
        pass

    def progress(self, *_: object) -> None:
        pass

    def letters(self, stage_input: StageInput) -> None:
        self.runs.append("letters")
        stage_input.work.path("letters.txt").write_text("abc")
        folder = stage_input.work.path("pictures")
        folder.mkdir(exist_ok=True)
        (folder / "a.png").write_bytes(b"\x89PNG")

    def capitals(self, stage_input: StageInput) -> None:
        self.runs.append("capitals")
        stage_input.work.path("capitals.txt").write_text(stage_input.work.path("letters.txt").read_text().upper())

    @property
    def all(self) -> tuple[Stage, ...]:
        return (
            Stage("letters", self.letters, makes=("letters.txt", "pictures")),
            Stage("capitals", self.capitals, needs=("letters.txt",), makes=("capitals.txt",)),
        )


@pytest.fixture
def claim(app: Flask) -> Iterator[queue.Claim]:
    app.extensions["lectern"].executor.shut_down(0)
    with app.app_context():
        owner = accounts.register(email="owner@example.org", password="long enough").id
        queue.submit(user_id=owner, pipeline="lecture_notes", options={})
        claim = queue.claim("w", 30.0)
        assert claim is not None
        yield claim


def run(app: Flask, claim: queue.Claim, folder: Path) -> list[str]:
    """Run the stages with the workspace of a machine; return the names of those that were not restored."""
    folder.mkdir(exist_ok=True)
    work, stages = Workspace(folder), RecordingStages()
    engines = Engines(2)
    cache = StageCache(app.app_context, app.extensions["lectern"].store, claim, work)
    run_pipeline(stages.all, work, {}, engines, stages, cache=cache)
    assert work.path("capitals.txt").read_text() == "ABC"
    assert work.path(
        "pictures",
    ).is_dir()
    assert sorted(path.name for path in folder.iterdir() if path.suffix in (".tar", ".copy")) == []
    return stages.runs


def test_another_machine_does_not_repeat_finished_stages(app: Flask, claim: queue.Claim, tmp_path: Path) -> None:
    assert run(app, claim, tmp_path / "one") == ["letters", "capitals"]
    assert run(app, claim, tmp_path / "two") == []
    assert (tmp_path / "two" / "pictures" / "a.png").read_bytes() == b"\x89PNG"


def test_damaged_stages_run_again(app: Flask, claim: queue.Claim, tmp_path: Path) -> None:
    run(app, claim, tmp_path / "one")
    store = app.extensions["lectern"].store
    for key in list_stored_keys(app):
        if "/letters-" in key:
            folder = tmp_path / "broken"
            folder.write_bytes(b"no tar")
            store.put(folder, key, "application/x-tar")
    assert run(app, claim, tmp_path / "two") == ["letters"]


def test_an_attempt_without_the_lease_saves_nothing_and_purge_deletes_all(app: Flask, claim: queue.Claim, tmp_path: Path) -> None:
    store = app.extensions["lectern"].store
    run(app, claim, tmp_path / "one")
    assert len(list_stored_keys(app)) == 2
    queue.release(claim)
    stage_cache.purge(store, claim.job_id)
    assert list_stored_keys(app) == []
    late = StageCache(app.app_context, store, claim, Workspace(tmp_path / "one"))
    with pytest.raises(errors.LeaseLost):
        late.save(RecordingStages().all[0], "0" * 64)
    assert list_stored_keys(app) == []


def test_a_checkpoint_is_saved_and_restored(app: Flask, claim: queue.Claim, tmp_path: Path) -> None:
    store = app.extensions["lectern"].store
    stage = Stage("long", RecordingStages().letters, checkpoint="long.checkpoint")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "long.checkpoint").write_text("half\n")
    StageCache(app.app_context, store, claim, Workspace(tmp_path / "one")).save_checkpoint(stage)
    StageCache(app.app_context, store, claim, Workspace(tmp_path / "two")).restore_checkpoint(stage)
    assert (tmp_path / "two" / "long.checkpoint").read_text() == "half\n"
    stage_cache.purge(store, claim.job_id)
    assert list_stored_keys(app) == []


def test_a_folder_that_grows_is_saved_in_pieces(app: Flask, claim: queue.Claim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_cache, "_CHECKPOINT_S", 0.0)
    store = app.extensions["lectern"].store
    stage = Stage("long", RecordingStages().letters, checkpoint="parts")
    folder = tmp_path / "one" / "parts"
    (folder / "run").mkdir(parents=True)
    cache = StageCache(app.app_context, store, claim, Workspace(tmp_path / "one"))
    video, facts = folder / "run" / "video", folder / "facts"
    facts.write_text("first")
    for content in (b"a" * 100_000, b"b" * 10):
        with video.open("ab") as file:
            file.write(content)
        cache.save_checkpoint(stage)
    facts.unlink()
    (folder / "other").write_text("other")
    cache.save_checkpoint(stage)
    cache.save_checkpoint(stage)
    keys = sorted(list_stored_keys(app))
    assert len(keys) == 3
    assert sum(len(b"".join(store.read(key))) for key in keys) < 2 * 100_000, "bytes are stored once"
    (tmp_path / "two").mkdir()
    StageCache(app.app_context, store, claim, Workspace(tmp_path / "two")).restore_checkpoint(stage)
    parts = tmp_path / "two" / "parts"
    files = {path.relative_to(parts).as_posix(): path.read_bytes() for path in parts.rglob("*") if path.is_file()}
    assert files == {"run/video": b"a" * 100_000 + b"b" * 10, "other": b"other"}
    assert [path.name for path in parts.parent.iterdir()] == ["parts"]
    # Without a piece in the middle there is no checkpoint.
    store.delete([keys[1]])
    (tmp_path / "three").mkdir()
    StageCache(app.app_context, store, claim, Workspace(tmp_path / "three")).restore_checkpoint(stage)
    assert list((tmp_path / "three").iterdir()) == []
    stage_cache.purge(store, claim.job_id)
    assert list_stored_keys(app) == []
