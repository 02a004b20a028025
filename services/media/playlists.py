"""The playlists of prepared streams: HLS (RFC 8216) and DASH (ISO/IEC 23009-1) over the same fragments, loaded by byte range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.media.cmaf import Track
from services.media.ladder import Rung

MASTER_PLAYLIST, MANIFEST = "master.m3u8", "manifest.mpd"
_AUDIO_GROUP = "sound"
_MPD = (
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static"'
    ' mediaPresentationDuration="PT{duration_s:.3f}S" maxSegmentDuration="PT{longest_s:.3f}S" minBufferTime="PT8S">'
)


@dataclass(frozen=True)
class Rendition:
    """A file with one track. `frame_rate` and `rung` are those of the video, None for the sound."""

    file: str
    track: Track
    rung: Rung | None = None
    frame_rate: Fraction | None = None

    @property
    def durations_s(self) -> list[float]:
        return [fragment.duration / self.track.timescale for fragment in self.track.fragments]

    @property
    def bandwidth(self) -> int:
        """The highest bit rate of a fragment, in bit/s; short ones at the end do not count."""
        usual_s = max(self.durations_s) / 2
        sizes = zip(self.track.fragments, self.durations_s, strict=True)
        return math.ceil(max(8 * fragment.size / seconds for fragment, seconds in sizes if seconds >= usual_s))

    @property
    def end_s(self) -> float:
        return self.track.end / self.track.timescale


def playlists(videos: Sequence[Rendition], sound: Rendition | None, segment_s: int) -> dict[str, str]:
    """Return the playlists by name. `segment_s`: time from one fragment of video to the next."""
    renditions = [*videos, *([sound] if sound else [])]
    texts = {f"media_{number}.m3u8": _media_playlist(rendition) for number, rendition in enumerate(renditions)}
    return texts | {MASTER_PLAYLIST: _master_playlist(videos, sound), MANIFEST: _manifest(videos, sound, segment_s)}


def _media_playlist(rendition: Rendition) -> str:
    header = len(rendition.track.header)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(round(seconds) for seconds in rendition.durations_s) or 1}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{rendition.file}",BYTERANGE="{header}@0"',
    ]
    for fragment, seconds in zip(rendition.track.fragments, rendition.durations_s, strict=True):
        lines += [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{fragment.size}@{fragment.offset}", rendition.file]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def _master_playlist(videos: Sequence[Rendition], sound: Rendition | None) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    group, sound_codec, sound_rate = "", "", 0
    if sound:
        sound_codec, sound_rate = sound.track.codec, sound.bandwidth
    if sound and videos:
        group = f',AUDIO="{_AUDIO_GROUP}"'
        name = f'GROUP-ID="{_AUDIO_GROUP}",NAME="{_AUDIO_GROUP}"'
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,{name},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="media_{len(videos)}.m3u8"')
    for number, video in enumerate(videos):
        codecs = ",".join(filter(None, [video.track.codec, sound_codec]))
        assert video.rung is not None and video.frame_rate is not None
        picture = f"RESOLUTION={video.rung.width}x{video.rung.height},FRAME-RATE={float(video.frame_rate):.3f}"
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={video.bandwidth + sound_rate},{picture},CODECS="{codecs}"{group}', f"media_{number}.m3u8"]
    if sound:
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={sound_rate},CODECS="{sound_codec}"{group}', f"media_{len(videos)}.m3u8"]
    return "\n".join(lines) + "\n"


def _manifest(videos: Sequence[Rendition], sound: Rendition | None, segment_s: int) -> str:
    renditions = [*videos, *([sound] if sound else [])]
    longest_s = max(seconds for rendition in renditions for seconds in rendition.durations_s)
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(_MPD.format(duration_s=max(rendition.end_s for rendition in renditions), longest_s=longest_s))
    lines.append('<Period id="0" start="PT0S">')
    if videos:
        lines.append('<AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1">')
        for number, video in enumerate(videos):
            assert video.rung is not None and video.frame_rate is not None
            picture = f'width="{video.rung.width}" height="{video.rung.height}" frameRate="{_ratio(video.frame_rate)}" sar="1:1"'
            lines += _representation(number, video, "video/mp4", picture, (1, segment_s))
        lines.append("</AdaptationSet>")
    if sound:
        lines.append('<AdaptationSet id="1" contentType="audio" segmentAlignment="true" startWithSAP="1" lang="und">')
        rate, usual = sound.track.timescale, max(each.duration for each in sound.track.fragments[:2])  # the first lacks the encoder's delay
        lines += _representation(len(videos), sound, "audio/mp4", f'audioSamplingRate="{rate}"', (rate, usual))
        lines.append("</AdaptationSet>")
    return "\n".join([*lines, "</Period>", "</MPD>"]) + "\n"


def _representation(number: int, rendition: Rendition, mime_type: str, properties: str, segment: tuple[int, int]) -> list[str]:
    """Return an element. `segment`: units per second, and the units from one fragment to the next, which all have the same distance."""
    codec = rendition.track.codec
    timescale, duration = segment
    return [
        f'<Representation id="{number}" mimeType="{mime_type}" codecs="{codec}" bandwidth="{rendition.bandwidth}" {properties}>',
        f"<BaseURL>{rendition.file}</BaseURL>",
        f'<SegmentList timescale="{timescale}" duration="{duration}" startNumber="1">',
        f'<Initialization range="0-{len(rendition.track.header) - 1}"/>',
        *(f'<SegmentURL mediaRange="{each.offset}-{each.offset + each.size - 1}"/>' for each in rendition.track.fragments),
        "</SegmentList>",
        "</Representation>",
    ]


def _ratio(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
