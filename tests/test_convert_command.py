"""`flask convert` at the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import create_app
from config import PROJECT, Settings
from tests.conftest import SAMPLES

pytestmark = pytest.mark.slow("the command converts recordings with every stage")


@pytest.fixture
def environment(tmp_path: Path, models_dir: Path) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(tmp_path / "data"), "MODELS_DIR": str(models_dir), "FLASK_APP": "app"}


def convert(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "convert", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_documents_are_written_and_reproducible(environment: dict[str, str], tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        arguments = ("--subtitles", SAMPLES / "tiny.srt", "--out", folder, "--formats", "pdf,txt,docx,md", "--language", "en")
        done = convert(environment, SAMPLES / "tiny.mp4", *arguments)
        assert done.returncode == 0, done.stderr
        assert str(folder / "tiny.pdf") in done.stdout.splitlines()
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == ["tiny.docx", "tiny.md.zip", "tiny.pdf", "tiny.txt"]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_exit_codes(environment: dict[str, str], tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no recording")
    refused = convert(environment, text)
    assert refused.returncode == 3
    assert "not a video or audio recording" in refused.stderr
    runner = create_app(Settings(_env_file=None, data_dir=tmp_path / "data")).test_cli_runner()
    for wrong in ([SAMPLES / "tiny.mp4", "--formats", "papyrus"], [tmp_path / "missing.mp4"]):
        assert runner.invoke(args=["convert", *map(str, wrong)]).exit_code == 2


def test_an_interrupt_ends_the_command(environment: dict[str, str], tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "flask",
        "convert",
        str(SAMPLES / "lecture.mp4"),
        "--out",
        str(tmp_path),
        "--work",
        str(tmp_path / "work"),
    ]
    running = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "work" / ".audio.done").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 130
