"""Damaged recordings: truncated, with flipped bits, spliced, incomplete."""

from __future__ import annotations

import random
from pathlib import Path

from bench.adversarial.case import Case, recording
from bench.adversarial.make import ffmpeg, remux

_ANY = "accepted not_media unusable_recording empty_file too_long no_slides_no_speech no_speech unknown_codec"
_CONTAINERS = ("mkv", "avi", "ts", "flv", "mov")


def cases(folder: Path, base: Path, seed: int) -> list[Case]:
    rng = random.Random(seed)
    content = base.read_bytes()
    moov_box = content.rindex(b"moov")  # the index of an MP4 file
    all_cases = [
        _truncated_case(base, content, share) for share in (0.0005, 0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
    ]
    all_cases += [_bit_flip_case(f"bits-{number}", content, rng, 2**number) for number in range(12)]
    all_cases += [_bit_flip_case(f"moov-bits-{number}", content, rng, 2**number, start=moov_box) for number in range(8)]
    for kind in _CONTAINERS:
        other = remux(base, folder / f"whole.{kind}", *(["-bsf:v", "h264_mp4toannexb"] if kind == "ts" else []))
        whole_content = other.read_bytes()
        all_cases += [_truncated_case(other, whole_content, share) for share in (0.02, 0.6)]
        all_cases.append(_bit_flip_case(f"flipped-{kind}", whole_content, rng, 200, filename=f"flipped.{kind}"))
        all_cases.append(_bit_flip_case(f"flipped-head-{kind}", whole_content, rng, 24, end=600, filename=f"flipped.{kind}"))
    return all_cases + _spliced_cases(folder, base, content, rng) + _incomplete_cases(folder, base)


def _truncated_case(source: Path, content: bytes, share: float) -> Case:
    return recording("damaged", f"cut-{share:g}-{source.suffix[1:]}", content[: int(len(content) * share)], _ANY, filename=source.name)


def _bit_flip_case(
    name: str, content: bytes, rng: random.Random, bits: int, start: int = 0, end: int | None = None, filename: str = "flipped.mp4"
) -> Case:
    content_copy = bytearray(content)
    for _ in range(bits):
        content_copy[rng.randrange(start, end or len(content_copy))] ^= 1 << rng.randrange(8)
    return recording("damaged", name, bytes(content_copy), _ANY, filename=filename)


def _spliced_cases(folder: Path, base: Path, content: bytes, rng: random.Random) -> list[Case]:
    matroska = remux(base, folder / "splice.mkv").read_bytes()
    noise = rng.randbytes(200_000)
    return [
        recording("damaged", "mp4-head-mkv-body", content[:64] + matroska[64:], _ANY),
        recording("damaged", "mkv-head-mp4-body", matroska[:64] + content[64:], _ANY, filename="swapped.mkv"),
        recording("damaged", "halves-swapped", content[len(content) // 2 :] + content[: len(content) // 2], _ANY),
        recording("damaged", "twice-itself", content + content, _ANY),
        recording("damaged", "zeros-in-the-middle", content[:10_000] + bytes(10_000) + content[20_000:], _ANY),
        recording("damaged", "noise-behind-an-mp4-head", content[:48] + noise, "not_media unusable_recording"),
        recording("damaged", "noise", noise, "not_media unusable_recording"),
        recording("damaged", "noise-appended", content + noise, _ANY),
        recording("damaged", "zeros", bytes(100_000), "not_media unusable_recording"),
        recording("damaged", "one-byte", b"\0", "not_media unusable_recording"),
        recording("damaged", "empty", b"", "empty_file"),
        recording("damaged", "head-only", content[:32], "not_media unusable_recording"),
    ]


def _incomplete_cases(folder: Path, base: Path) -> list[Case]:
    """Valid files that lack audio, video or frames."""
    source = ["-i", str(base)]
    still = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=10"]
    inputs = [
        ("no-sound", remux(base, folder / "no-sound.mp4", "-an"), "accepted"),
        ("no-picture", remux(base, folder / "no-picture.m4a", "-vn"), "accepted"),
        ("one-frame", ffmpeg(folder / "one-frame.mp4", *still, "-frames:v", "1", "-c:v", "libx264"), "accepted unusable_recording"),
        (
            "one-frame-raw",
            ffmpeg(folder / "one-frame.h264", *still, "-frames:v", "1", "-c:v", "libx264"),
            "accepted unusable_recording not_media no_slides_no_speech",
        ),
        ("silence", ffmpeg(folder / "silence.wav", "-f", "lavfi", "-i", "anullsrc=r=8000:d=2"), "no_speech"),
        (
            "no-samples",
            ffmpeg(folder / "no-samples.wav", "-f", "lavfi", "-i", "anullsrc=r=8000", "-t", "0.00001"),
            "accepted unusable_recording no_speech not_media",
        ),
        ("no-frames", ffmpeg(folder / "no-frames.mkv", *source, "-t", "0", "-c", "copy"), ""),
        (
            "black",
            ffmpeg(folder / "black.mp4", "-f", "lavfi", "-i", "color=black:s=320x180:r=5:d=2", "-c:v", "libx264"),
            "accepted no_slides_no_speech",
        ),
        ("subtitles-only", _subtitles_only_file(folder), "not_media"),
        ("cover-only", _cover_only_file(folder), "not_media accepted no_slides_no_speech unusable_recording"),
    ]
    return [recording("incomplete", name, path, expects) for name, path, expects in inputs]


def _subtitles_only_file(folder: Path) -> Path:
    text = folder / "lines.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:02,000\nnothing but words\n")
    return ffmpeg(folder / "subtitles-only.mkv", "-i", str(text), "-c:s", "srt")


def _cover_only_file(folder: Path) -> Path:
    """Create an MP3 tag with a cover and no audio."""
    picture = ffmpeg(folder / "cover.jpg", "-f", "lavfi", "-i", "testsrc=size=200x200", "-frames:v", "1", "-update", "1").read_bytes()
    frame = b"\0image/jpeg\0\x03\0" + picture
    size = len(frame) + 10
    tag = (
        b"ID3\x03\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + b"APIC" + len(frame).to_bytes(4, "big") + b"\0\0" + frame
    )
    target = folder / "cover-only.mp3"
    target.write_bytes(tag)
    return target
