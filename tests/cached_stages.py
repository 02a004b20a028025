"""Stages that run once per test run: the same input gives the stored output of the first run."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipelines.stage import Stage, StageInput


def with_cache(stage: Stage, folder: Path) -> Stage:
    """Return `stage` with its outputs cached in `folder`, which several processes may share."""

    def run(stage_input: StageInput) -> None:
        entry = folder / _key(stage, stage_input)
        if entry.exists():
            _copy(entry, stage_input.work.root, stage.makes)
            return
        stage.run(stage_input)
        part = Path(tempfile.mkdtemp(dir=folder))
        _copy(stage_input.work.root, part, stage.makes)
        with contextlib.suppress(OSError):  # another process stored it first
            part.rename(entry)

    return dataclasses.replace(stage, run=run)


def _key(stage: Stage, stage_input: StageInput) -> str:
    options = {name: stage_input.options.get(name) for name in stage.uses}
    inputs = {name: stage_input.work.hash_of(name) for name in stage.needs}
    fingerprint = json.dumps([options, inputs, stage_input.engines.fingerprint(stage.engine)], sort_keys=True, default=str)
    return f"{stage.name}-{hashlib.sha256(fingerprint.encode()).hexdigest()}"


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / name, target / name)
