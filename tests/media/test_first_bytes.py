"""Files that are refused by their first bytes."""

from __future__ import annotations

import pytest

import errors
from services.media import first_bytes
from tests.conftest import SAMPLES


@pytest.mark.parametrize(
    "start",
    [b"%PDF-1.7 \x00", b"PK\x03\x04\x00", b"plain text", "Überschrift é".encode()[:-1], b"<html>", b"\x89PNG\r\n", b"#EXTM3U\n"],
)
def test_other_files_are_not_recordings(start: bytes) -> None:
    with pytest.raises(errors.NotMedia):
        first_bytes.check_recording(start)


def test_recordings_and_unknown_bytes_pass() -> None:
    for start in ((SAMPLES / "tiny.mp4").read_bytes()[:512], b"\x1aE\xdf\xa3\x01\x00", b"ID3\x04\x00", b"OggS\x00\x02", b"RIFF\x00\x00"):
        first_bytes.check_recording(start)


def test_thumbnails_are_pictures() -> None:
    for start in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP"):
        first_bytes.check_picture(start)
    assert first_bytes.picture_type(b"RIFF\x00\x00\x00\x00WEBP") == "image/webp"
    for start in (b"RIFF\x00\x00\x00\x00WAVE", b"<svg>", b""):
        with pytest.raises(first_bytes.NotAPicture):
            first_bytes.check_picture(start)
