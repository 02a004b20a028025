"""The slides of a recording: times, words and pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.conftest import SAMPLES, User

pytestmark = pytest.mark.usefixtures("cached_stages")


def test_slides_are_listed_with_their_times_words_and_pictures(user: User, tiny_subtitles: bytes) -> None:
    fields = {"subtitles": (io.BytesIO(tiny_subtitles), "tiny.srt"), "start_time": "2"}
    video_id = user.upload(SAMPLES / "tiny.mp4", **fields).json["video_id"]
    assert user.get(f"/api/v1/recordings/{video_id}/slides").json["slides"] == []
    user.wait(video_id)
    body = user.get(f"/api/v1/recordings/{video_id}/slides").json
    assert body["source_offset_s"] == 2
    assert [slide["number"] for slide in body["slides"]] == list(range(1, len(body["slides"]) + 1))
    assert len(body["slides"]) >= 2
    assert body["slides"][0]["visits"][0]["start_s"] >= 2
    for slide in body["slides"]:
        assert slide["text"]
        response = user.get(slide["image_url"].removeprefix("http://localhost"))
        assert (response.status_code, response.content_type) == (200, "image/jpeg")
        assert "max-age=86400" in response.headers["Cache-Control"]
        assert Image.open(io.BytesIO(response.data)).size == (slide["width"], slide["height"])
        assert len(response.data) == int(response.headers["Content-Length"])
        tag = {**user.headers, "If-None-Match": response.headers["ETag"]}
        assert user.http.get(slide["image_url"].removeprefix("http://localhost"), headers=tag).status_code == 304
    assert user.get(f"/api/v1/recordings/{video_id}/slides/99/image").status_code == 404


def test_slides_of_others_are_not_found(user: User, stranger: User, tiny_subtitles: bytes) -> None:
    video_id = user.upload(SAMPLES / "tiny.mp4", subtitles=(io.BytesIO(tiny_subtitles), "tiny.srt")).json["video_id"]
    user.wait(video_id)
    for path in ("", "/1/image"):
        assert user.get(f"/api/v1/recordings/{video_id}/slides{path}").status_code == 200
        assert stranger.get(f"/api/v1/recordings/{video_id}/slides{path}").status_code == 404
