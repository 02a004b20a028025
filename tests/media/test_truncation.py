"""A recording that is cut off is reported; ordinary files and files without an announced duration are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.media.probe import probe
from services.media.truncation import truncation_warning
from tests.media.samples import audio_source, make_media, video_source

SECONDS = 20
VIDEO = {
    "a.mkv": (),
    "a.webm": ("-c:v", "libvpx", "-c:a", "libopus"),
    "a.avi": (),
    "front.mp4": ("-movflags", "faststart"),
    "front.mov": ("-movflags", "faststart"),
    "a.flv": ("-ar", "44100"),
    "a.wmv": (),
    "a.mxf": ("-c:v", "mpeg2video", "-r", "25", "-ar", "48000", "-c:a", "pcm_s16le"),
}
AUDIO: dict[str, tuple[str, ...]] = {"a.mp3": (), "a.wav": (), "a.flac": (), "front.m4a": ("-movflags", "faststart"), "a.mka": ()}
WITHOUT_ANNOUNCEMENT = {
    "fragments.mp4": ("-movflags", "frag_keyframe", "-g", "10"),
    "a.ts": (),
    "a.mpg": ("-c:v", "mpeg2video", "-r", "25"),
    "a.ogv": ("-c:v", "libtheora", "-c:a", "libvorbis"),
    "a.nut": (),
}
SILENT_END: dict[str, tuple[str, ...]] = dict.fromkeys(("a.wav", "a.flac", "a.mp3"), ("-af", "volume=enable='gt(t,4)':volume=0"))


def make(folder: Path, name: str, options: tuple[str, ...], *, has_video: bool) -> Path:
    return make_media(folder / name, *(video_source(SECONDS) if has_video else ()), *audio_source(SECONDS), *options)


@pytest.mark.parametrize(("name", "has_video"), [*((name, True) for name in VIDEO), *((name, False) for name in AUDIO)])
def test_a_recording_that_is_cut_off_is_reported(tmp_path: Path, name: str, has_video: bool) -> None:
    path = make(tmp_path, name, VIDEO[name] if has_video else AUDIO[name], has_video=has_video)
    media = probe(path)
    assert media.duration_s == pytest.approx(SECONDS, abs=0.3) and not truncation_warning(media)
    content = path.read_bytes()
    present = len(content) // 2
    for filler in (b"", b"\0"):
        path.write_bytes(content[:present] + filler * (len(content) - present))
        media = probe(path)
        if filler and (name == "a.wav" or len(content) - present < 2**17):  # zeros are silence in WAV; blocks are coarse in small files
            continue
        assert media.announced_s == pytest.approx(SECONDS, abs=0.3) and 5 < media.duration_s < 15
        assert truncation_warning(media) == (f"The recording is cut off: 20 s announced, {media.duration_s:.0f} s are there.",)


@pytest.mark.parametrize("name", WITHOUT_ANNOUNCEMENT)
def test_a_container_that_announces_nothing_gives_no_warning(tmp_path: Path, name: str) -> None:
    path = make(tmp_path, name, WITHOUT_ANNOUNCEMENT[name], has_video=True)
    assert not truncation_warning(probe(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    media = probe(path)
    assert media.duration_s < 15 and not truncation_warning(media)


@pytest.mark.parametrize("name", SILENT_END)
def test_silence_at_the_end_is_part_of_the_recording(tmp_path: Path, name: str) -> None:
    media = probe(make(tmp_path, name, SILENT_END[name], has_video=False))
    assert media.duration_s == pytest.approx(SECONDS, abs=0.3) and not truncation_warning(media)


def test_estimated_durations_give_no_warning(tmp_path: Path) -> None:
    """An MP3 of varying bit rate without a frame count, and one with two files joined."""
    quiet_start = ("-af", "volume=enable='lt(t,10)':volume=0", "-q:a", "4")
    without_header = make(tmp_path, "estimated.mp3", (*quiet_start, "-write_xing", "0"), has_video=False)
    concatenation = make(tmp_path, "joined.mp3", quiet_start, has_video=False)
    concatenation.write_bytes(concatenation.read_bytes() * 2)
    assert not truncation_warning(probe(without_header)) and not truncation_warning(probe(concatenation))
