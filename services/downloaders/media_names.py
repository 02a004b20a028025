"""Names of files that may be recordings."""

from __future__ import annotations

from pathlib import PurePosixPath

_EXTENSIONS = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".qt", ".avi", ".mkv", ".webm", ".wmv", ".flv", ".f4v", ".3gp", ".3g2", ".ogv", ".mpg", ".mpeg", ".ts"),
        *(".m2ts", ".mts", ".vob", ".asf", ".mxf"),
        *(".mp3", ".m4a", ".m4b", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac", ".wma", ".aif", ".aiff", ".amr"),
    }
)


def is_media_name(filename: str) -> bool:
    """Return whether the name has an extension of video or audio files."""
    return PurePosixPath(filename).suffix.lower() in _EXTENSIONS
