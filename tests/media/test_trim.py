"""Cutting a part out of a recording: exact to the frame, and a copy where possible."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

import errors
from domain import MediaInfo, TimeRange
from lib.process import run_program
from lib.programs import require_program
from services.media.audio import extract_audio
from services.media.probe import probe
from services.media.trim import trim, within

RATE = 25


def make_recording(path: Path, *codecs: str) -> MediaInfo:
    """Ten seconds: the brightness is the frame's number, a keyframe every 100 frames; a click at each whole second."""
    picture = f"nullsrc=s=64x64:r={RATE}:d=10,geq=lum='N':cb=128:cr=128"
    sound = "aevalsrc='if(lt(mod(t,1),0.002),0.9,0)':s=16000:d=10"
    argv = [str(require_program("ffmpeg")), "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    run_program([*argv, *codecs, str(path)])
    return probe(path)


def first_and_last_frame(path: Path) -> tuple[int, int, float]:
    """Return the numbers of the first and the last frame, and the time of the first."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    numbers = [int(np.median(frame.to_ndarray(format="yuv420p")[:64])) for frame in (frames[0], frames[-1])]
    return numbers[0], numbers[1], float(frames[0].time or 0)


H264 = ("-c:v", "libx264", "-g", "100", "-bf", "2", "-crf", "10", "-c:a", "aac")
VP8 = ("-c:v", "libvpx", "-g", "100", "-b:v", "1M", "-c:a", "libvorbis", "-f", "webm")


@pytest.mark.parametrize(("codecs", "codec_after"), [(H264, "h264"), (VP8, "h264")])
def test_the_part_begins_and_ends_with_the_right_frame(tmp_path: Path, codecs: tuple[str, ...], codec_after: str) -> None:
    source, target = tmp_path / ("a.webm" if codecs is VP8 else "a.mp4"), tmp_path / "part"
    media = make_recording(source, *codecs)
    part = trim(source, target, media, TimeRange(3.0, 7.0))
    assert part.video is not None and part.video.codec == codec_after
    assert part.duration_s == pytest.approx(4.0, abs=0.05)
    first, last, time_s = first_and_last_frame(target)
    assert first == pytest.approx(3 * RATE, abs=1) and time_s == pytest.approx(0, abs=0.05)  # brightness is coded with an error
    assert 7 * RATE - 2 <= last <= 7 * RATE + 3  # a copy ends with the group of frames that refer to each other
    extract_audio(target, tmp_path / "a.wav", part)
    samples = np.abs(np.frombuffer((tmp_path / "a.wav").read_bytes()[44:], np.int16).astype(float))
    clicks = [second + int(samples[16_000 * second : 16_000 * second + 8_000].argmax()) / 16_000 for second in range(1, 4)]
    assert clicks == pytest.approx([1, 2, 3], abs=0.03)


def test_sound_alone_is_cut(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    media = make_recording(source, "-vn", "-c:a", "pcm_s16le")
    part = trim(source, tmp_path / "part", media, TimeRange(2.5, 0.0))
    assert part.audio is not None and part.duration_s == pytest.approx(7.5, abs=0.1)


def test_a_part_must_lie_in_the_recording(tmp_path: Path) -> None:
    assert within(TimeRange(2.0, 0.0), 10.0) == TimeRange(2.0, 10.0)
    assert within(TimeRange(2.0, 99.0), 10.0) == TimeRange(2.0, 10.0)
    with pytest.raises(errors.ValidationFailed, match=r"ends at 10\.0 s"):
        within(TimeRange(10.0, 0.0), 10.0)
