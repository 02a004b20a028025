"""Renditions for streaming: CPU time and memory, compared with plain ffmpeg commands for the same ones, and keyframe positions."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import psutil

from bench.context import Context, cpu_of_children_s, markdown_table, time_command
from scripts.ffmpeg import FFMPEG
from services.media import streaming
from services.media.ladder import Rung
from services.media.probe import probe
from services.media.unfinished_streams import media_name

_DURATION_S = 60
_MAX_CPU_RATIO, _MAX_SEPARATE_RATIO, _MAX_MEMORY_RATIO = 1.05, 0.85, 1.1


def run(context: Context) -> str:
    source = _recording(context.folder / "source.mp4")
    media = probe(source)
    streams, sound = context.folder / "streams", context.folder / "sound.mp4"

    def prepare() -> None:
        streaming.encode_sound(source, sound, media)
        streaming.prepare(source, streams, media, sound)

    before = cpu_of_children_s()
    ours_bytes = _peak_of(prepare)
    ours_s = cpu_of_children_s() - before
    rungs = _rungs(source)
    together = _plain_command(source, rungs, context.folder / "together")
    together_bytes, together_s = _measure(together)
    separate_s = sum(_measure(_plain_command(source, [rung], context.folder / f"separate{rung.height}"))[1] for rung in rungs)
    rows = [
        ["Lectern: renditions, playlists, poster, thumbnails", f"{ours_s:.1f}", "", "", f"{ours_bytes / 2**20:.0f}"],
        [
            "one ffmpeg command, one decode",
            f"{together_s:.1f}",
            f"{ours_s / together_s:.2f}",
            _MAX_CPU_RATIO,
            f"{together_bytes / 2**20:.0f}",
        ],
        [f"{len(rungs)} ffmpeg commands", f"{separate_s:.1f}", f"{ours_s / separate_s:.2f}", _MAX_SEPARATE_RATIO, ""],
    ]
    table = markdown_table(["1080p, a minute", "CPU, s", "Lectern beside it", "goal", "peak memory, MiB"], rows)
    checks = markdown_table(["rendition", "duration beside the source, frames", "keyframes at"], _checks(streams, rungs, media.duration_s))
    memory = ours_bytes / together_bytes
    return f"{table}\n\nMemory beside the one command: {memory:.2f} (goal {_MAX_MEMORY_RATIO}).\n\n{checks}"


def _recording(target: Path) -> Path:
    """Create a minute of 1080p with motion and sound."""
    command = [FFMPEG, "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"mandelbrot=s=1920x1080:r=25,trim=duration={_DURATION_S}"]
    command += ["-f", "lavfi", "-i", f"anoisesrc=a=0.1:d={_DURATION_S}", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:a", "aac", "-t", str(_DURATION_S), str(target)], check=True)
    return target


def _rungs(source: Path) -> list[Rung]:
    from services.media.ladder import rungs_of

    video = probe(source).video
    assert video is not None
    return rungs_of(video)


def _plain_command(source: Path, rungs: list[Rung], target: Path) -> list[str]:
    """Return a command that encodes the renditions with the same encoder, presets and bit rates, without playlists and pictures."""
    target.mkdir()
    names = "".join(f"[v{number}]" for number in range(len(rungs)))
    split = f"[0:v]split={len(rungs)}{names};" if len(rungs) > 1 else ""
    scales = ";".join(
        f"{f'[v{number}]' if split else '[0:v]'}scale={rung.width}:{rung.height}[s{number}]" for number, rung in enumerate(rungs)
    )
    command = [FFMPEG, "-nostdin", "-v", "error", "-i", str(source), "-filter_complex", split + scales]
    for number, rung in enumerate(rungs):
        command += ["-map", f"[s{number}]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high"]
        command += ["-pix_fmt", "yuv420p", "-maxrate", f"{rung.max_kbps}k", "-bufsize", f"{2 * rung.max_kbps}k"]
        command += ["-force_key_frames", f"expr:gte(t,n_forced*{streaming.SEGMENT_S})", str(target / f"{rung.height}.mp4")]
    return [*command, "-map", "0:a", "-c:a", "aac", "-b:a", "128k", str(target / "audio.mp4")]


def _measure(command: list[str]) -> tuple[int, float]:
    seconds: list[float] = []
    peak = _peak_of(lambda: seconds.append(time_command(command).cpu_s))
    return peak, seconds[0]


def _peak_of(work: Callable[[], object]) -> int:
    """Return the largest resident memory of an ffmpeg that ran during a call, in bytes."""
    peak, stop = 0, threading.Event()

    def sample() -> None:
        nonlocal peak
        while not stop.is_set():
            for child in psutil.Process().children(recursive=True):
                try:
                    if "ffmpeg" in child.name():
                        peak = max(peak, child.memory_info().rss)
                except psutil.Error:
                    continue
            time.sleep(0.05)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        work()
    finally:
        stop.set()
        thread.join()
    return peak


def _checks(folder: Path, rungs: list[Rung], duration_s: float) -> list[list[object]]:
    rows: list[list[object]] = []
    for number, rung in enumerate(rungs):
        with av.open(str(folder / media_name(number))) as container:
            packets = [packet for packet in container.demux(video=0) if packet.pts is not None and packet.time_base is not None]
        end_s = max(float((packet.pts + packet.duration) * packet.time_base) for packet in packets)
        keys = sorted(float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe)
        step = f"every {streaming.SEGMENT_S} s" if all(abs(at % streaming.SEGMENT_S) < 1e-3 for at in keys) else str(keys[:4])
        rows.append([f"{rung.width}x{rung.height}", f"{abs(end_s - duration_s) * 25:.1f}", step])
    return rows
