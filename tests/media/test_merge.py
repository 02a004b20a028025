"""Joining the video and the audio of one recording."""

from __future__ import annotations

from pathlib import Path

import pytest

import errors
from services.media.merge import join
from services.media.probe import probe
from tests.conftest import SAMPLES


def test_video_and_audio_are_joined_without_decoding(tmp_path: Path) -> None:
    join(SAMPLES / "tiny.mp4", SAMPLES / "tiny.m4a", tmp_path / "joined")
    before, joined = probe(SAMPLES / "tiny.mp4"), probe(tmp_path / "joined")
    assert before.video is not None and joined.video is not None and joined.audio is not None
    assert (joined.video.codec, joined.video.width, joined.audio.codec) == (before.video.codec, before.video.width, "aac")
    assert joined.duration_s == pytest.approx(before.duration_s, abs=0.5)


def test_a_page_instead_of_the_audio_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<html>")
    with pytest.raises(errors.UnusableRecording):
        join(SAMPLES / "tiny.mp4", tmp_path / "page", tmp_path / "joined")
    assert not (tmp_path / "joined").exists()
