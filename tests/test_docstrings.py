"""Docstrings describe parameters and fields that exist."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator

from config import PROJECT

_EXPLAINED_NAME = re.compile(r"(?:^|[.;] )\s*`([a-z_][a-z0-9_]*)`: ", re.MULTILINE)  # at the start of a sentence
_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def test_docstrings_explain_only_names_that_exist() -> None:
    """A sentence that begins with a name in backticks and a colon is about a parameter, a field or another name of the same code."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    sources = {name: (PROJECT / name).read_text("utf-8") for name in listing.stdout.split()}
    assert len(sources) > 500
    stale_names = [f"{name}:{line}: {stale}" for name, source in sources.items() for line, stale in find_stale_names(source)]
    assert stale_names == []


def test_a_renamed_parameter_is_found() -> None:
    source = 'def wait(timeout_s: float) -> None:\n    """Wait. `timeout`: the longest time. `timeout_s`: the same."""\n'
    assert list(find_stale_names(source)) == [(1, "timeout")]


def find_stale_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line of a module, class or function, and each name that its docstring explains although its code does not contain it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _Documented) and (docstring := ast.get_docstring(node, clean=False)):
            code = (ast.get_source_segment(source, node) or source).replace(docstring, "")
            names = set(re.findall(r"\w+", code))
            line = 1 if isinstance(node, ast.Module) else node.lineno
            yield from ((line, name) for name in _EXPLAINED_NAME.findall(docstring) if name not in names)
