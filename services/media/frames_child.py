"""Task of a child process that writes frames of a recording as images: JSON in, JSON out."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.filter

import errors
from lib.process import Report
from services.media.allowed_formats import MAX_PIXELS
from services.media.child_task import open_container
from services.media.frame_settings import JPEG_QUANTIZER, TIME_TOLERANCE_S
from services.media.packets import read_packets

_AV_TIME_BASE = 1_000_000
_SEEK_BACK_S = (0.0, 0.2, 10.0)  # A seek may end after the frame; then it is repeated from earlier, at last from before the beginning.
_PACKETS_PER_REPORT = 500
_TURNS = {0: (), 90: (("transpose", "clock"),), 180: (("hflip", ""), ("vflip", "")), 270: (("transpose", "cclock"),)}
_ENCODERS = {".jpg": ("mjpeg", "yuvj444p"), ".png": ("png", "rgb24")}


def write_images(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write an image for each request.

    Payload: path, index of the stream, rotation, width and height as displayed, crop (width, height, x, y; or None), requests (time_s,
    target, is_known_reference). Raises UnusableRecording.
    """
    requests = sorted(payload["requests"])
    written = 0
    with open_container(Path(payload["path"])) as container:
        try:
            reader = FrameReader(container, container.streams[payload["index"]], lambda: report(written, len(requests)))
            for time_s, target, is_known_reference in requests:
                frame = reader.read(time_s, is_known_reference)
                Path(target).write_bytes(_encode(frame, payload, Path(target).suffix))
                written += 1
                report(written, len(requests))
        except av.error.FFmpegError as error:
            raise errors.UnusableRecording("Its video is damaged and can't be decoded.") from error
    return {}


class FrameReader:
    """Reads frames of a stream, in the order of their times. It decodes on if the next one is in the same GOP, and seeks otherwise."""

    def __init__(self, container: Any, stream: Any, report_activity: Callable[[], None]) -> None:
        self._container, self._stream, self._report_activity = container, stream, report_activity
        self._start_s = (container.start_time or 0) / _AV_TIME_BASE
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.options = {"max_pixels": str(MAX_PIXELS)}
        self._frames: Iterator[Any] = iter(())
        self._frame: Any = None
        self._is_preceded = False  # whether a frame was decoded before `_frame` since the last seek
        self._latest_dts: int | None = None

    def read(self, time_s: float, is_known_reference: bool) -> Any:
        """Return the first frame at or after a time."""
        if self._frame is not None and self._is_due(self._frame, time_s):
            return self._frame
        self._context.skip_frame = "NONREF" if is_known_reference else "DEFAULT"
        if self._is_in_current_gop(time_s) and self._decode_until(time_s):
            return self._frame
        last_s = time_s + _SEEK_BACK_S[-1]
        for back_s in (*_SEEK_BACK_S, last_s):
            self._seek(time_s - back_s)
            if self._decode_until(time_s) and (back_s == last_s or self._is_certainly_first(time_s)):
                return self._frame
        raise errors.UnusableRecording(f"The frame at {time_s:.2f} s can't be decoded.")

    def _time_s(self, frame: Any) -> float:
        return float(frame.pts * self._stream.time_base) - self._start_s

    def _is_due(self, frame: Any, time_s: float) -> bool:
        return self._time_s(frame) >= time_s - TIME_TOLERANCE_S

    def _is_certainly_first(self, time_s: float) -> bool:
        """Whether no frame between the time and the present frame was left out by the seek."""
        return self._is_preceded or self._time_s(self._frame) <= time_s + TIME_TOLERANCE_S

    def _is_in_current_gop(self, time_s: float) -> bool:
        """Whether the index of the file has no keyframe between the latest packet and a time."""
        entries, pts = self._stream.index_entries, self._pts(time_s)
        if self._latest_dts is None or len(entries) == 0 or entries[len(entries) - 1].timestamp < pts:
            return False
        number = entries.search_timestamp(pts)
        return number >= 0 and bool(entries[number].timestamp <= self._latest_dts)

    def _pts(self, time_s: float) -> int:
        pts: int = round((time_s + self._start_s) / self._stream.time_base)
        return pts

    def _seek(self, time_s: float) -> None:
        self._container.seek(self._pts(time_s), stream=self._stream)
        self._frames, self._frame, self._is_preceded, self._latest_dts = self._decode(), None, False, None

    def _decode_until(self, time_s: float) -> bool:
        """Decode up to the first frame at or after a time; return whether there is one."""
        for frame in self._frames:
            if frame.pts is not None and self._is_due(frame, time_s):
                self._frame = frame
                return True
            self._is_preceded = True
        return False

    def _decode(self) -> Iterator[Any]:
        for number, packet in enumerate(read_packets(self._container, self._stream)):
            if number % _PACKETS_PER_REPORT == 0:
                self._report_activity()
            if packet.dts is not None:
                self._latest_dts = packet.dts
            try:
                yield from self._context.decode(packet)
            except av.error.InvalidDataError:
                continue


def _encode(frame: Any, payload: Mapping[str, Any], suffix: str) -> bytes:
    """Return the image file of a frame as displayed. A JPEG file has the colours of BT.601 (JFIF) at full range."""
    codec, pixel_format = _ENCODERS[suffix]
    scaling = f"{payload['width']}:{payload['height']}:flags=area+accurate_rnd+full_chroma_int:out_color_matrix=bt601:out_range=pc"
    filters = [*_TURNS[payload["rotation"]], *_mirror_filters(frame, payload["rotation"]), ("scale", scaling), ("format", pixel_format)]
    if payload["crop"]:
        filters.append(("crop", ":".join(map(str, payload["crop"])) + ":exact=1"))
    picture = _apply(frame, filters)
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = picture.width, picture.height, pixel_format, Fraction(1, 25)
    encoder.thread_count = 1
    if codec == "mjpeg":
        encoder.qmin = encoder.qmax = JPEG_QUANTIZER
    picture.pts = 0
    return b"".join(bytes(packet) for packet in itertools.chain(encoder.encode(picture), encoder.encode(None)))


def _mirror_filters(frame: Any, rotation: int) -> list[tuple[str, str]]:
    """Return the filter, after the rotation, of a recording that is displayed mirrored (ffmpeg_filter.c, autorotate)."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return []
    a, b, _, c, d = struct.unpack("5i", bytes(matrix)[:20])
    return [("hflip" if rotation % 180 else "vflip", "")] if a * d < b * c else []


def _apply(frame: Any, filters: list[tuple[str, str]]) -> Any:
    graph = av.filter.Graph()
    source = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/{_AV_TIME_BASE}"
    graph.link_nodes(
        graph.add("buffer", source), *(graph.add(name, options) for name, options in filters), graph.add("buffersink")
    ).configure()
    graph.push(frame)
    return graph.pull()
