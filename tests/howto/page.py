"""Read how-to pages, apply their code blocks to a copy of the project and run their commands.

The info string of a code block says what it is: "python PATH" (or another language) is a complete new file, "diff PATH" a change of an
existing file, and "sh" a list of commands.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<path>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TIMEOUT_S = 300  # of one command, on a busy machine
_INSTALLATION = "make setup-dev"  # takes minutes
_MYPY = ".venv/bin/mypy"
_MYPY_CACHE = ".mypy_cache"
_PYTEST = ".venv/bin/pytest "
# One process, and SQLite only: PostgreSQL needs a server.
PYTEST_OPTIONS = "-n0 -p no:cacheprovider -k 'not postgres'"


@dataclass(frozen=True)
class Block:
    language: str
    path: str
    text: str


@dataclass(frozen=True)
class Page:
    """The code blocks of a Markdown page that name a file or contain commands."""

    name: str
    blocks: tuple[Block, ...]

    @classmethod
    def read(cls, path: Path) -> Page:
        blocks = [Block(match["language"], match["path"] or "", match["text"]) for match in _BLOCK.finditer(path.read_text("utf-8"))]
        return cls(path.stem, tuple(block for block in blocks if block.path or block.language == "sh"))

    @property
    def commands(self) -> list[str]:
        return [line for block in self.blocks if block.language == "sh" for line in block.text.splitlines() if line]


@dataclass(frozen=True)
class ProjectCopy:
    """A copy of the project's files, without its data and its virtual environment."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> ProjectCopy:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\0")
        for name in filter(None, names):
            source = PROJECT / name
            if source.is_file() and not source.is_symlink():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / name)
                bytecode = Path(cache_from_source(name)) if name.endswith(".py") else None
                if bytecode and (PROJECT / bytecode).is_file():  # compiling everything takes seconds
                    (root / bytecode).parent.mkdir(exist_ok=True)
                    shutil.copy2(PROJECT / bytecode, root / bytecode)
        (root / ".venv").symlink_to(sys.prefix)
        if (PROJECT / _MYPY_CACHE).is_dir():
            shutil.copytree(PROJECT / _MYPY_CACHE, root / _MYPY_CACHE)
        copy = cls(root)
        copy.run("git init -q && git add -A && git -c user.name=test -c user.email=test@example.org commit -qm copy")
        return copy

    def apply(self, block: Block) -> None:
        """Write the block's file, or change it if the block is a diff."""
        path = self.root / block.path
        if block.language != "diff":
            assert not path.exists(), f"{block.path} exists already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
            return
        path.write_text(apply_diff(path.read_text("utf-8"), block), "utf-8")

    def run(self, command: str) -> str:
        """Run a shell command in the copy and return its output; fail the test if the command fails."""
        environment = {**os.environ, "PYTEST_ADDOPTS": PYTEST_OPTIONS, "DATA_DIR": str(self.root / "data"), "FLASK_APP": "app"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the next command uses the compiled code
        result = subprocess.run(
            ["bash", "-ec", command],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_S,
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}"
        return result.stdout

    def perform(self, pages: list[Page]) -> str:
        """Apply all blocks of the pages, then run their commands; return the output.

        Runs of pytest are joined: each starts slowly. mypy runs once, and only where the project has its cache: without, it takes minutes.
        """
        blocks = [block for page in pages for block in page.blocks]
        for block in blocks:
            if block.path:
                self.apply(block)
        changed_files = " ".join(sorted({block.path for block in blocks if block.path.endswith(".py")}))
        output = self.run(f".venv/bin/ruff check {changed_files} && .venv/bin/ruff format --check {changed_files}")
        if (self.root / _MYPY_CACHE).is_dir():
            output += self.run(_MYPY)
        commands = [line for page in pages for line in page.commands if line not in (_INSTALLATION, _MYPY)]
        test_runs = [line.removeprefix(_PYTEST) for line in commands if line.startswith(_PYTEST)]
        output += "".join(self.run(command) for command in commands if not command.startswith(_PYTEST))
        whole = {target for run in test_runs if " -k " not in run for target in run.split()}
        selections = [run.split(" -k ") for run in test_runs if " -k " in run]
        output += self.run(_PYTEST + " ".join(sorted(whole)))
        targets, words = " ".join(target for target, _ in selections), " or ".join(word for _, word in selections)
        return output + self.run(f"{_PYTEST}{targets} -k '{words}'")


def apply_diff(text: str, block: Block) -> str:
    """Return a file's text with the changes of a diff; fail the test if they do not fit."""
    for old, new in _hunks(block.text):
        assert text.count(old) == 1, f"{block.path} contains these lines {text.count(old)} times:\n{old}"
        text = text.replace(old, new)
    return text


def _hunks(diff: str) -> Iterator[tuple[str, str]]:
    """Yield (old lines, new lines) of each hunk; hunks are separated by lines that start with "@@"."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        if hunk:
            yield old, new
