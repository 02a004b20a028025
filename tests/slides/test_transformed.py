"""The bench of transformed recordings: a drawn lecture, coded and shown otherwise, and the table of its results."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from bench.slides.drawing import LIGHT
from bench.slides.lecture import Lecture
from bench.slides.transformed.bench import make_variants, score_all
from bench.slides.transformed.recording import Recording, find_recordings
from bench.slides.transformed.report import render
from bench.slides.transformed.variants import AS_RECORDED, Result, Variant, make_variant, score_variant
from services.media.probe import probe

SLIDES = 3


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("recordings")
    lecture = Lecture(640, 360, 10, random.Random(7), "deck")
    painter = lecture.make_painter(LIGHT)
    for number in range(SLIDES):
        lecture.add_slide(f"s{number}", [painter.draw_bullets(4)[-1]])
    lecture.write(folder)
    (found,) = find_recordings(folder)
    return found


def test_every_transformation_has_a_row_with_the_scores_of_its_recordings(recording: Recording, tmp_path: Path) -> None:
    names = ["crf_36", "logo_before_and_after", "camera_inset"]
    results = score_all(list(make_variants([recording], names)), tmp_path)
    assert [result.transformation for result in results] == [AS_RECORDED, *names]
    section = render(results, [])
    for row in ("crf 36", "logo before and after", "camera inset"):
        assert f"| {row} | 1.000 / 1.000 | 1.00 / 1.00 |  |" in section
    assert "| all | 1.000 / 1.000 | 1.00 / 1.00 | 0 of 3 |" in section
    assert "| deck | 1.00 / 1.00 | 1.000 / 1.000 | 1.00 / 1.00 |  |" in section
    assert "**missed**" not in section


def test_the_truth_is_that_of_what_the_transformed_video_shows(recording: Recording, tmp_path: Path) -> None:
    starts = [slide["start"] for slide in recording.truth["slides"]]
    for name, visits, added_s in (
        ("grey", starts, 0.0),
        ("black_before_and_after", [start + 4.0 for start in starts], 9.0),
        ("two_joined", [*starts, *(start + recording.media.duration_s for start in starts)], recording.media.duration_s),
    ):
        truth_file = make_variant(Variant(recording, recording, name), tmp_path)
        truth = json.loads(truth_file.read_text())
        assert [slide["start"] for slide in truth["slides"]] == pytest.approx(visits, abs=0.2)
        assert probe(truth_file.with_name(truth["file"])).duration_s == pytest.approx(recording.media.duration_s + added_s, abs=0.3)


def test_a_transformed_video_is_made_once(recording: Recording, tmp_path: Path) -> None:
    def made() -> dict[str, int]:
        make_variant(Variant(recording, recording, "watermark"), tmp_path)
        return {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.mp4")}

    first = made()
    assert len(first) == 1
    assert made() == first
    (video,) = tmp_path.glob("*.mp4")
    outdated = video.rename(video.with_name("deck.watermark.of_other_code.mp4"))
    assert made().keys() == first.keys()
    assert not outdated.exists()


def test_results_below_the_goal_are_named() -> None:
    scores = (("a", AS_RECORDED, 1.0, 1.0), ("a", "chat", 1.0, 0.8), ("b", AS_RECORDED, 1.0, 1.0), ("b", "chat", 1.0, 1.0))
    section = render([Result(*each) for each in scores], [Result("screen", AS_RECORDED, 1.0, 1.0), Result("screen", "chat", 1.0, 1.0)])
    assert "| chat | 1.000 / 0.900 | 1.00 / 0.80 | a 1.00 / 0.80 |" in section
    assert "| a | 1.00 / 1.00 | 1.000 / 0.800 | 1.00 / 0.80 | chat |" in section
    assert "| real recordings, transformed: mean at least 0.97 / 0.97 | **missed** | 1.000 / 0.900 |" in section
    assert "| real recordings, transformed: none below 0.90 | **missed** | 1 of 2 |" in section
    assert "| recorded screens, transformed: none below 0.90 | met | 0 of 1 |" in section


def test_a_recording_that_the_engine_cannot_read_counts_as_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(bytes(4096))
    (tmp_path / "broken.truth.json").write_text(json.dumps({"slides": [], "distinct": []}))
    (broken,) = find_recordings(tmp_path)
    result = score_variant(Variant(broken, broken, AS_RECORDED), tmp_path)
    assert (result.f1, result.page_f1) == (0.0, 0.0)
    assert result.failure
    section = render([result, Result("broken", "chat", 0.0, 0.0, result.failure)], [])
    assert f"| chat | 0.000 / 0.000 | 0.00 / 0.00 | broken {result.failure} |" in section
