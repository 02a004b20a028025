"""Prepare a recording for streaming: HLS and DASH over the same segments, a poster and a sheet of thumbnails.

One ffmpeg process decodes the recording once for all renditions of its video. Each rendition is one file, which players read by byte range,
so a lecture of hours is a handful of objects in the store. The segments that a killed process has written are kept
(`unfinished_streams.py`): the next one decodes and encodes the rest only, from the same frame in all renditions.
"""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

import errors
from domain import MediaInfo, VideoStream
from lib.files import link_or_copy
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.programs import require_program
from services.media import cmaf, ffmpeg, hdr, thumbnails, voice_level
from services.media.allowed_formats import MAX_PIXELS, file_url
from services.media.ladder import Rung, rungs_of
from services.media.playlists import MANIFEST, Rendition, playlists
from services.media.thumbnails import SPRITE, ThumbnailTimes
from services.media.unfinished_streams import Progress, UnfinishedStreams, media_name

POSTER = "poster.jpg"
SEGMENT_S = 4
_MIN_FRAME_RATE, _USUAL_FRAME_RATE, _MAX_FRAME_RATE = 5, 30, 60
_POSTER_WIDTH = 640
_POSTER_SHARE = 0.1  # of the duration: the first frames are often black
_AUDIO_KBPS = 128
_AAC_FRAME = 1024  # samples
_BIT_RATE_OVERHEAD = 1.3  # of bit rates over a whole file, muxing included
_SPARE_BYTES = 2**26
_ENCODING_TIME_FACTOR = 20  # a slow machine may encode this many times slower than playback
_SEEKABLE = {"mov", "mp4", "matroska", "webm"}  # containers in which ffmpeg finds the keyframe before a time
_SEEK_MARGIN_S = 1


@dataclass(frozen=True)
class Streams:
    """The contents of a folder. `playlists` by name; `thumbnails` is a WebVTT file that names parts of the sheet, "" without video."""

    rungs: tuple[Rung, ...]
    has_audio: bool
    playlists: dict[str, str]
    thumbnails: str


def encode_sound(
    source: Path,
    target: Path,
    media: MediaInfo,
    *,
    gain_db: float = 0.0,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write the sound as fragmented MP4, without gaps and from the beginning of the recording. `gain_db`: change of its level.

    Raises UnusableRecording if it can't be decoded.
    """
    assert media.audio is not None
    sound = ffmpeg.open_input(source, vn=None, sn=None, dn=None)[str(media.audio.index)].filter("aresample", **{"async": 1, "first_pts": 0})
    if gain_db:
        sound = voice_level.apply_gain(sound, gain_db)
    folder = target.with_name(f"{target.name}.parts")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rate = media.audio.sample_rate
    # Segments of the same number of frames: players compute where one begins.
    segment_s = (round(SEGMENT_S * rate / _AAC_FRAME) - 0.5) * _AAC_FRAME / rate
    options = {**_muxer_options(max(0.1, segment_s)), "c:a": "aac", "b:a": f"{_AUDIO_KBPS}k", "ac": 2, "ar": rate}
    _run(ffmpeg_python.output(sound, file_url(folder / MANIFEST), **options), media, _AUDIO_KBPS, 0.0, report, check)
    (folder / media_name(0)).replace(target)
    shutil.rmtree(folder)


def prepare(
    source: Path,
    folder: Path,
    media: MediaInfo,
    sound: Path | None = None,
    *,
    plan: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> Streams:
    """Write the renditions of a recording, a poster and a sheet of thumbnails into a folder; continue what an earlier call began there.

    `sound`: what `encode_sound` wrote. `plan`: names the recording; what was begun with another plan is discarded.
    Raises UnusableRecording if the recording can't be decoded.
    """
    rungs, rate = (rungs_of(media.video), frame_rate_of(media.video)) if media.video else ([], Fraction(0))
    files = UnfinishedStreams(folder, len(rungs), json.dumps([plan, str(rungs), str(rate), _encoder()]))
    if rungs:
        progress = files.resume()
        if not progress.is_complete:
            _encode(source, files, media, rungs, rate, progress, report, check)
            progress = files.end_run()
        if progress.fragments == 0:
            raise errors.UnusableRecording("It can't be prepared for streaming; its video has no frames.")
        thumbnails.write_sheet(folder, folder / SPRITE, check=check)
    videos = [Rendition(media_name(n), track, rung, rate) for n, (rung, track) in enumerate(zip(rungs, files.tracks(), strict=True))]
    audio_rendition = None
    if sound is not None:
        target = folder / media_name(len(rungs))
        target.unlink(missing_ok=True)
        link_or_copy(sound, target)
        track = cmaf.read_track(sound)
        audio_rendition = Rendition(target.name, track) if track is not None and track.fragments else None
    if not videos and audio_rendition is None:
        raise errors.UnusableRecording("It can't be prepared for streaming; it has neither pictures nor sound.")
    vtt = thumbnails.webvtt(media) if (folder / SPRITE).is_file() else ""
    return Streams(tuple(rungs), audio_rendition is not None, playlists(videos, audio_rendition, SEGMENT_S), vtt)


def frame_rate_of(video: VideoStream) -> Fraction:
    """Return the constant frame rate of the renditions: that of the recording, if it is a usual one."""
    average, nominal = video.frame_rate, video.nominal_frame_rate
    is_interlaced = math.isclose(nominal, 2 * average, rel_tol=0.01)  # the nominal rate is that of fields
    rate = average if is_interlaced or not 0 < nominal <= _MAX_FRAME_RATE else nominal
    if not 0 < rate <= _MAX_FRAME_RATE:
        rate = _USUAL_FRAME_RATE
    if rate > _USUAL_FRAME_RATE and 0 < average < rate / 2:
        rate = _USUAL_FRAME_RATE  # a screen recording, whose rate varies
    exact = Fraction(rate).limit_denominator(1001)
    return exact if exact >= _MIN_FRAME_RATE else exact * math.ceil(_MIN_FRAME_RATE / exact)


def _encode(
    source: Path,
    files: UnfinishedStreams,
    media: MediaInfo,
    rungs: list[Rung],
    rate: Fraction,
    progress: Progress,
    report: Report,
    check: CancellationCheck,
) -> None:
    """Run ffmpeg for the frames after `progress`."""
    assert media.video is not None
    run, start_s = files.begin_run(progress), float(progress.end_s)
    frames = _decode(source, media, media.video, rate, start_s).filter_multi_output("split", len(rungs) + 2)
    scaled_streams = [frames[index].filter("scale", rung.width, rung.height) for index, rung in enumerate(rungs)]
    outputs = [ffmpeg_python.output(*scaled_streams, file_url(run / MANIFEST), **_video_options(rungs, progress))]
    if pictures := thumbnails.output(frames[len(rungs)], files.folder, media.video, ThumbnailTimes.of(media), start_s):
        outputs.append(pictures)
    poster_s = _POSTER_SHARE * media.duration_s
    if start_s <= poster_s or not (files.folder / POSTER).is_file():
        outputs.append(_poster(frames[len(rungs) + 1], files.folder, media.video, poster_s - start_s))
    _run(ffmpeg_python.merge_outputs(*outputs), media, sum(rung.max_kbps for rung in rungs), start_s, report, check)


def _decode(source: Path, media: MediaInfo, video: VideoStream, rate: Fraction, start_s: float) -> Any:
    """Return the frames from `start_s` on, which becomes time 0, at a constant rate. The frame that is shown at that time is the first."""
    options: dict[str, Any] = {"an": None, "sn": None, "dn": None, "max_pixels": MAX_PIXELS}
    before_s = start_s  # time of the frames of ffmpeg at which the renditions go on
    if start_s > _SEEK_MARGIN_S and not _SEEKABLE.isdisjoint(media.format_name.split(",")):
        options |= {"ss": f"{start_s - _SEEK_MARGIN_S:.6f}", "noaccurate_seek": None}
        before_s = _SEEK_MARGIN_S
    frames = ffmpeg.open_input(source, **options)[str(video.index)]
    if before_s:
        frames = frames.filter("setpts", f"PTS-{before_s:.6f}/TB")
    frames = frames.filter("fps", str(rate), start_time=0)
    for each in hdr.tone_mapping_filters(video):
        name, _, arguments = each.replace(":r=pc", ":r=tv").partition("=")
        parts = [argument.partition("=") for argument in arguments.split(":")]
        frames = frames.filter(name, *(key for key, sign, _ in parts if not sign), **{key: value for key, sign, value in parts if sign})
    return frames.filter("scale", video.width, video.height).filter("setsar", 1)


def _video_options(rungs: list[Rung], progress: Progress) -> dict[str, Any]:
    next_keyframe_s = float((progress.fragments) * SEGMENT_S - progress.end_s)  # at or just before the first frame of this run
    options: dict[str, Any] = {
        **_muxer_options(0.5 * SEGMENT_S),  # every keyframe begins a segment
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": 23,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "flags:v": "+cgop",
        "sc_threshold": 0,
        "g": SEGMENT_S * _MAX_FRAME_RATE,  # the forced keyframes come first
        "force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S}+({next_keyframe_s:.6f}))",
        "adaptation_sets": "id=0,streams=v",
    }
    for number, rung in enumerate(rungs):
        options |= {f"maxrate:v:{number}": f"{rung.max_kbps}k", f"bufsize:v:{number}": f"{2 * rung.max_kbps}k"}
    return options


def _muxer_options(segment_s: float) -> dict[str, Any]:
    """Return options of the dash muxer: one file for each stream (https://ffmpeg.org/ffmpeg-formats.html#dash-2)."""
    return {
        "f": "dash",
        "seg_duration": f"{segment_s:.6f}",
        "single_file": 1,
        "single_file_name": "stream$RepresentationID$.mp4",
        "map_metadata": -1,
        "map_chapters": -1,
        "max_muxing_queue_size": 4096,
    }


def _poster(frames: Any, folder: Path, video: VideoStream, time_s: float) -> Any:
    picture = frames.filter("select", f"gte(t,{time_s:.3f})").filter("scale", min(_POSTER_WIDTH, video.width), -2)
    return picture.output(file_url(folder / POSTER), vframes=1, update=1, **{"q:v": 4})


def _run(outputs: Any, media: MediaInfo, kbps: int, start_s: float, report: Report, check: CancellationCheck) -> None:
    """Run ffmpeg; its progress begins at `start_s`. Raises UnusableRecording where it fails."""

    def report_all(done_s: float, total_s: float) -> None:
        report(min(media.duration_s, start_s + done_s), total_s)

    try:
        ffmpeg.run(outputs, media.duration_s, report=report_all, check=check, limits=_limits(media, kbps))
    except errors.ProgramFailed as error:
        if type(error) is not errors.ProgramFailed:
            raise
        raise errors.UnusableRecording("It can't be prepared for streaming; its video or audio may be damaged.") from error


def _limits(media: MediaInfo, kbps: int) -> Limits:
    file_bytes = int(_BIT_RATE_OVERHEAD * kbps * 1000 / 8 * media.duration_s) + _SPARE_BYTES
    return ffmpeg.limits_for_duration(_ENCODING_TIME_FACTOR * media.duration_s, file_bytes=file_bytes)


def _encoder() -> str:
    """Return what tells one ffmpeg from another: segments of two are not joined."""
    path = require_program("ffmpeg")
    return f"{path.name} {path.stat().st_size}"
