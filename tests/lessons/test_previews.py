"""Voices, themes and previews of scenes over HTTP."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np

from tests.conftest import User

_SCENE: dict[str, Any] = {"id": "a", "content": {"kind": "bullets", "heading": "Leaves", "items": ["Light", "Water"]}}


def test_a_scene_is_drawn_as_png(user: User) -> None:
    response = user.post("/api/v1/lessons/previews", json={"scene": _SCENE, "options": {"height": 720, "aspect": "9:16", "theme": "night"}})
    assert response.status_code == 200, response.text
    assert response.content_type == "image/png"
    picture = cv2.imdecode(np.frombuffer(response.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[:2] == (1280, 720)


def test_scenes_that_can_not_be_drawn_are_refused_by_name(user: User) -> None:
    def error(content: dict[str, Any], status: int) -> dict[str, Any]:
        response = user.post("/api/v1/lessons/previews", json={"scene": {"id": "bad", "content": content}})
        assert response.status_code == status, response.text
        return dict(response.json)

    formula = error({"kind": "formula", "steps": [r"\input{secret}"]}, 422)
    assert formula["code"] == "invalid_formula"
    assert "'bad'" in formula["message"]
    assert error({"kind": "image", "source": {"image_id": "x"}}, 404)["code"] == "not_found"
    assert error({"kind": "image", "source": {"recording_id": "x", "slide": 1}}, 404)["code"] == "not_found"
    clip = {"kind": "clip", "recording_id": "x", "start_s": 0, "end_s": 1}
    assert error(clip, 404)["code"] == "not_found"


def test_uploaded_pictures_and_logos_are_drawn(user: User) -> None:
    green = cv2.imencode(".png", np.full((100, 200, 3), (0, 200, 0), np.uint8))[1].tobytes()
    file_id = user.post("/api/v1/upload", data={"file": (io.BytesIO(green), "leaf.png")}, content_type="multipart/form-data").json[
        "file_id"
    ]
    scene = {"id": "a", "content": {"kind": "image", "source": {"image_id": file_id}}}
    body = {"scene": scene, "options": {"height": 720, "logo_image_id": file_id}}
    response = user.post("/api/v1/lessons/previews", json=body)
    assert response.status_code == 200, response.text
    picture = cv2.imdecode(np.frombuffer(response.data, np.uint8), cv2.IMREAD_COLOR)
    greens = (picture[:, :, 1] > 150) & (picture[:, :, 0] < 80) & (picture[:, :, 2] < 80)
    assert greens[300:400, 600:680].all() and greens[30:70, 1150:1250].any()


def test_themes_and_voices_are_listed(user: User) -> None:
    themes = user.get("/api/v1/lessons/themes").json["themes"]
    assert {theme["name"] for theme in themes} >= {"paper", "night"}
    voices = user.get("/api/v1/lessons/voices", query_string={"language": "xx"}).json["voices"]
    assert voices == []
