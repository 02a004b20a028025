"""A part of a recording: its documents contain the words of that part, at times that begin with it."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask

from domain import Caption, Segment, SpeechSource, Transcript, Word
from lib.media_time import parse_time
from pipelines.stages.speech import from_time
from tests.conftest import SAMPLES, User


def test_times_are_read_as_people_write_them() -> None:
    seconds = {"1:02:03": 3723.0, "2:03": 123.0, "90:00": 5400.0, "7.25": 7.25, "0": 0.0, "00:00:05.5": 5.5}
    assert {text: parse_time(text) for text in seconds} == seconds
    for text in ("", "1:75", "1:2:3:4", "-5", "5s", "1e3", "nan", "1:-2", " 5"):
        with pytest.raises(ValueError, match="a time is"):
            parse_time(text)


def test_words_before_the_part_are_left_out() -> None:
    words = tuple(Word(f" {name}", start, start + 0.5) for name, start in (("a", 1.0), ("b", 4.0), ("c", 5.0)))
    captions = (Caption(1000, 1500, ("a",)), Caption(4000, 5500, ("b c",)))
    whole = Transcript("en", (Segment(1.0, 1.5, words[:1]), Segment(3.5, 5.5, words[1:])), SpeechSource.SUBTITLES, captions=captions)
    part = from_time(whole, 3.75)
    assert part.segments == (Segment(0.0, 1.75, (Word(" b", 0.25, 0.75), Word(" c", 1.25, 1.75))),)
    assert part.captions == (Caption(250, 1750, ("b c",)),)


def test_a_part_is_converted_with_links_into_the_whole(user: User, app: Flask) -> None:
    subtitles = (SAMPLES / "tiny.srt").read_text()
    starts = [parse_time(time.replace(",", ".")) for time in re.findall(r"(\S+) -->", subtitles)]
    fields = {"start_time": f"{starts[1] - 0.1:.3f}", "formats": "json,md", "title": "Part"}
    video_id = user.upload(SAMPLES / "tiny.m4a", subtitles=((SAMPLES / "tiny.srt").open("rb"), "a.srt"), **fields).json["video_id"]
    status = user.wait(video_id)
    assert status["status"] == "completed", status
    notes = json.loads(user.open_link(status["downloads"]["json"]).content)
    first = notes["unplaced"][0]
    assert first["start_s"] == pytest.approx(0.1, abs=0.05)
    assert subtitles.split("\n\n")[1].splitlines()[2].split()[0] == first["words"][0]["text"].strip()
    assert notes["source_offset_s"] == pytest.approx(starts[1] - 0.1, abs=0.001)
    assert notes["duration_s"] == pytest.approx(status["duration_s"] - starts[1] + 0.1, abs=0.1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"start_time": "10", "end_time": "5"}, "The end (end_time) must be later than the start"),
        ({"start_time": "5", "end_time": "0:05"}, "The end (end_time) must be later than the start"),
        ({"start_time": "five"}, "a time is"),
        ({"start_time": "1:00:00"}, "the recording ends at"),
    ],
)
def test_an_impossible_part_is_refused(user: User, fields: dict[str, str], message: str) -> None:
    response = user.upload(SAMPLES / "tiny.m4a", **fields)
    assert response.status_code == 422 and message in response.json["detail"], response.text
