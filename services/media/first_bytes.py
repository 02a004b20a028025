"""Recognise files that are certainly no recording by their first bytes, before the rest of them is received."""

from __future__ import annotations

import errors

LENGTH = 512
_OTHER_FILES = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x7fELF",
    b"MZ",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"SQLite format 3",
)
_PICTURE_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")
_TEXT_CONTROLS = b"\t\n\r\f\x1b"


class NotAPicture(errors.LecternError):
    """The file is not a picture."""

    code = "not_a_picture"
    status = 415
    hint = "Send a JPEG, PNG or WebP file."


def check_recording(start: bytes) -> None:
    """Raise NotMedia for the beginning of another kind of file, or of a text. Probing the whole file decides about the rest."""
    if start.startswith(_OTHER_FILES) or is_text(start[:LENGTH]):
        raise errors.NotMedia


def check_picture(start: bytes) -> None:
    """Raise NotAPicture unless this is the beginning of a JPEG, PNG or WebP file."""
    if not is_picture(start):
        raise NotAPicture


def is_picture(start: bytes) -> bool:
    """Return whether this is the beginning of a JPEG, PNG or WebP file."""
    return start.startswith(_PICTURE_SIGNATURES) and (not start.startswith(b"RIFF") or start[8:12] == b"WEBP")


def picture_type(start: bytes) -> str:
    """Return the content type of a picture."""
    return "image/png" if start.startswith(b"\x89PNG") else "image/webp" if start.startswith(b"RIFF") else "image/jpeg"


def is_text(start: bytes) -> bool:
    """Return whether this is the beginning of a text in UTF-8."""
    return bool(start) and all(byte >= 0x20 or byte in _TEXT_CONTROLS for byte in start) and _is_utf8(start)


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(start) - 3  # a character that was cut off
    return True
