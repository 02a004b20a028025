"""Files for players: playlists, renditions, thumbnails, captions and chapters of a recording."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

import errors
from database import end_read, session
from lib.text import clean_text
from models import Artifact, Recording
from services.library import hidden_formats, notes_archive
from services.media.playlists import MANIFEST, MASTER_PLAYLIST
from services.media.streaming import POSTER
from services.media.thumbnails import SPRITE, timestamp
from services.media.unfinished_streams import media_name
from services.storage import Store

CAPTIONS, CHAPTERS, THUMBNAILS = "captions.vtt", "chapters.vtt", "thumbnails.vtt"
_VTT = "text/vtt; charset=utf-8"
_PLAYLIST_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml"}
_FORMATS_BY_NAME = {
    SPRITE: hidden_formats.SPRITE,
    POSTER: hidden_formats.POSTER,
    CAPTIONS: "vtt",
    **{media_name(number): name for number, name in enumerate(hidden_formats.STREAM_MEDIA)},
}


@dataclass(frozen=True)
class StreamText:
    """A playlist or another short text."""

    content: str
    content_type: str


@dataclass(frozen=True)
class StreamFiles:
    """The names of the files that a recording has for players; "" for one that it has not."""

    hls: str
    dash: str
    thumbnails: str
    poster: str
    captions: str
    chapters: str


def files_of(recording: Recording) -> StreamFiles:
    """Return the files that players may load."""
    formats = set(_formats(recording))
    has_streams = hidden_formats.STREAM_INDEX in formats
    has_chapters = bool(recording.chapters) or hidden_formats.NOTES_ARCHIVE in formats

    def name(file: str, is_there: bool) -> str:
        return file if is_there else ""

    return StreamFiles(
        hls=name(MASTER_PLAYLIST, has_streams),
        dash=name(MANIFEST, has_streams),
        thumbnails=name(THUMBNAILS, hidden_formats.SPRITE in formats),
        poster=name(POSTER, hidden_formats.POSTER in formats),
        captions=name(CAPTIONS, "vtt" in formats),
        chapters=name(CHAPTERS, has_chapters),
    )


def open_file(recording: Recording, name: str, store: Store) -> StreamText | Artifact:
    """Return a file of the recording by its name. The caller checks permissions. Raises NotFound."""
    if name in _FORMATS_BY_NAME:
        return _artifact(recording, _FORMATS_BY_NAME[name])
    if name == CHAPTERS:
        return StreamText(_chapters(recording, store), _VTT)
    index = _index(recording, store)
    if name == THUMBNAILS and index["thumbnails"]:
        return StreamText(index["thumbnails"], _VTT)
    if name in index["playlists"]:
        return StreamText(index["playlists"][name], _PLAYLIST_TYPES[name[name.rindex(".") :]])
    raise errors.NotFound(f"There is no file {name}.")


def _formats(recording: Recording) -> list[str]:
    return list(session().execute(select(Artifact.format).where(Artifact.recording_id == recording.id)).scalars())


def _artifact(recording: Recording, format_name: str) -> Artifact:
    query = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format == format_name)
    artifact = session().execute(query).scalar_one_or_none()
    if artifact is None:
        raise errors.NotFound("The recording has no such file.")
    return artifact


def _index(recording: Recording, store: Store) -> Mapping[str, Any]:
    key = _artifact(recording, hidden_formats.STREAM_INDEX).storage_key
    end_read()
    index: dict[str, Any] = json.loads(b"".join(store.read(key)))
    return index


def _chapters(recording: Recording, store: Store) -> str:
    """Return WebVTT chapters: those of the recording, else one for each time a slide is shown."""
    starts = [(float(each["start_s"]), str(each["title"])) for each in recording.chapters]
    duration_s = recording.duration_s
    if not starts:
        archive = hidden_formats.shown_notes(session(), recording.id)
        key = archive.storage_key if archive is not None else ""
        end_read()
        if not key:
            raise errors.NotFound("track")
        index, _ = notes_archive.read_index(store, key)
        visits = [
            (visit.start_s + index.source_offset_s, slide.title or f"Slide {slide.number}")
            for slide in index.slides
            for visit in slide.visits
        ]
        starts = sorted(visits)
    ends = [start_s for start_s, _ in starts[1:]] + [duration_s]
    cues = [
        f"{timestamp(start_s)} --> {timestamp(end_s)}\n{_cue_text(title)}"
        for (start_s, title), end_s in zip(starts, ends, strict=True)
        if end_s > start_s
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue_text(title: str) -> str:
    """Return a title as one line for WebVTT, which forbids arrows in a cue."""
    return clean_text(title).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
