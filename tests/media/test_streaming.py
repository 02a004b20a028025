"""Renditions for players, continued after a run that was killed; tests/routes/test_itube.py has the rest of the pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import errors
from domain import VideoStream
from services.media import cmaf, ffmpeg, streaming, voice_level
from services.media.probe import probe
from tests.media.samples import audio_source, make_media

RATE = Fraction(10000, 1001)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")


@pytest.fixture(params=["source.mkv", "source.ts"])
def source(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Twenty seconds whose brightness tells the time, in a container that ffmpeg can seek in and in one where it can't."""
    clock = f"color=white:s=576x432:r={RATE}:d=20,fade=in:d=20"
    return make_media(tmp_path / request.param, "-f", "lavfi", "-i", clock, *audio_source(20), *H264)


def killed_after(share: float, commands: list[list[str]]) -> Callable[..., None]:
    """Return a stand-in for a run of ffmpeg: its process is killed when it has written this share of its renditions."""

    def run(outputs: Any, *_: object, **__: object) -> None:
        argv = outputs.compile()
        commands.append(argv)
        ffmpeg_run(outputs)
        if share < 1:
            for path in Path(next(each for each in argv if each.endswith("manifest.mpd")).removeprefix("file:")).parent.glob("*.mp4"):
                content = path.read_bytes()
                path.write_bytes(content[: int(share * len(content))])
            raise errors.Cancelled("killed")

    return run


ffmpeg_run = ffmpeg.run


def frames_of(path: Path) -> list[tuple[float, float, bool]]:
    """Return the time, the mean brightness and whether it is a keyframe of every frame."""
    with av.open(str(path)) as container:
        return [
            (float(frame.time or 0), float(np.asarray(frame.reformat(format="gray").to_ndarray()).mean()), frame.key_frame)
            for frame in container.decode(video=0)
        ]


def test_a_killed_run_is_continued_on_the_same_frame(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media, folder, sound = probe(source), tmp_path / "streams", tmp_path / "sound.mp4"
    streaming.encode_sound(source, sound, media)
    commands: list[list[str]] = []
    for share in (0.7, 0.6):
        monkeypatch.setattr("services.media.streaming.ffmpeg.run", killed_after(share, commands))
        with pytest.raises(errors.Cancelled):
            streaming.prepare(source, folder, media, sound)
    both_tracks = [cmaf.read_track(folder / "stream0.mp4"), cmaf.read_track(folder / "run" / "stream0.mp4")]
    assert both_tracks[0] and both_tracks[1] and len(both_tracks[0].fragments) >= 2
    first = (folder / "stream0.mp4").read_bytes()
    monkeypatch.setattr("services.media.streaming.ffmpeg.run", killed_after(1, commands))
    streams = streaming.prepare(source, folder, media, sound)
    assert (folder / "stream0.mp4").read_bytes().startswith(first), "finished segments are kept"
    if source.suffix == ".mkv":
        seeks = [float(argv[argv.index("-ss") + 1]) for argv in commands[1:3]]
        assert 0 < seeks[0] <= seeks[1], "the recording is not decoded from its beginning again"
    tracks = [cmaf.read_track(folder / f"stream{number}.mp4") for number in range(len(streams.rungs))]
    assert len({tuple((each.start, each.duration) for each in track.fragments) for track in tracks if track}) == 1
    for number in range(len(streams.rungs)):
        check_frames(frames_of(folder / f"stream{number}.mp4"))
    check_playlists(streams.playlists, folder)
    assert (folder / "sprite.jpg").is_file() and (folder / "poster.jpg").is_file()
    commands.clear()
    streaming.prepare(source, folder, media, sound)
    assert not any("libx264" in argv for argv in commands), "finished renditions are not made again"


def check_frames(frames: list[tuple[float, float, bool]]) -> None:
    """Every frame is there once, at its time, with the picture of that time; keyframes are the first frames of segments."""
    times = [time for time, _, _ in frames]
    assert len(frames) == pytest.approx(20 * float(RATE), abs=1)
    assert np.diff(times) == pytest.approx(1 / float(RATE), abs=1e-4)
    brightness = np.array([value for _, value, _ in frames])
    slope = np.polyfit(times, brightness, 1)
    assert np.abs(np.polyval(slope, times) - brightness).max() < 2.5, "no frame is shown at the time of another"
    keys = [time for time, _, is_key in frames if is_key]
    assert keys == pytest.approx([0, 4, 8, 12, 16, 20][: len(keys)], abs=1 / float(RATE))


def check_playlists(playlists: dict[str, str], folder: Path) -> None:
    """What the playlists name are the fragments of the files, one after the other to their ends."""
    for number in range(3):
        file = folder / f"stream{number}.mp4"
        playlist = playlists[f"media_{number}.m3u8"]
        spans = [(int(at), int(size)) for size, at in re.findall(r"BYTERANGE[:=]\"?(\d+)@(\d+)", playlist)]
        assert [at for at, _ in spans] == [0, *np.cumsum([size for _, size in spans])[:-1]]
        assert sum(spans[-1]) == file.stat().st_size
        assert f'mediaRange="{spans[-1][0]}-{sum(spans[-1]) - 1}"' in playlists["manifest.mpd"]
    assert playlists["master.m3u8"].count("#EXT-X-STREAM-INF") == 3


def test_quiet_sound_is_raised_to_the_loudness(tmp_path: Path) -> None:
    source = make_media(tmp_path / "quiet.m4a", *audio_source(6), "-af", "volume=-20dB", "-c:a", "aac")
    gain_db = voice_level.gain_db(voice_level.measure_lufs(source), -16.0)
    assert gain_db > 10
    streaming.encode_sound(source, tmp_path / "sound.mp4", probe(source), gain_db=gain_db)
    assert voice_level.measure_lufs(tmp_path / "sound.mp4") == pytest.approx(-16.0, abs=1.0)


@pytest.mark.parametrize(
    ("average", "nominal", "expected"),
    [
        (25.0, 25.0, 25),
        (29.97002997, 30000 / 1001, Fraction(30000, 1001)),
        (29.97002997, 60000 / 1001, Fraction(30000, 1001)),  # interlaced
        (59.94005994, 60000 / 1001, Fraction(60000, 1001)),
        (7.3, 60.0, 30),  # a screen recording
        (120.0, 120.0, 30),
        (0.0, 0.0, 30),
        (2.0, 2.0, 6),
    ],
)
def test_the_frame_rate_of_renditions(average: float, nominal: float, expected: Fraction) -> None:
    assert streaming.frame_rate_of(VideoStream("h264", 640, 360, average, nominal_frame_rate=nominal)) == expected
