"""The sheet of small pictures that players show above their time line, and the WebVTT file that names its parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from domain import MediaInfo, VideoStream
from lib.process import CancellationCheck, never_cancelled
from services.media import ffmpeg
from services.media.allowed_formats import file_url

SPRITE = "sprite.jpg"
_GRID = 10  # pictures per row and column
_MIN_INTERVAL_S = 2.0
_WIDTH_PX = 160
_PATTERN = "thumbnail%03d.jpg"


@dataclass(frozen=True)
class ThumbnailTimes:
    """Picture n stands for the time from n to n + 1 intervals."""

    interval_s: float
    count: int

    @classmethod
    def of(cls, media: MediaInfo) -> ThumbnailTimes:
        """Return those of a recording: at most a full sheet."""
        interval_s = max(_MIN_INTERVAL_S, media.duration_s / _GRID**2)
        return cls(interval_s, min(_GRID**2, max(1, math.ceil(media.duration_s / interval_s))))

    def first_after(self, start_s: float) -> int:
        """Return the first picture that is not made when the frames before `start_s` have been seen: it shows the middle of its time."""
        return max(0, math.ceil(start_s / self.interval_s - 0.5))


def output(pictures: Any, folder: Path, video: VideoStream, times: ThumbnailTimes, start_s: float) -> Any | None:
    """Return an output of ffmpeg that writes the pictures from `start_s`, which is time 0 of the frames; None if all are made."""
    first = times.first_after(start_s)
    if first >= times.count:
        return None
    width, height = _size(video)
    start = f"{first * times.interval_s:.6f}"
    frames = pictures.filter("setpts", f"PTS+{start_s:.6f}/TB").filter("fps", f"1/{times.interval_s:.6f}", start_time=start)
    options = {"q:v": 5, "frames:v": times.count - first, "start_number": first}
    return frames.filter("scale", width, height).output(file_url(folder / _PATTERN), f="image2", **options)


def write_sheet(folder: Path, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Join the pictures of the folder; without one there is no sheet."""
    if not (folder / (_PATTERN % 0)).is_file():
        return
    pictures = ffmpeg_python.input(file_url(folder / _PATTERN), format="image2", start_number=0, protocol_whitelist="file,pipe")
    sheet = pictures.filter("tile", f"{_GRID}x{_GRID}").output(file_url(target), vframes=1, update=1, **{"q:v": 5})
    ffmpeg.run(sheet, check=check)


def webvtt(media: MediaInfo) -> str:
    """Return the file that players read: each cue names a part of the sheet (Media Fragments URI, W3C)."""
    assert media.video is not None
    width, height = _size(media.video)
    times = ThumbnailTimes.of(media)
    cues = ["WEBVTT"]
    for number in range(times.count):
        start_s, end_s = number * times.interval_s, min(media.duration_s, (number + 1) * times.interval_s)
        place = f"{number % _GRID * width},{number // _GRID * height},{width},{height}"
        cues.append(f"{timestamp(start_s)} --> {timestamp(end_s)}\n{SPRITE}#xywh={place}")
    return "\n\n".join(cues) + "\n"


def timestamp(time_s: float) -> str:
    """Return a time as WebVTT writes it."""
    milliseconds = round(time_s * 1000)
    return f"{milliseconds // 3_600_000:02}:{milliseconds // 60_000 % 60:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


def _size(video: VideoStream) -> tuple[int, int]:
    return _WIDTH_PX, max(2, 2 * round(_WIDTH_PX * video.height / video.width / 2))
