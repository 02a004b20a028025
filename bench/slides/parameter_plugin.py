"""Runs tests with another value of a parameter of the slide engine, to find those that fix its value:

`python -m pytest -p bench.slides.parameter_plugin --parameter motion.bin_s=4 tests/slides`
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib import process
from services.slides import child_task
from services.slides.parameters import DEFAULTS

_run_task = process.run_task


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--parameter", required=True, metavar="group.field=value", help="parameter and value, in JSON")


def pytest_configure(config: pytest.Config) -> None:
    name, _, value = config.getoption("parameter").partition("=")
    group, _, field = name.partition(".")
    changed = getattr(DEFAULTS.with_value(name, json.loads(value)), group)
    object.__setattr__(getattr(DEFAULTS, group), field, getattr(changed, field))  # every module refers to this object
    process.run_task = run_task


def run_task(task: str, payload: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Run the slide engine in this process, which has the other value; other tasks in a child process as usual."""
    if task != "services.slides.child_task:detect":
        return _run_task(task, payload, **options)
    result: dict[str, Any] = json.loads(json.dumps(child_task.detect(payload, options["report"])))
    return result
