"""Subtitles as documents: WebVTT where WebVTT was uploaded, none where nobody speaks."""

from __future__ import annotations

import io
from pathlib import Path

from tests.conftest import SAMPLES, User
from tests.media.samples import make_media, video_source

VTT = b"WEBVTT\n\n00:01.000 --> 00:04.000\nA graph has vertices and edges.\n"


def test_a_recording_with_webvtt_subtitles_offers_webvtt(user: User, tiny_subtitles: bytes) -> None:
    upload = user.upload(SAMPLES / "tiny.m4a", formats="txt", subtitles=(io.BytesIO(VTT), "subtitles.vtt")).json
    downloads = user.wait(upload["video_id"])["downloads"]
    assert set(downloads) == {"txt", "vtt"}
    assert user.open_link(downloads["vtt"]).content.startswith(b"WEBVTT\n\n1\n00:00:01.000 -->")
    upload = user.upload(SAMPLES / "tiny.m4a", formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "subtitles.srt")).json
    assert set(user.wait(upload["video_id"])["downloads"]) == {"txt"}


def test_a_recording_without_words_offers_no_subtitles(user: User, tmp_path: Path) -> None:
    mute = make_media(tmp_path / "mute.mp4", *video_source(4), "-vf", "hue=s=0,trim=end_frame=1,tpad=stop_mode=clone:stop_duration=4")
    upload = user.upload(mute, formats="txt,srt,vtt").json
    status = user.wait(upload["video_id"])
    assert status["status"] == "completed", status
    assert set(status["downloads"]) == {"txt"} and status["subtitle_url"] is None
    recording = user.get(f"/api/v1/recordings/{upload['video_id']}").json
    assert [each["format"] for each in recording["artifacts"]] == ["txt"]
