"""Decode subtitles, which may have any legacy encoding."""

from __future__ import annotations

import charset_normalizer

import errors

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WIDE_ARROW = "-->".encode("utf-16-le")  # at an odd place in big-endian text
_MAX_GUESSED_BYTES = 400_000
_TURKISH_LETTERS = (b"\xfd", b"\xfe", b"\xf0")  # dotless i, s with cedilla, soft g in Windows-1254


def decode(data: bytes) -> str:
    """Decode by byte order mark, by the place of an arrow in UTF-16, as UTF-8, else by a guess. Raises BadSubtitles."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding and (arrow := data.find(_WIDE_ARROW, 0, _MAX_GUESSED_BYTES)) >= 0:
        encoding = "utf-16-be" if arrow % 2 else "utf-16-le"
    for candidate in (encoding, "utf-8"):
        if candidate:
            try:
                return data.decode(candidate)
            except UnicodeDecodeError:
                continue
    return data.decode(_guess(data), errors="replace")


def _guess(data: bytes) -> str:
    """Guess a legacy encoding. Among equally likely ones prefer Windows-1252, or Windows-1254 where Turkish letters occur."""
    text_lines = [line for line in data[:_MAX_GUESSED_BYTES].splitlines() if b"-->" not in line and not line.strip().isdigit()]
    text = b"\n".join(text_lines)
    matches = list(charset_normalizer.from_bytes(text))
    if not matches:
        raise errors.BadSubtitles("Its text encoding is unknown.", hint="Save the subtitles as UTF-8.")
    best = matches[0]
    equal = {match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)}
    encodings = ("cp1254", "cp1252") if any(letter in text for letter in _TURKISH_LETTERS) else ("cp1252",)
    return next((name for name in encodings if name in equal), best.encoding)
