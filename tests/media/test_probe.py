"""Probing recordings, unusual recordings, and files that are not recordings."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

import errors
from services.media import ffmpeg
from services.media.probe import probe, shortest_step_back_s
from services.media.truncation import is_truncated
from tests.media.samples import audio_source, make_media, video_source


def test_video_audio_and_duration_of_a_lecture(tmp_path: Path) -> None:
    media = probe(make_media(tmp_path / "a.mp4", *video_source(3), *audio_source(3)))
    assert media.duration_s == pytest.approx(3, abs=0.1)
    assert media.video and (media.video.width, media.video.height) == (320, 180)
    assert media.video.frame_rate == pytest.approx(10)
    assert media.audio and media.audio.sample_rate == 44100
    assert media.size_bytes == (tmp_path / "a.mp4").stat().st_size


@pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.avi", "a.ts", "a.webm"])
def test_duration_of_each_container(tmp_path: Path, name: str) -> None:
    codecs = ("-c:v", "libvpx", "-c:a", "libopus") if name.endswith("webm") else ()
    media = probe(make_media(tmp_path / name, *video_source(2), *audio_source(2), *codecs))
    assert media.duration_s == pytest.approx(2, abs=0.15)
    assert media.video and media.audio


def test_a_recording_whose_sound_begins_late_is_read_to_its_end(tmp_path: Path) -> None:
    late_sound = ("-itsoffset", "8", *audio_source(1))
    constant_rate = ("-b:v", "9M", "-minrate", "9M", "-maxrate", "9M", "-bufsize", "2M")
    source = ("-f", "lavfi", "-i", "testsrc2=duration=12:size=320x240:rate=25")
    video = make_media(tmp_path / "a.mpg", *source, *late_sound, "-c:v", "mpeg1video", *constant_rate, "-c:a", "mp2")
    assert not probe(video).audio_streams  # so late that it is not found at the beginning
    assert shortest_step_back_s(video) is None
    with video.open("ab") as file:
        file.write(bytes(2**20))
    assert probe(video).duration_s == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.flac", "a.ogg", "a.m4a", "a.aac"])
def test_audio_files_have_no_video(tmp_path: Path, name: str) -> None:
    media = probe(make_media(tmp_path / name, *audio_source(2)))
    assert media.duration_s == pytest.approx(2, abs=0.15)
    assert media.video is None
    assert media.audio


def test_duration_comes_from_packets_if_the_container_has_none(tmp_path: Path) -> None:
    """Browsers record WebM like this: written to a pipe."""
    recording = make_media(
        tmp_path / "live.webm", *video_source(3), *audio_source(3), "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm", "-live", "1"
    )
    assert probe(recording).duration_s == pytest.approx(3, abs=0.2)


def test_cover_art_is_not_video(tmp_path: Path) -> None:
    cover = make_media(tmp_path / "cover.png", *video_source(1), "-frames:v", "1")
    song = make_media(tmp_path / "song.mp3", *audio_source(2), "-i", str(cover), "-map", "0", "-map", "1", "-disposition:v", "attached_pic")
    assert probe(song).video is None


def test_rotation_and_pixel_aspect_ratio_are_applied(tmp_path: Path) -> None:
    flat = make_media(tmp_path / "flat.mp4", *video_source(1))
    path = make_media(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", str(flat), "-c", "copy")
    video = probe(path).video
    assert video and (video.width, video.height) == (180, 320)
    assert video.rotation in (90, 270)
    wide = probe(make_media(tmp_path / "wide.mp4", *video_source(1, "360x288"), "-vf", "setsar=16/15")).video
    assert wide and (wide.width, wide.height) == (384, 288)


def test_stream_starts_are_reported(tmp_path: Path) -> None:
    media = probe(make_media(tmp_path / "late.mkv", "-itsoffset", "1.5", *video_source(2), *audio_source(3)))
    assert media.video and media.video.start_s == pytest.approx(1.5, abs=0.1)
    assert media.audio and media.audio.start_s == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    "name", ["-dash.mp4", "two words.mp4", "per%03dcent.mp4", "a:b.mp4", "quote'\".mp4", "نص.mp4", "new\nline.mp4", "concat:x.mp4"]
)
def test_names_are_taken_literally(tmp_path: Path, name: str) -> None:
    good = make_media(tmp_path / "good.mp4", *video_source(1))
    good.rename(tmp_path / name)
    assert probe(tmp_path / name).video


def test_an_empty_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(errors.EmptyFile):
        probe(tmp_path / "empty.mp4")


_NOT_MEDIA = {
    "text": b"Dear diary, today I watched a lecture.\n" * 50,
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "subtitles": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
    "metadata": b";FFMETADATA1\ntitle=x\n",
    "page": b"<!doctype html><title>Not found</title>",
    "zip": b"PK\x03\x04" + bytes(500),
    "zeros": bytes(100_000),
}


@pytest.mark.parametrize("kind", _NOT_MEDIA)
@pytest.mark.parametrize("ending", ["mp4", "mp3"])
def test_other_files_with_media_extensions_are_rejected(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"lecture.{ending}"
    path.write_bytes(_NOT_MEDIA[kind])
    with pytest.raises(errors.NotMedia):
        probe(path)


def test_images_and_noise_are_rejected(tmp_path: Path) -> None:
    png = make_media(tmp_path / "slide%03d.png", *video_source(1), "-frames:v", "1").with_name("slide001.png")
    noise, like_mp3, like_dv = tmp_path / "noise.mp4", tmp_path / "noise.mp3", tmp_path / "noise.mov"
    noise.write_bytes(random.Random(1).randbytes(300_000))
    like_mp3.write_bytes(b"\xff\xfb\x90\x64" + random.Random(2).randbytes(300_000))  # the header of a frame
    like_dv.write_bytes(random.Random(2824).randbytes(300_000))  # libavformat takes it for DV
    for path in (png, noise, like_mp3, like_dv):
        with pytest.raises(errors.NotMedia):
            probe(path)


def test_raw_dv_is_a_recording(tmp_path: Path) -> None:
    media = probe(make_media(tmp_path / "camera.dv", *video_source(1, "720x576"), "-r", "25", "-c:v", "dvvideo", "-pix_fmt", "yuv420p"))
    assert media.format_name == "dv" and media.duration_s == pytest.approx(1, abs=0.1)
    assert media.video and (media.video.width, media.video.height) == (768, 576)


def test_a_recording_without_its_index_is_reported_as_incomplete(tmp_path: Path) -> None:
    whole = make_media(tmp_path / "whole.mp4", *video_source(2)).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(errors.UnusableRecording, match="incomplete"):
        probe(tmp_path / "cut.mp4")


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "front.mp4", "fragments.mp4"])
def test_a_truncated_recording_has_the_duration_of_its_remaining_part(tmp_path: Path, name: str) -> None:
    kinds = {
        "webm": ("-c:v", "libvpx", "-c:a", "libopus"),
        "fron": ("-movflags", "faststart"),
        "frag": ("-movflags", "frag_keyframe", "-g", "10"),
    }
    whole = make_media(tmp_path / name, *video_source(8), *audio_source(8), *kinds.get(name[:4].removeprefix("a."), ()))
    assert not is_truncated(whole)
    assert probe(whole).duration_s == pytest.approx(8, abs=0.2)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    assert is_truncated(whole)
    assert 2 < probe(whole).duration_s < 6


@pytest.mark.parametrize("head", [b"", b"RIFF", b"\0\0\0\0ftyp", b"\0\0\0\1ftyp", b"\x1aE\xdf\xa3", b"\x1aE\xdf\xa3\0", b"OggS"])
def test_incomplete_headers_raise_no_error(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "odd"
    for tail in (b"", bytes(40), b"\xff" * 40):
        path.write_bytes(head + tail)
        assert is_truncated(path) in (True, False)


def test_a_recording_without_frames_has_no_duration(tmp_path: Path) -> None:
    path = make_media(tmp_path / "none.wav", *audio_source(1), "-t", "0")
    with pytest.raises(errors.UnusableRecording):
        probe(path)


def test_excessive_dimensions_are_rejected(tmp_path: Path) -> None:
    path = make_media(tmp_path / "huge.mkv", *video_source(0.1, "20000x16"), "-c:v", "ffv1")
    with pytest.raises(errors.UnusableRecording, match="pixels"):
        probe(path)


@pytest.mark.parametrize("size", ["2x2", "1600x16", "16x480"])
def test_video_that_is_too_small_is_ignored(tmp_path: Path, size: str) -> None:
    with pytest.raises(errors.UnusableRecording, match="too small"):
        probe(make_media(tmp_path / "mute.mkv", *video_source(0.5, size), "-c:v", "ffv1"))
    both = make_media(tmp_path / "spoken.mkv", *video_source(0.5, size), *audio_source(0.5), "-c:v", "ffv1")
    assert (probe(both).video, probe(both).audio is not None) == (None, True)


def test_hundreds_of_streams_are_rejected(tmp_path: Path) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    stream_format = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    header = struct.pack("<4s4sIHHIIIIIIII8s", b"auds", b"\0" * 4, 0, 0, 0, 0, 1, 8000, 0, 8000, 16000, 10, 2, b"\0" * 8)
    streams = b"".join(chunk(b"LIST", b"strl" + chunk(b"strh", header) + chunk(b"strf", stream_format)) for _ in range(900))
    main = chunk(b"avih", struct.pack("<14I", 100000, 0, 0, 0, 1, 0, 900, 0, 0, 0, 0, 0, 0, 0))
    body = b"AVI " + chunk(b"LIST", b"hdrl" + main + streams) + chunk(b"LIST", b"movi" + chunk(b"00wb", bytes(16000)))
    path = tmp_path / "many.avi"
    path.write_bytes(chunk(b"RIFF", body))
    with pytest.raises(errors.UnusableRecording):
        probe(path)


@pytest.mark.parametrize(("codec", "container"), [("magicyuv", "mkv"), ("snow", "nut")])
def test_decoders_that_recordings_do_not_need_are_not_opened(tmp_path: Path, codec: str, container: str) -> None:
    encoder = ("-c:v", codec, "-strict", "-2", "-c:a", "flac")
    with pytest.raises(errors.UnknownCodec):
        probe(make_media(tmp_path / f"alone.{container}", *video_source(1, "64x64"), *encoder))
    both = make_media(tmp_path / f"both.{container}", *video_source(1, "64x64"), *audio_source(1), *encoder)
    media = probe(both)
    assert media.video is None and media.audio is not None
    with pytest.raises(errors.UnknownCodec):
        ffmpeg.run(ffmpeg.open_input(both)["0"].output("-", f="null"))


def test_an_unknown_codec_is_not_reported_as_an_unknown_format(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a.mp4", *video_source(2), *audio_source(2))
    content = path.read_bytes()
    assert b"mp4a" in content and b"avc1" in content
    path.write_bytes(content.replace(b"avc1", b"qqq1").replace(b"mp4a", b"qqqa").replace(b"esds", b"qqqs"))
    with pytest.raises(errors.UnknownCodec):
        probe(path)
