"""Stages that ran once in this run of the tests: on the same input they give what they made then, instead of running again."""

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


def cached(stage: Stage, memory: Path) -> Stage:
    """`stage`, keeping what it makes in the folder `memory`, which several processes may share."""

    def run(given: StageInput) -> None:
        kept = memory / _key(stage, given)
        if kept.exists():
            _copy(kept, given.work.root, stage.makes)
            return
        stage.run(given)
        part = Path(tempfile.mkdtemp(dir=memory))
        _copy(given.work.root, part, stage.makes)
        with contextlib.suppress(OSError):  # another process was quicker
            part.rename(kept)

    return dataclasses.replace(stage, run=run)


def _key(stage: Stage, given: StageInput) -> str:
    options = {name: given.options.get(name) for name in stage.uses}
    inputs = {name: given.work.hash_of(name) for name in stage.needs}
    told = json.dumps([options, inputs, given.engines.names(stage.name)], sort_keys=True, default=str)
    return f"{stage.name}-{hashlib.sha256(told.encode()).hexdigest()}"


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / name, target / name)
