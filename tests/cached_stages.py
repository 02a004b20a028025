"""Stages that run once per test run: the same input gives the stored output of the first run.

Stages that ask a server of the test always run: a later test may start another server at the same port.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.stage import Stage, StageInput

_LOCAL_SERVER = re.compile(r"//(127\.0\.0\.1|localhost)[:/]")


def with_cache(stage: Stage, folder: Path) -> Stage:
    """Return `stage` with its outputs cached in `folder`, which several processes may share."""

    def run(stage_input: StageInput) -> None:
        if _asks_local_server(stage, stage_input):
            stage.run(stage_input)
            return
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


def _asks_local_server(stage: Stage, stage_input: StageInput) -> bool:
    engine = stage_input.engines.get(stage.engine) if stage.engine is not None else None
    return _LOCAL_SERVER.search(f"{_options(stage, stage_input)} {engine!r}") is not None


def _options(stage: Stage, stage_input: StageInput) -> dict[str, Any]:
    return {name: stage_input.options.get(name) for name in stage.uses}


def _key(stage: Stage, stage_input: StageInput) -> str:
    inputs = {name: stage_input.work.hash_of(name) for name in stage.needs}
    fingerprint = json.dumps(
        [_options(stage, stage_input), inputs, stage_input.engines.fingerprint(stage.engine)], sort_keys=True, default=str
    )
    return f"{stage.name}-{hashlib.sha256(fingerprint.encode()).hexdigest()}"


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / name, target / name)
