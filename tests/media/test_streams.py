"""Video, images and audio are read from the chosen streams and on one clock, with any container."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import errors
from domain import MediaInfo
from services.media.allowed_formats import ALLOWED_FORMATS, file_url
from services.media.audio import extract_audio
from services.media.audio_selection import select_audio
from services.media.frames import FrameRequest, extract_frames
from services.media.probe import probe
from services.media.remux import make_seekable
from services.media.streams import choose_tracks
from services.slides.sample_schedule import Sample
from services.slides.sampler import Sampler
from tests.media.samples import audio_source, first_audible_s, make_media, read_samples, video_source

COLOURS = {"red": (254, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 254), "yellow": (255, 255, 0)}
SECONDS_EACH = 2
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "300", "-pix_fmt", "yuv420p")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "4", "-g", "300", "-r", "25", "-c:a", "mp2", "-ar", "32000")
CONTAINERS = {
    "a.mp4": H264,
    "a.mov": H264,
    "a.mkv": H264,
    "a.ts": H264,
    "a.m2ts": H264,
    "a.flv": (*H264, "-ar", "44100"),
    "a.avi": ("-c:v", "mpeg4", "-g", "300", "-q:v", "4"),
    "a.nut": H264,
    "a.mpg": MPEG2,
    "a.vob": (*MPEG2, "-f", "vob"),
    "a.webm": ("-c:v", "libvpx", "-b:v", "1M", "-g", "300", "-c:a", "libopus"),
    "a.wmv": ("-c:v", "wmv2", "-q:v", "4", "-g", "300", "-c:a", "wmav2"),
    "a.mxf": ("-c:v", "mpeg2video", "-q:v", "4", "-g", "300", "-r", "25", "-ar", "48000", "-c:a", "pcm_s16le"),
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov"),
}


def colour_video(size: str = "160x90", seconds_each: float = SECONDS_EACH) -> tuple[str, ...]:
    """Four colours, one after the other."""
    sources = [f"color={name}:s={size}:r=5:d={seconds_each}[{name}]" for name in COLOURS]
    inputs = "".join(f"[{name}]" for name in COLOURS)
    return ("-f", "lavfi", "-i", f"{';'.join(sources)};{inputs}concat=n={len(COLOURS)}")


def tone_from_the_third_colour() -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=frequency=440:duration={4 * SECONDS_EACH}:sample_rate=44100,volume=enable='lt(t,4)':volume=0")


def seekable(source: Path) -> tuple[Path, MediaInfo]:
    return make_seekable(source, source.with_name("copy.mkv"))


def samples_of(path: Path, media: MediaInfo) -> list[Sample]:
    assert media.video
    return list(Sampler(file_url(path), ALLOWED_FORMATS, 0, media.duration_s, stream_index=media.video.index))


def colour_at(path: Path, media: MediaInfo, sample: Sample) -> str:
    target = path.with_suffix(".png")
    extract_frames(path, media, [FrameRequest(sample.pts_s, target)])
    with Image.open(target) as image:
        mean = np.asarray(image.convert("RGB"), dtype=float).mean(axis=(0, 1))
    target.unlink()
    return min(COLOURS, key=lambda name: abs(mean - np.array(COLOURS[name])).sum())


def wav_of(path: Path, media: MediaInfo) -> Path:
    wav = path.with_suffix(".wav")
    extract_audio(path, wav, media, select_audio(path, media))
    return wav


def assert_one_clock(path: Path, media: MediaInfo, repeats: int = 1, seconds_each: float = SECONDS_EACH) -> None:
    samples = samples_of(path, media)
    total_s = repeats * len(COLOURS) * seconds_each
    assert media.duration_s == pytest.approx(total_s, abs=0.7)
    for number in range(repeats * len(COLOURS)):
        middle_s = (number + 0.5) * seconds_each
        nearest = min(samples, key=lambda sample: abs(sample.time_s - middle_s))
        assert abs(nearest.time_s - middle_s) < 0.5
        assert colour_at(path, media, nearest) == list(COLOURS)[number % len(COLOURS)], number


@pytest.mark.parametrize("name", CONTAINERS)
def test_images_and_audio_agree_in_every_container(tmp_path: Path, name: str) -> None:
    source = make_media(
        tmp_path / name, *colour_video("720x576" if name.endswith("mxf") else "160x90"), *tone_from_the_third_colour(), *CONTAINERS[name]
    )
    path, media = seekable(source)
    assert_one_clock(path, media)
    assert first_audible_s(wav_of(path, media)) == pytest.approx(4.0, abs=0.15)


def test_a_raw_stream_gets_times(tmp_path: Path) -> None:
    source = make_media(tmp_path / "a.h264", *colour_video(), *H264)
    path, media = seekable(source)
    assert_one_clock(path, media)


@pytest.mark.parametrize(("seconds_each", "parts"), [(4, 2), (2, 2), (1, 4)])
def test_joined_files_are_one_recording(tmp_path: Path, seconds_each: int, parts: int) -> None:
    """ffmpeg by itself takes only a step of more than ten seconds for a new beginning."""
    part_s = 4 * seconds_each
    silent_half = ("-af", f"volume=enable='lt(t,{part_s / 2})':volume=0")
    part = make_media(tmp_path / "part.ts", *colour_video(seconds_each=seconds_each), *audio_source(part_s), *silent_half, *H264)
    video = tmp_path / "joined.ts"
    video.write_bytes(part.read_bytes() * parts)
    path, media = seekable(video)
    assert_one_clock(path, media, repeats=parts, seconds_each=seconds_each)
    sound = np.abs(read_samples(wav_of(path, media)))
    times_s = [(number + 0.25) * part_s / 2 for number in range(2 * parts)]
    assert [bool(sound[int(time_s * 16000) :][:8000].max() > 0.02) for time_s in times_s] == [False, True] * parts


def test_gaps_between_few_frames_stay(tmp_path: Path) -> None:
    video = ("-f", "lavfi", "-i", "color=red:s=160x90:r=0.25:d=24")
    _, media = seekable(make_media(tmp_path / "few.ts", *video, *audio_source(24), *H264))
    assert media.duration_s == pytest.approx(24, abs=0.7)


def test_a_jump_of_the_clock_is_not_a_gap(tmp_path: Path) -> None:
    whole = make_media(tmp_path / "whole.mp4", *colour_video(), *tone_from_the_third_colour(), *H264, "-force_key_frames", "4")
    first = make_media(tmp_path / "first.ts", "-i", str(whole), "-t", "4", "-c", "copy")
    second = make_media(tmp_path / "second.ts", "-ss", "4", "-i", str(whole), "-c", "copy", "-output_ts_offset", "44")
    video = tmp_path / "jump.ts"
    video.write_bytes(first.read_bytes() + second.read_bytes())
    path, media = seekable(video)
    assert_one_clock(path, media)
    assert first_audible_s(wav_of(path, media)) == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("joined_extension", ["ts", "mkv", "mp4"])
@pytest.mark.parametrize("part_extension", ["mp4", "ts", "mkv"])
def test_pieces_cut_between_keyframes_and_joined_have_one_clock(tmp_path: Path, part_extension: str, joined_extension: str) -> None:
    """The first packets of a piece lie before its cut; where they are joined, the clock of a stream may step back a little."""
    silent = ("-f", "lavfi", "-i", "sine=frequency=440:duration=32:sample_rate=16000,volume=enable='lt(t,24)':volume=0")
    encoding = (*H264, "-r", "25", "-force_key_frames", "10,20", "-c:a", "aac", "-b:a", "64k")
    whole = make_media(tmp_path / "whole.mp4", *colour_video(seconds_each=8), *silent, *encoding)
    first = make_media(tmp_path / f"first.{part_extension}", "-ss", "3.3", "-to", "17.3", "-i", str(whole), "-c", "copy")
    second = make_media(tmp_path / f"second.{part_extension}", "-ss", "17.3", "-i", str(whole), "-c", "copy")
    names = tmp_path / "names.txt"
    names.write_text(f"file {first.name}\nfile {second.name}\n")
    path, media = seekable(make_media(tmp_path / f"joined.{joined_extension}", "-f", "concat", "-i", str(names), "-c", "copy"))
    colours = [(sample.time_s, colour_at(path, media, sample)) for sample in samples_of(path, media)]
    assert [colour for colour, _ in itertools.groupby(colour for _, colour in colours)][-1] == "yellow"
    assert {colour for _, colour in colours} == set(COLOURS)
    last_s = next(time_s for time_s, colour in colours if colour == "yellow")
    assert first_audible_s(wav_of(path, media)) == pytest.approx(last_s, abs=0.3)


def test_the_copy_has_the_same_tracks(tmp_path: Path) -> None:
    inputs = (*video_source(1), *audio_source(1), *audio_source(1, 880), *video_source(1, "160x90"))
    maps = ("-map", "0", "-map", "1", "-map", "2", "-map", "3")
    _, media = seekable(make_media(tmp_path / "a.ts", *inputs, *maps, *H264))
    assert [stream.index for stream in media.audio_streams] == [1, 2]
    assert sorted(stream.index for stream in media.video_streams) == [0, 3]


def test_containers_with_an_index_are_not_copied(tmp_path: Path) -> None:
    source = make_media(tmp_path / "a.mp4", *video_source(1))
    assert make_seekable(source, tmp_path / "copy.mkv") == (source, probe(source))
    assert not (tmp_path / "copy.mkv").exists()


def two_videos(tmp_path: Path, *dispositions: str) -> Path:
    camera = ("-f", "lavfi", "-i", "smptebars=s=80x60:r=5:d=8")
    maps = ("-map", "0:v", "-map", "1:v", "-disposition:v:0", dispositions[0], "-disposition:v:1", dispositions[1])
    return make_media(tmp_path / "two.mp4", *camera, *colour_video(), *maps, *H264)


def test_the_images_are_those_of_the_chosen_video_stream(tmp_path: Path) -> None:
    source = two_videos(tmp_path, "0", "default")
    media = probe(source)
    assert media.video and media.video.index == 1
    assert_one_clock(source, media)


def test_a_video_track_can_be_chosen(tmp_path: Path) -> None:
    source = two_videos(tmp_path, "default", "0")
    assert_one_clock(source, choose_tracks(probe(source), video_track=2))
    with pytest.raises(errors.ValidationFailed, match="no video track 3; it has 2"):
        choose_tracks(probe(source), video_track=3)


def test_cover_art_is_not_taken_for_the_video(tmp_path: Path) -> None:
    cover = make_media(tmp_path / "cover.png", "-f", "lavfi", "-i", "color=white:s=640x480:d=1:r=1", "-frames:v", "1")
    maps = ("-i", str(cover), "-map", "1", "-map", "0", "-disposition:v:0", "attached_pic")
    source = make_media(tmp_path / "a.mp4", *colour_video(), *maps, *H264, "-c:v:0", "mjpeg")
    assert_one_clock(source, probe(source))


@pytest.mark.parametrize("ending", ["mkv", "mp4", "webm"])
def test_audio_that_starts_after_the_analysed_part(tmp_path: Path, ending: str) -> None:
    """libavformat analyses the first five seconds."""
    video = ("-f", "lavfi", "-i", "color=red:s=80x60:r=2:d=24")
    codecs = ("-c:v", "libvpx", "-c:a", "libopus") if ending == "webm" else (*H264, "-c:a", "libopus" if ending == "mkv" else "aac")
    source = make_media(tmp_path / f"late.{ending}", *video, "-itsoffset", "20", *audio_source(2), *codecs)
    assert first_audible_s(wav_of(source, probe(source))) == pytest.approx(20.0, abs=0.1)


def test_a_second_track_is_placed_by_its_own_start(tmp_path: Path) -> None:
    late, early = ("-itsoffset", "8", *audio_source(2)), audio_source(2, 880)
    maps = ("-map", "0", "-map", "1", "-map", "2", "-disposition:a:0", "default", "-disposition:a:1", "0")
    source = make_media(tmp_path / "tracks.mkv", "-f", "lavfi", "-i", "color=red:s=80x60:r=2:d=12", *late, *early, *maps, *H264)
    for track, start_s in ((1, 8.0), (2, 0.0)):
        media = choose_tracks(probe(source), audio_track=track)
        extract_audio(source, tmp_path / "track.wav", media, select_audio(source, media, track))
        assert first_audible_s(tmp_path / "track.wav") == pytest.approx(start_s, abs=0.1)
    with pytest.raises(errors.ValidationFailed, match="no audio track 3; it has 2"):
        choose_tracks(probe(source), audio_track=3)


@pytest.fixture
def with_two_tracks(tmp_path: Path) -> Callable[..., Path]:
    def make(first: str, second: str) -> Path:
        inputs = ("-f", "lavfi", "-i", first, "-f", "lavfi", "-i", second)
        names = ("-metadata:s:a:0", "title=Desktop", "-metadata:s:a:1", "title=Mic")
        return make_media(tmp_path / "tracks.mkv", *inputs, "-map", "0", "-map", "1", *names, "-c:a", "pcm_s16le")

    return make


TONE = "sine=frequency=440:duration=12:sample_rate=16000"
SILENCE = "anullsrc=r=16000:cl=mono:d=12"


def test_a_silent_first_track_is_passed_over(with_two_tracks: Callable[..., Path]) -> None:
    source = with_two_tracks(SILENCE, TONE)
    media = probe(source)
    selection = select_audio(source, media)
    assert selection
    assert selection.stream.index == 1
    assert selection.warnings == ("The recording has 2 audio tracks. Track 2 (Mic) was used.",)
    assert first_audible_s(wav_of(source, media)) < 0.1


def test_the_first_track_is_used_if_both_have_sound(with_two_tracks: Callable[..., Path]) -> None:
    source = with_two_tracks(TONE, TONE)
    selection = select_audio(source, probe(source))
    assert selection and selection.stream.index == 0


def test_a_chosen_track_is_used_even_if_it_is_silent(with_two_tracks: Callable[..., Path]) -> None:
    source = with_two_tracks(SILENCE, TONE)
    selection = select_audio(source, choose_tracks(probe(source), audio_track=1), 1)
    assert selection and selection.stream.index == 0


@pytest.mark.parametrize(
    ("channels", "cancel"),
    [
        ("c0=c0|c1=c0", False),
        ("c0=c0|c1=-1*c0", True),
        ("c0=0.6*c0|c1=-1*c0", True),
        ("c0=0.2*c0|c1=-1*c0", False),
        ("c0=c0|c1=0*c0", False),
    ],
    ids=["equal", "inverted", "inverted and quieter", "inverted and quiet", "one silent"],
)
def test_channels_that_cancel_each_other_out_are_not_mixed(tmp_path: Path, channels: str, cancel: bool) -> None:
    source = make_media(tmp_path / "a.m4a", *audio_source(12), "-af", f"pan=stereo|{channels}")
    media = probe(source)
    selection = select_audio(source, media)
    assert selection and (selection.channel is not None) == bool(selection.warnings) == cancel
    sound = read_samples(wav_of(source, media))
    assert float(np.sqrt((sound**2).mean())) > 0.03


def test_sound_that_begins_late_in_a_long_recording_is_measured(tmp_path: Path) -> None:
    late = "adelay=320s:all=1,pan=stereo|c0=c0|c1=-1*c0"
    source = make_media(tmp_path / "a.flac", *audio_source(15), "-ar", "8000", "-af", late)
    selection = select_audio(source, probe(source))
    assert selection and selection.channel is not None
