"""Other encoders, sizes, frame rates, frames and picture defects, all made by ffmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.slides.encoding import THREADS, run_ffmpeg
from bench.slides.transformed.recording import RATE, X264, Recording, Truth

_WIDTH = "scale='min(854,iw)':-2"
_RATE = f"fps={RATE}"
_USUAL = f"{_RATE},{_WIDTH}"
_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2"  # most encoders refuse odd sizes


@dataclass(frozen=True)
class Recoding:
    """`filters` and `encoder` in the syntax of ffmpeg; the suffix chooses the container. The times of the slides stay the same."""

    filters: str = _USUAL
    encoder: tuple[str, ...] = X264
    suffix: str = ".mp4"

    def describe(self, recording: Recording, following: Recording) -> str:
        return f"{recording.digest} {self!r}"

    def write_video(self, recording: Recording, following: Recording, target: Path) -> None:
        run_ffmpeg("-i", recording.video, "-an", "-vf", f"{self.filters},{_EVEN}", *self.encoder, *THREADS, target)

    def make_truth(self, recording: Recording, following: Recording) -> Truth:
        return recording.truth


def _encoder(arguments: str) -> tuple[str, ...]:
    return tuple(f"-c:v {arguments}".split())


def _x264(arguments: str) -> tuple[str, ...]:
    return _encoder(f"libx264 -preset veryfast {arguments} -pix_fmt yuv420p")


def _few_frames(rate: int) -> Recoding:
    """Take frames of the recording at least a frame's time apart, as a screen recorder does; no frame shows before its time."""
    return Recoding(f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{1 / rate}-0.005)',fps={rate}:round=down,{_WIDTH}")


def _brightness(change: str) -> Recoding:
    return Recoding(f"{_USUAL},eq=brightness='{change}':eval=frame")


RECODINGS = {
    "h264": Recoding(),
    "hevc": Recoding(encoder=_encoder("libx265 -preset ultrafast -crf 30 -x265-params log-level=error -pix_fmt yuv420p"), suffix=".mkv"),
    "av1": Recoding(encoder=_encoder("libsvtav1 -preset 11 -crf 40 -svtav1-params lp=2 -pix_fmt yuv420p"), suffix=".mkv"),
    "vp9": Recoding(encoder=_encoder("libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -crf 36 -b:v 0"), suffix=".webm"),
    "mpeg4_avi": Recoding(encoder=_encoder("mpeg4 -b:v 300k -g 100"), suffix=".avi"),
    "mjpeg": Recoding(encoder=_encoder("mjpeg -q:v 8 -pix_fmt yuvj420p"), suffix=".avi"),
    "mpeg_ts": Recoding(suffix=".ts"),
    "interlaced_stretched": Recoding(
        f"{_RATE},scale=720:576,tinterlace=interleave_top,fieldorder=tff,{_RATE}",
        _encoder("mpeg2video -flags +ilme+ildct -b:v 1500k"),
        ".ts",
    ),
    "360_lines": Recoding(f"{_RATE},scale=-2:360"),
    "240_lines": Recoding(f"{_RATE},scale=-2:240"),
    "crf_30": Recoding(encoder=_x264("-crf 30")),
    "crf_36": Recoding(encoder=_x264("-crf 36")),
    "key_frame_each_second": Recoding(encoder=_x264("-crf 30 -g 25")),
    "one_key_frame": Recoding(encoder=_x264("-crf 28 -g 100000 -sc_threshold 0")),
    "1_frame_per_s": _few_frames(1),
    "2_frames_per_s": _few_frames(2),
    "5_frames_per_s": _few_frames(5),
    "10_frames_per_s": _few_frames(10),
    "60_frames_per_s": Recoding(f"fps=60,{_WIDTH}"),
    "variable_frame_rate": Recoding(f"{_WIDTH},mpdecimate=max=75", (*X264, "-fps_mode", "vfr"), ".mkv"),
    "dropped_frames": Recoding(f"select='gt(random(1),0.6)',{_WIDTH}", (*X264, "-fps_mode", "vfr"), ".mkv"),
    "letterbox": Recoding(rf"{_RATE},scale=640:-2,pad=iw:max(ih\,trunc(iw*3/8)*2+80):0:(oh-ih)/2"),
    "pillarbox": Recoding(rf"{_RATE},scale=-2:400,pad=max(iw+160\,trunc(ih*8/9)*2):ih:(ow-iw)/2:0"),
    "portrait": Recoding(f"{_RATE},scale=480:-2,pad=480:854:0:(oh-ih)/2"),
    "noise": Recoding(f"{_USUAL},noise=alls=6:allf=t"),
    "grain": Recoding(f"{_USUAL},noise=c0s=14:c0f=t+u"),
    "slow_flicker": _brightness("0.02*sin(2*PI*t*0.7)"),
    "fast_flicker": _brightness("0.025*sin(2*PI*t*11)"),
    "drifting_exposure": _brightness("0.06*sin(2*PI*t*0.05)"),
    "fade_in": Recoding(f"{_USUAL},fade=in:st=0:d=1"),
    "grey": Recoding(f"{_USUAL},hue=s=0"),
    "blurred": Recoding(f"{_USUAL},gblur=sigma=1.2"),
}
