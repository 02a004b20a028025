"""Recordings, odd ones and things that only pretend to be recordings."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

import errors
from services.media.probe import probe
from services.media.truncation import is_truncated
from tests.media.samples import make, picture, tone


def test_a_lecture_has_picture_sound_and_duration(tmp_path: Path) -> None:
    media = probe(make(tmp_path / "a.mp4", *picture(3), *tone(3)))
    assert media.duration_s == pytest.approx(3, abs=0.1)
    assert media.video and (media.video.width, media.video.height) == (320, 180)
    assert media.video.frame_rate == pytest.approx(10)
    assert media.audio and media.audio.sample_rate == 44100
    assert media.size_bytes == (tmp_path / "a.mp4").stat().st_size


@pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.avi", "a.ts", "a.webm"])
def test_containers_tell_their_duration(tmp_path: Path, name: str) -> None:
    codecs = ("-c:v", "libvpx", "-c:a", "libopus") if name.endswith("webm") else ()
    media = probe(make(tmp_path / name, *picture(2), *tone(2), *codecs))
    assert media.duration_s == pytest.approx(2, abs=0.15)
    assert media.video and media.audio


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.flac", "a.ogg", "a.m4a", "a.aac"])
def test_sound_alone(tmp_path: Path, name: str) -> None:
    media = probe(make(tmp_path / name, *tone(2)))
    assert media.duration_s == pytest.approx(2, abs=0.15)
    assert media.video is None
    assert media.audio


def test_duration_comes_from_packets_where_the_container_has_none(tmp_path: Path) -> None:
    """As browsers record: WebM written to a pipe."""
    made = make(tmp_path / "live.webm", *picture(3), *tone(3), "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm", "-live", "1")
    assert probe(made).duration_s == pytest.approx(3, abs=0.2)


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cover = make(tmp_path / "cover.png", *picture(1), "-frames:v", "1")
    song = make(tmp_path / "song.mp3", *tone(2), "-i", str(cover), "-map", "0", "-map", "1", "-disposition:v", "attached_pic")
    assert probe(song).video is None


def test_rotation_and_pixel_shape_are_followed(tmp_path: Path) -> None:
    flat = make(tmp_path / "flat.mp4", *picture(1))
    turned = make(tmp_path / "turned.mp4", "-i", str(flat), "-c", "copy", "-metadata:s:v", "rotate=90")
    video = probe(turned).video
    assert video and (video.width, video.height) == (180, 320)
    assert video.rotation in (90, 270)
    wide = probe(make(tmp_path / "wide.mp4", *picture(1, "360x288"), "-vf", "setsar=16/15")).video
    assert wide and (wide.width, wide.height) == (384, 288)


def test_streams_that_start_late_say_so(tmp_path: Path) -> None:
    media = probe(make(tmp_path / "late.mkv", "-itsoffset", "1.5", *picture(2), *tone(3)))
    assert media.video and media.video.start_s == pytest.approx(1.5, abs=0.1)
    assert media.audio and media.audio.start_s == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    "name", ["-dash.mp4", "two words.mp4", "per%03dcent.mp4", "a:b.mp4", "quote'\".mp4", "نص.mp4", "new\nline.mp4", "concat:x.mp4"]
)
def test_names_are_taken_literally(tmp_path: Path, name: str) -> None:
    good = make(tmp_path / "good.mp4", *picture(1))
    good.rename(tmp_path / name)
    assert probe(tmp_path / name).video


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(errors.EmptyFile):
        probe(tmp_path / "empty.mp4")


_PRETENDERS = {
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


@pytest.mark.parametrize("kind", _PRETENDERS)
@pytest.mark.parametrize("ending", ["mp4", "mp3"])
def test_pretenders_are_no_media(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"lecture.{ending}"
    path.write_bytes(_PRETENDERS[kind])
    with pytest.raises(errors.NotMedia):
        probe(path)


def test_pictures_and_noise_are_no_media(tmp_path: Path) -> None:
    png = make(tmp_path / "slide%03d.png", *picture(1), "-frames:v", "1").with_name("slide001.png")
    noise = tmp_path / "noise.mp4"
    noise.write_bytes(os.urandom(300_000))
    for path in (png, noise):
        with pytest.raises(errors.NotMedia):
            probe(path)


def test_a_truncated_recording_is_called_incomplete(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mp4", *picture(2)).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(errors.UnusableRecording, match="incomplete"):
        probe(tmp_path / "cut.mp4")


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "front.mp4", "fragments.mp4"])
def test_a_cut_recording_lasts_as_long_as_what_is_left(tmp_path: Path, name: str) -> None:
    kinds = {
        "webm": ("-c:v", "libvpx", "-c:a", "libopus"),
        "fron": ("-movflags", "faststart"),
        "frag": ("-movflags", "frag_keyframe", "-g", "10"),
    }
    whole = make(tmp_path / name, *picture(8), *tone(8), *kinds.get(name[:4].removeprefix("a."), ()))
    assert not is_truncated(whole)
    assert probe(whole).duration_s == pytest.approx(8, abs=0.2)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2])
    assert is_truncated(whole)
    assert 2 < probe(whole).duration_s < 6


@pytest.mark.parametrize("head", [b"", b"RIFF", b"\0\0\0\0ftyp", b"\0\0\0\1ftyp", b"\x1aE\xdf\xa3", b"\x1aE\xdf\xa3\0", b"OggS"])
def test_odd_heads_break_nothing(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "odd"
    for tail in (b"", bytes(40), b"\xff" * 40):
        path.write_bytes(head + tail)
        assert is_truncated(path) in (True, False)


def test_a_recording_without_frames_has_no_duration(tmp_path: Path) -> None:
    path = make(tmp_path / "none.wav", *tone(1), "-t", "0")
    with pytest.raises(errors.UnusableRecording):
        probe(path)


def test_absurd_dimensions_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "huge.mkv", *picture(0.1, "20000x16"), "-c:v", "ffv1")
    with pytest.raises(errors.UnusableRecording, match="pixels"):
        probe(path)


@pytest.mark.parametrize("size", ["2x2", "1600x16", "16x480"])
def test_pictures_that_can_show_nothing_do_not_count(tmp_path: Path, size: str) -> None:
    with pytest.raises(errors.UnusableRecording, match="too small"):
        probe(make(tmp_path / "mute.mkv", *picture(0.5, size), "-c:v", "ffv1"))
    both = make(tmp_path / "spoken.mkv", *picture(0.5, size), *tone(0.5), "-c:v", "ffv1")
    assert (probe(both).video, probe(both).audio is not None) == (None, True)


def test_thousands_of_streams_are_refused(tmp_path: Path) -> None:
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


def test_formats_that_nothing_here_decodes_are_told_from_files_that_are_no_media(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", *picture(2), *tone(2))
    content = path.read_bytes()
    assert b"mp4a" in content and b"avc1" in content
    path.write_bytes(content.replace(b"avc1", b"qqq1").replace(b"mp4a", b"qqqa").replace(b"esds", b"qqqs"))
    with pytest.raises(errors.UnknownCodec):
        probe(path)
