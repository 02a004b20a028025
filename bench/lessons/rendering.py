"""Rendering: a lesson compared with a plain encode of its frames, the change of one scene, and previews."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.context import markdown_table, time_command, watch_memory
from lib.serialization import read_json
from pipelines.engines import Engines
from pipelines.lesson import STAGES
from pipelines.runner import run_pipeline
from pipelines.stage import Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages.lesson import RENDERED_FILE, SOUNDS, VIDEOS
from scripts.ffmpeg import FFMPEG
from services.lessons.options import LessonOptions
from services.lessons.rendering import lesson, video
from services.lessons.rendering.video import RenderedScript
from services.lessons.script import LessonScript
from services.speech_synthesis import VoiceOptions

CORES = 2
_MAX_SHARE, _MAX_MEMORY_MIB, _MAX_PREVIEW_S = 0.5, 600, 2.0
_OUTPUTS = (lesson.VIDEO, lesson.POSTER, lesson.SRT, lesson.VTT)


@dataclass(frozen=True)
class Render:
    """A finished lesson. Times in seconds; the memory is that of all processes of the run at its peak."""

    work: Path
    script: LessonScript
    rendered: RenderedScript
    stages: Mapping[str, StageMetrics]
    wall_s: float
    memory_bytes: int

    @property
    def cpu_s(self) -> float:
        return sum(each.cpu_s for each in self.stages.values())


class _Control:
    def check(self) -> None:
        """Never cancel."""

    def progress(self, *_: object) -> None:
        """Ignore progress."""


def render(script: LessonScript, options: LessonOptions, voices: VoiceOptions, work: Path) -> Render:
    """Make a lesson in a folder, which may hold the scenes of an earlier one."""
    work.mkdir(exist_ok=True)
    stage_options = {"script": script.model_dump(mode="json"), "lesson": options.model_dump(mode="json"), "created_on": "2026-11-29"}
    start_s = time.monotonic()
    with watch_memory(os.getpid()) as peak:
        stages = run_pipeline(STAGES, Workspace(work), stage_options, Engines(CORES, (voices,)), _Control(), _OUTPUTS)
    wall_s = time.monotonic() - start_s
    return Render(work, script, read_json(RenderedScript, work / RENDERED_FILE), stages, wall_s, peak.child_bytes)


def rendering_section(result: Render) -> str:
    """Return the tables of a silent lesson at 1080p, and of a plain encode and a decode of the same frames."""
    source = result.work / lesson.VIDEO
    command = [FFMPEG, "-nostdin", "-v", "error", "-y", "-i", str(source), "-an"]
    encode = time_command([*command, "-c:v", "libx264", "-preset", "veryfast", "-crf", "19", str(result.work / "plain.mp4")])
    decode = time_command([*command, "-f", "null", "-"])
    duration_s = result.rendered.duration_s
    figures = (
        ("Lectern: slides, motion, video, checks", result.wall_s, result.cpu_s),
        ("ffmpeg: decode these frames and encode them (x264 veryfast)", encode.wall_s, encode.cpu_s),
        ("ffmpeg: decode them only", decode.wall_s, decode.cpu_s),
    )
    rows = [
        [name, f"{wall_s:.1f}", f"{wall_s / duration_s:.2f}", f"{cpu_s:.1f}", f"{cpu_s / CORES / duration_s:.2f}"]
        for name, wall_s, cpu_s in figures
    ]
    headers = ["step", "wall, s", "wall beside the duration", "CPU, s", f"CPU of {CORES} cores beside the duration"]
    by_stage = [[name, f"{each.wall_s:.1f}", f"{each.cpu_s:.1f}"] for name, each in result.stages.items()]
    memory_mib = result.memory_bytes / 2**20
    return (
        f"{len(result.script.scenes)} scenes, {duration_s:.0f} s at 1080p and {result.rendered.frame_rate} frames/s, without a voice; "
        f"other load on the machine: {os.getloadavg()[0]:.0f} waiting processes.\n\n"
        f"{markdown_table(headers, rows)}\n\n{markdown_table(['stage', 'wall, s', 'CPU, s'], by_stage)}\n\n"
        f"Memory of all processes: {memory_mib:.0f} MiB (goal {_MAX_MEMORY_MIB}). Goal: {_MAX_SHARE} of the duration."
    )


def change_section(before: Render, voices: VoiceOptions, options: LessonOptions) -> str:
    """Change the narration of one scene in the middle, render again, and say how many files are new."""
    number = len(before.script.scenes) // 2
    scenes = list(before.script.scenes)
    scenes[number] = scenes[number].model_copy(update={"narration": scenes[number].narration + " Take a moment to look at it."})
    old_names = _files(before.work)
    after = render(before.script.model_copy(update={"scenes": tuple(scenes)}), options, voices, before.work)
    sound_count, picture_count = (len(new - old) for new, old in zip(_files(after.work), old_names, strict=True))
    return (
        f"The narration of scene {number + 1} of {len(scenes)} is changed: {sound_count} scene is spoken and {picture_count} rendered "
        f"again, in {after.wall_s:.1f} s ({after.cpu_s:.1f} s of CPU) instead of {before.wall_s:.1f} s ({before.cpu_s:.1f} s of CPU)."
    )


def _files(work: Path) -> tuple[set[str], set[str]]:
    """Return the names of the sounds and of the videos of scenes."""
    return {each.name for each in (work / SOUNDS).glob("*.wav")}, {each.name for each in (work / VIDEOS).glob("*.mp4")}


def preview_section(script: LessonScript, folder: Path) -> str:
    """Return how long the picture of each scene takes, after one that warms the program up."""
    options = LessonOptions()
    folder.mkdir()
    times = [_preview_s(script, number, options, folder) for number in (0, *range(len(script.scenes)))][1:]
    slowest = max(range(len(times)), key=times.__getitem__)
    return (
        f"Previews at 1080p of a warm program: {min(times):.2f} to {times[slowest]:.2f} s wall, the slowest a "
        f"{script.scenes[slowest].content.kind} (goal {_MAX_PREVIEW_S:.0f} s)."
    )


def _preview_s(script: LessonScript, number: int, options: LessonOptions, folder: Path) -> float:
    start_s = time.monotonic()
    path = video.preview(script.scenes[number], script.language, options, folder)
    duration_s = time.monotonic() - start_s
    path.unlink()
    return duration_s
