"""The sound of streams is brought to a loudness; the rest of the pipeline is tested by tests/routes/test_itube.py."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lib.programs import require_program
from services.media import streaming, voice_level
from services.media.probe import probe


def test_quiet_sound_is_raised_to_the_loudness(tmp_path: Path) -> None:
    source, folder = tmp_path / "quiet.m4a", tmp_path / "streams"
    sound = ["-f", "lavfi", "-i", "sine=d=6:r=48000", "-af", "volume=-20dB", "-c:a", "aac"]
    subprocess.run([require_program("ffmpeg"), "-v", "error", *sound, source], check=True)
    folder.mkdir()
    gain_db = voice_level.gain_db(voice_level.measure_lufs(source), -16.0)
    assert gain_db > 10
    streaming.prepare(source, folder, probe(source), gain_db=gain_db)
    assert voice_level.measure_lufs(folder / "stream0.mp4") == pytest.approx(-16.0, abs=1.0)
