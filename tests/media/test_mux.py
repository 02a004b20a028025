"""Muxing the video and the audio of one recording."""

from __future__ import annotations

from pathlib import Path

import pytest

import errors
from services.media.mux import mux
from services.media.probe import probe
from tests.conftest import SAMPLES


def test_video_and_audio_are_muxed_without_decoding(tmp_path: Path) -> None:
    mux(SAMPLES / "tiny.mp4", SAMPLES / "tiny.m4a", tmp_path / "muxed")
    before, result = probe(SAMPLES / "tiny.mp4"), probe(tmp_path / "muxed")
    assert before.video is not None and result.video is not None and result.audio is not None
    assert (result.video.codec, result.video.width, result.audio.codec) == (before.video.codec, before.video.width, "aac")
    assert result.duration_s == pytest.approx(before.duration_s, abs=0.5)


def test_a_web_page_instead_of_the_audio_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<html>")
    with pytest.raises(errors.UnusableRecording):
        mux(SAMPLES / "tiny.mp4", tmp_path / "page", tmp_path / "muxed")
    assert not (tmp_path / "muxed").exists()
