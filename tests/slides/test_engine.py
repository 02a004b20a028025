"""The slide engine on small drawn lectures: every slide once, in its final state, at the right second."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import errors
from bench.slides.generate import CASES
from bench.slides.score import score
from commands.slides import slides_command, timeline_as_json
from domain import AudioStream, Box, MediaInfo
from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.slides import SlideOptions, detect_slides, find_slides

pytestmark = pytest.mark.slow("analyses whole lectures")
LECTURES = Path(__file__).parent / "lectures"  # of python -m bench.slides.generate; drawing them takes 20 s
CASE_NAMES = ("side_bar", "photo_back", "numbers_pointer")


def detect(video: Path, **options: Any) -> dict[str, Any]:
    media = probe(video)
    return timeline_as_json(detect_slides(video, media, SlideOptions(**options)), media.duration_s, None)


def run_ffmpeg(*arguments: str, check: bool = True) -> None:
    subprocess.run([FFMPEG, "-v", "error", *arguments], check=check)


@pytest.mark.parametrize("name", CASE_NAMES)
def test_every_slide_is_found_once_and_complete(name: str) -> None:
    truth = json.loads((LECTURES / f"{name}.truth.json").read_text())
    assert truth == CASES[name](1).make_truth(), "draw the lectures again"
    result = score(detect(LECTURES / f"{name}.mp4"), truth)
    assert (result.f1, result.page_f1) == (1.0, 1.0), result
    assert result.start_error_s is not None
    assert result.start_error_s < 0.25


def test_images_are_written_in_full_resolution_with_build_steps(tmp_path: Path) -> None:
    video = LECTURES / "side_bar.mp4"
    progress: list[float] = []
    timeline = find_slides(
        video,
        probe(video),
        SlideOptions(builds="all"),
        tmp_path,
        report=lambda done, total: progress.append(done / total),
        check=lambda: None,
    )
    assert [slide.image for slide in timeline.slides] == [f"slide-{number:03d}.jpg" for number in range(1, 8)]
    assert {(slide.width, slide.height) for slide in timeline.slides} == {(1024, 768)}
    steps = [step for slide in timeline.slides for step in slide.builds]
    assert steps
    assert all(step.image and (tmp_path / step.image).stat().st_size > 1000 for step in steps)
    assert progress[-1] == 1.0


def test_images_are_cropped_to_a_given_region(tmp_path: Path) -> None:
    video = LECTURES / "side_bar.mp4"
    region = Box(170, 0, 854, 768)
    timeline = find_slides(video, probe(video), SlideOptions(region=region), tmp_path)
    assert timeline.region == region
    assert {(slide.width, slide.height) for slide in timeline.slides} == {(854, 768)}


def test_a_box_outside_the_picture_is_refused() -> None:
    with pytest.raises(errors.ValidationFailed, match="not inside"):
        detect(LECTURES / "side_bar.mp4", ignore=(Box(1000, 0, 100, 100),))


def test_times_are_those_of_the_container_if_the_video_starts_late(tmp_path: Path) -> None:
    late = tmp_path / "late.mp4"
    tone = ["-f", "lavfi", "-i", "sine=duration=60"]
    source = ["-itsoffset", "3", "-i", str(LECTURES / "photo_back.mp4")]
    run_ffmpeg(*tone, *source, "-map", "1:v", "-map", "0:a", "-c:v", "copy", str(late))
    assert detect(late)["slides"][0]["start"] == pytest.approx(3.0, abs=0.1)


def test_odd_sizes_rotation_and_wide_pixels(tmp_path: Path) -> None:
    odd_video, rotated_video = tmp_path / "odd.mp4", tmp_path / "rotated.mp4"
    filters = "crop=801:601:0:0,scale=611:459,setsar=4/3"
    run_ffmpeg(
        "-i", str(LECTURES / "side_bar.mp4"), "-vf", filters, "-r", "10", "-preset", "superfast", "-pix_fmt", "yuv444p", str(odd_video)
    )
    run_ffmpeg("-display_rotation", "90", "-i", str(odd_video), "-c", "copy", str(rotated_video), check=False)
    video = rotated_video if rotated_video.is_file() and rotated_video.stat().st_size else odd_video
    media = probe(video)
    timeline = find_slides(video, media, SlideOptions(), tmp_path / "images")
    assert media.video is not None
    assert len(timeline.slides) == 7
    assert {(slide.width, slide.height) for slide in timeline.slides} == {(media.video.width, media.video.height)}


def test_a_still_picture_is_one_slide(tmp_path: Path) -> None:
    still = tmp_path / "still.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.04,loop=200:1", "-pix_fmt", "yuv420p", str(still))
    assert len(detect(still)["slides"]) == 1


def test_a_picture_that_is_never_still_gives_few_pages(tmp_path: Path) -> None:
    moving = tmp_path / "moving.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "life=s=320x180:mold=10:r=12:ratio=0.4,trim=0:12", "-pix_fmt", "yuv420p", str(moving))
    slides = detect(moving)["slides"]
    assert len(slides) <= 3
    assert slides[0]["end"] > slides[0]["start"]


def test_a_recording_without_video_is_refused(tmp_path: Path) -> None:
    media = MediaInfo("wav", 10.0, 100, None, AudioStream("pcm", 1, 8000))
    with pytest.raises(errors.UnusableRecording):
        find_slides(tmp_path / "x.wav", media, SlideOptions(), tmp_path)


def test_the_command_writes_json(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = [str(LECTURES / "numbers_pointer.mp4"), "--json", str(out), "--images", str(tmp_path / "images")]
    result = CliRunner().invoke(slides_command, arguments)
    assert result.exit_code == 0, result.output
    timeline = json.loads(out.read_text())
    assert {"slides", "region", "ignored", "warnings", "quality"} <= timeline.keys()
    assert all(Path(slide["image"]).is_file() for slide in timeline["slides"])
