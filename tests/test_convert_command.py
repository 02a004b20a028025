"""`flask convert` at the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import pytest

from app import create_app
from commands.convert import convert as convert_command
from config import PROJECT, Settings
from pipelines.lecture_notes import LECTURE_NOTES
from scripts import program
from tests.conftest import SAMPLES
from tests.link_server import link_server
from tests.media.samples import make_media, video_source

pytestmark = pytest.mark.slow("the command converts recordings with every stage")


@pytest.fixture
def environment(tmp_path: Path, models_dir: Path) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(tmp_path / "data"), "MODELS_DIR": str(models_dir), "FLASK_APP": "app"}


def convert(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["-m", "flask", "convert", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = program.start_python(command, environment, out, err).wait(120)
        texts = [os.pread(file.fileno(), 10**6, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess(command, code, *texts)


def test_documents_are_written_and_reproducible(environment: dict[str, str], tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        arguments = ("--subtitles", SAMPLES / "tiny.srt", "--out", folder, "--formats", "pdf,txt,docx,md", "--language", "en")
        result = convert(environment, SAMPLES / "tiny.mp4", *arguments)
        assert result.returncode == 0, result.stderr
        assert str(folder / "tiny.pdf") in result.stdout.splitlines()
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == ["tiny.docx", "tiny.md.zip", "tiny.pdf", "tiny.txt"]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_a_link_is_downloaded_first(environment: dict[str, str], tmp_path: Path) -> None:
    with link_server() as site:
        environment["LINK_ALLOWED_HOSTS"] = site.host
        result = convert(environment, f"{site.url}/player", "--out", tmp_path, "--formats", "txt")
        assert result.returncode == 0, result.stderr
        text = (tmp_path / "Gradient descent.txt").read_text()
        assert f"{site.url}/player" in text and "boiling water" in text
        result = convert(environment, f"{site.url}/two-players")
    assert result.returncode == 3 and "import all of them as a batch" in result.stderr


def test_the_program_runs_in_any_folder_and_a_title_names_the_files(environment: dict[str, str], tmp_path: Path) -> None:
    launcher = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from lectern import main; main()"
    options = ("--subtitles", SAMPLES / "tiny.srt", "--formats", "txt,html", "--title", "Part 1/2: Graphs")
    command = [sys.executable, "-c", launcher, "convert", str(SAMPLES / "tiny.m4a"), *map(str, options)]
    environment.pop("FLASK_APP")
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.glob("Part*")) == ["Part 1_2_ Graphs.html", "Part 1_2_ Graphs.txt"]
    lines = result.stderr.splitlines()
    assert any("Reading the subtitles" in line for line in lines)  # progress without a terminal
    assert len(lines) < 40


def test_wrong_options_are_explained(environment: dict[str, str], tmp_path: Path) -> None:
    runner = create_app(Settings(_env_file=None, data_dir=tmp_path / "data")).test_cli_runner()
    for option, value, message in (
        ("--formats", "papyrus", "--formats: Choose from pdf"),
        ("--region", "1,2,3", "--region: An area is four numbers"),
        ("--language", "english", "--language: A language is a code"),
        ("--language", "xx", "--language: `xx` is not supported"),
        ("--ignore", ";".join(["0,0,1,1"] * 21), "--ignore: Give at most 20 areas"),
    ):
        result = runner.invoke(args=["convert", str(SAMPLES / "tiny.mp4"), option, value])
        assert result.exit_code == 2
        assert message in result.output


def test_every_option_has_a_help_text() -> None:
    options = [parameter for parameter in convert_command.params if isinstance(parameter, click.Option)]
    assert {option.name for option in options if not option.help} == set()


def test_stages_have_the_labels_of_the_page() -> None:
    page = (PROJECT / "web" / "views" / "labels.js").read_text()
    assert all(f'"{stage.label}"' in page for stage in LECTURE_NOTES.stages)


def test_exit_codes(environment: dict[str, str], tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("no recording")
    result = convert(environment, text)
    assert result.returncode == 3
    assert "not a video or audio recording" in result.stderr
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


def test_the_program_says_that_there_are_no_subtitles(environment: dict[str, str], tmp_path: Path) -> None:
    still = ("-vf", "hue=s=0,trim=end_frame=1,tpad=stop_mode=clone:stop_duration=4")
    mute = make_media(tmp_path / "mute.mp4", *video_source(4), *still)
    result = convert(environment, mute, "--out", tmp_path, "--formats", "txt,srt,vtt")
    assert result.returncode == 0, result.stderr
    assert "Note: No srt file was written, because the recording has nothing for it." in result.stderr
    assert "Note: No vtt file was written, because the recording has nothing for it." in result.stderr
    assert result.stdout.split() == [str(tmp_path / "mute.txt")]
