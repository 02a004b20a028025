"""Prepare a recording for streaming: HLS and DASH over the same segments, a poster and a sheet of thumbnails.

One ffmpeg process decodes the recording once for all renditions. Each rendition is one file, which players read by byte range, so a
lecture of hours is a handful of objects in the store. The dash muxer writes the playlists of both protocols
(https://ffmpeg.org/ffmpeg-formats.html#dash-2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

import errors
from domain import MediaInfo
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from services.media import ffmpeg, hdr, voice_level
from services.media.allowed_formats import MAX_PIXELS, file_url
from services.media.ladder import Rung, rungs_of

MASTER_PLAYLIST, MANIFEST = "master.m3u8", "manifest.mpd"
SPRITE, POSTER = "sprite.jpg", "poster.jpg"
SEGMENT_S = 4
_MAX_FRAME_RATE = 60
_GRID = 10  # thumbnails per row and column of the sheet
_MIN_THUMBNAIL_INTERVAL_S = 2.0
_THUMBNAIL_WIDTH, _POSTER_WIDTH = 160, 640
_POSTER_SHARE = 0.1  # of the duration: the first frames are often black
_AUDIO_KBPS = 128
_OVERHEAD = 1.3  # of bit rates over a whole file, muxing included
_SPARE_BYTES = 2**26
_ENCODING_TIME_FACTOR = 20  # a slow machine may encode this many times slower than playback


@dataclass(frozen=True)
class Streams:
    """The files that were written into the folder. `thumbnails` is a WebVTT file that names parts of the sheet, "" without video."""

    rungs: tuple[Rung, ...]
    has_audio: bool
    thumbnails: str


def media_name(number: int) -> str:
    """Return the file of a rendition: the video renditions, smallest first, then the audio."""
    return f"stream{number}.mp4"


def prepare(
    source: Path,
    folder: Path,
    media: MediaInfo,
    *,
    gain_db: float = 0.0,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> Streams:
    """Write the playlists and renditions of a recording into an empty folder. Raises UnusableRecording if it can't be decoded.

    `gain_db`: change of the sound's level; peaks are limited.
    """
    inputs = ffmpeg.open_input(source, sn=None, dn=None, max_pixels=MAX_PIXELS)
    rungs = rungs_of(media.video) if media.video is not None else []
    interval_s = max(_MIN_THUMBNAIL_INTERVAL_S, media.duration_s / _GRID**2)
    streams, outputs = [], []
    if media.video is not None:
        pictures = _decoded(inputs, media).filter_multi_output("split", len(rungs) + 2)
        streams = [pictures[index].filter("scale", rung.width, rung.height) for index, rung in enumerate(rungs)]
        outputs = [_sprite(pictures[len(rungs)], folder, media, interval_s), _poster(pictures[len(rungs) + 1], folder, media)]
    if media.audio is not None:
        sound = inputs[str(media.audio.index)]
        streams.append(voice_level.limited(sound, gain_db) if gain_db else sound)
    packaged = ffmpeg_python.output(*streams, file_url(folder / MANIFEST), **_options(rungs, media))
    bytes_per_s = (sum(rung.max_kbps for rung in rungs) + _AUDIO_KBPS) * 1000 / 8
    limits = ffmpeg.limits_for_duration(
        _ENCODING_TIME_FACTOR * media.duration_s, file_bytes=int(_OVERHEAD * bytes_per_s * media.duration_s) + _SPARE_BYTES
    )
    try:
        ffmpeg.run(ffmpeg_python.merge_outputs(packaged, *outputs), media.duration_s, report=report, check=check, limits=limits)
    except errors.ProgramFailed as error:
        if type(error) is not errors.ProgramFailed:
            raise
        raise errors.UnusableRecording("It can't be prepared for streaming; its video or audio may be damaged.") from error
    thumbnails = _thumbnails(media, interval_s) if (folder / SPRITE).is_file() else ""
    return Streams(tuple(rungs), media.audio is not None, thumbnails)


def _decoded(inputs: Any, media: MediaInfo) -> Any:
    assert media.video is not None
    pictures = inputs[str(media.video.index)]
    if not 0 < media.video.frame_rate <= _MAX_FRAME_RATE:
        pictures = pictures.filter("fps", _MAX_FRAME_RATE // 2)
    for each in hdr.tone_mapping_filters(media.video):
        name, _, arguments = each.replace(":r=pc", ":r=tv").partition("=")
        parts = [argument.partition("=") for argument in arguments.split(":")]
        pictures = pictures.filter(name, *(key for key, sign, _ in parts if not sign), **{key: value for key, sign, value in parts if sign})
    return pictures.filter("scale", media.video.width, media.video.height).filter("setsar", 1)


def _options(rungs: list[Rung], media: MediaInfo) -> dict[str, Any]:
    options: dict[str, Any] = {
        "f": "dash",
        "seg_duration": SEGMENT_S,
        "single_file": 1,
        "single_file_name": "stream$RepresentationID$.mp4",
        "hls_playlist": 1,
        "map_metadata": -1,
        "map_chapters": -1,
        "max_muxing_queue_size": 4096,
    }
    sets = []
    if rungs:
        sets.append("id=0,streams=v")
        options |= {
            "c:v": "libx264",
            "preset": "veryfast",
            "crf": 23,
            "profile:v": "high",
            "pix_fmt": "yuv420p",
            "flags:v": "+cgop",
            "sc_threshold": 0,
            "g": SEGMENT_S * _MAX_FRAME_RATE,  # the forced keyframes come first
            "force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})",
        }
        for number, rung in enumerate(rungs):
            options |= {f"maxrate:v:{number}": f"{rung.max_kbps}k", f"bufsize:v:{number}": f"{2 * rung.max_kbps}k"}
    if media.audio is not None:
        sets.append(f"id={len(sets)},streams=a")
        options |= {"c:a": "aac", "b:a": f"{_AUDIO_KBPS}k", "ac": 2}
    return {**options, "adaptation_sets": " ".join(sets)}


def _sprite(pictures: Any, folder: Path, media: MediaInfo, interval_s: float) -> Any:
    width, height = _thumbnail_size(media)
    sheet = pictures.filter("fps", f"1/{interval_s:.6f}").filter("scale", width, height).filter("tile", f"{_GRID}x{_GRID}")
    return sheet.output(file_url(folder / SPRITE), vframes=1, update=1, **{"q:v": 5})


def _poster(pictures: Any, folder: Path, media: MediaInfo) -> Any:
    assert media.video is not None
    width = min(_POSTER_WIDTH, media.video.width)
    picture = pictures.filter("select", f"gte(t,{_POSTER_SHARE * media.duration_s:.3f})").filter("scale", width, -2)
    return picture.output(file_url(folder / POSTER), vframes=1, update=1, **{"q:v": 4})


def _thumbnail_size(media: MediaInfo) -> tuple[int, int]:
    assert media.video is not None
    return _THUMBNAIL_WIDTH, max(2, 2 * round(_THUMBNAIL_WIDTH * media.video.height / media.video.width / 2))


def _thumbnails(media: MediaInfo, interval_s: float) -> str:
    """Return the WebVTT file that players read thumbnails from: each cue names a part of the sheet (Media Fragments URI, W3C)."""
    width, height = _thumbnail_size(media)
    cues = ["WEBVTT"]
    for number in range(min(_GRID**2, max(1, math.ceil(media.duration_s / interval_s)))):
        start_s, end_s = number * interval_s, min(media.duration_s, (number + 1) * interval_s)
        place = f"{number % _GRID * width},{number // _GRID * height},{width},{height}"
        cues.append(f"{timestamp(start_s)} --> {timestamp(end_s)}\n{SPRITE}#xywh={place}")
    return "\n\n".join(cues) + "\n"


def playlists(folder: Path, streams: Streams) -> dict[str, str]:
    """Return the playlists by name, with what ffmpeg leaves out: they are complete, and players may choose the sound alone."""
    texts = {path.name: path.read_text() for path in sorted(folder.iterdir()) if path.suffix in (".m3u8", ".mpd")}
    for name, text in texts.items():
        if name not in (MASTER_PLAYLIST, MANIFEST):
            lines = [line for line in text.splitlines() if not line.startswith("#EXT-X-PROGRAM-DATE-TIME")]
            texts[name] = "\n".join([lines[0], "#EXT-X-PLAYLIST-TYPE:VOD", *lines[1:]]) + "\n"
    if MASTER_PLAYLIST in texts and streams.rungs and streams.has_audio:
        sound = f'#EXT-X-STREAM-INF:BANDWIDTH={_AUDIO_KBPS * 1100},CODECS="mp4a.40.2",AUDIO="group_A1"\nmedia_{len(streams.rungs)}.m3u8\n'
        texts[MASTER_PLAYLIST] = texts[MASTER_PLAYLIST].rstrip() + "\n" + sound
    return texts


def timestamp(time_s: float) -> str:
    """Return a time as WebVTT writes it."""
    milliseconds = round(time_s * 1000)
    return f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"
