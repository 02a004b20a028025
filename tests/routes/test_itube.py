"""iTube's flow: an address for the file, its metadata, the check, streams, and what viewers and transcoders then get."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import av
import pytest
import requests
from flask import Flask
from sqlalchemy import update

from config import PROJECT
from database import session, transaction
from lib.clock import now
from lib.programs import require_program
from models import PendingDeletion, Recording
from models import User as UserRow
from services.accounts import api_keys
from services.library import direct_uploads, multipart_uploads, object_deletion
from tests.applications import serve_app
from tests.conftest import User, list_stored_keys
from tests.waiting import wait_for

VIDEOS = "/api/v1/upload/videos"
PICTURE = b"\xff\xd8\xff\xe0" + bytes(200)
pytestmark = pytest.mark.usefixtures("cached_stages")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Nine seconds of a small portrait video with sound."""
    target = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pictures, sound = "testsrc2=s=90x160:d=9:r=10", "sine=d=9"
    inputs = ["-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", sound]
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "300", "-c:a", "aac", "-shortest"]
    subprocess.run([require_program("ffmpeg"), "-v", "error", *inputs, *encoders, target], check=True)
    return target.read_bytes()


def put(user: User, url: str, content: bytes, content_type: str = "video/mp4") -> int:
    """Send a file to an upload URL, without credentials: to the application, or to the S3 server."""
    if url.startswith("http://localhost/"):
        return user.http.put(url, data=content, content_type=content_type).status_code
    return requests.put(url, data=content, headers={"Content-Type": content_type}, timeout=60).status_code


def upload(user: User, content: bytes, **metadata: Any) -> dict[str, Any]:
    address = user.post(f"{VIDEOS}/upload-url").json
    assert re.fullmatch(rf"videos/{user.id}/[0-9a-f-]{{36}}\.mp4", address["media_id"])
    assert put(user, address["url"], content) == 200
    body = {"title": "Trees", "description": None, "video_s3_key": address["media_id"], "visibility": "public", **metadata}
    response = user.post(f"{VIDEOS}/metadata", json=body)
    assert response.status_code == 200, response.text
    return response.json


def wait_until_ready(user: User, video_id: str) -> None:
    def is_ready() -> bool:
        status = user.get(f"{VIDEOS}/{video_id}").json["processing_status"]
        assert status != "FAILED"
        return status == "COMPLETED"

    wait_for(is_ready)


def test_from_an_upload_to_players(app: Flask, user: User, stranger: User, clip: bytes) -> None:
    video = upload(user, clip)
    key = video["video_s3_key"]
    assert set(video) == {"id", "user_id", "title", "description", "video_s3_key", "visibility", "processing_status"}
    assert (video["user_id"], video["description"], video["visibility"]) == (user.id, "", "PUBLIC")
    assert video["processing_status"] == "IN_PROGRESS"
    wait_until_ready(user, video["id"])
    for path in (VIDEOS, f"{VIDEOS}/"):
        assert [each["id"] for each in stranger.get(path).json] == [video["id"]]
    recording = user.get(f"/api/v1/recordings/{video['id']}").json
    assert (recording["media"]["video"]["width"], recording["media"]["video"]["height"]) == (90, 160)
    assert recording["size_bytes"] == len(clip) and len(recording["sha256"]) == 64
    # The addresses that the client derives from the key.
    manifest = stranger.get(f"/{key}/manifest.mpd")
    assert manifest.content_type == "application/dash+xml" and b'width="90" height="160"' in manifest.data
    thumbnail = key.replace("videos/", "thumbnails/").replace(".mp4", ".jpg")
    assert stranger.get(f"/{thumbnail}").data.startswith(b"\xff\xd8")
    address = user.post(f"{VIDEOS}/thumbnail/upload-url?associated_video_id={key}").json
    assert address["media_id"] == thumbnail
    assert put(user, address["url"], PICTURE, "image/jpg") == 200
    assert stranger.get(f"/{thumbnail}").data == PICTURE
    assert stranger.post(f"{VIDEOS}/thumbnail/upload-url?associated_video_id={key}").status_code == 404
    check_playback(app, user, stranger, video["id"])
    assert user.delete(f"/api/v1/recordings/{video['id']}?permanent=true").status_code == 200
    assert list_stored_keys(app) == []


def test_the_response_is_the_same_however_fast_the_job_is(app: Flask, user: User, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    add = direct_uploads._add

    def add_and_wait(caller: Any, recording: Recording, *arguments: Any, **options: Any) -> None:
        recording_id = recording.id
        add(caller, recording, *arguments, **options)

        def is_completed() -> bool:
            with app.app_context():
                return session().get_one(Recording, recording_id).processing_status == "COMPLETED"

        wait_for(is_completed)

    monkeypatch.setattr(direct_uploads, "_add", add_and_wait)
    assert upload(user, clip)["processing_status"] == "IN_PROGRESS"


def check_playback(app: Flask, user: User, stranger: User, video_id: str) -> None:
    """Players load everything by relative addresses, without a header, until the video becomes private."""
    addresses = stranger.get(f"/api/v1/videos/{video_id}/playback").json
    assert all(addresses[name] for name in ("hls", "dash", "original", "poster", "thumbnails"))
    folder, _, _ = addresses["hls"].rpartition("/")

    def load(name: str, **headers: str) -> Any:
        return stranger.http.get(f"{folder}/{name}", headers=headers)

    master = load("master.m3u8").text
    assert "RESOLUTION=90x160" in master and master.count("#EXT-X-STREAM-INF") == 2  # and the sound alone
    playlist = load("media_0.m3u8").text
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist and playlist.rstrip().endswith("#EXT-X-ENDLIST")
    spans = [tuple(map(int, span)) for span in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", playlist)]
    durations = [float(value) for value in re.findall(r"#EXTINF:([\d.]+)", playlist)]
    assert durations == [4.0, 4.0, 1.0] and len(spans) == 3
    size, start = spans[1]
    segment = load("stream0.mp4", Range=f"bytes={start}-{start + size - 1}")
    assert segment.status_code == 206 and segment.data[4:8] in (b"styp", b"moof", b"sidx")
    assert load("stream0.mp4", Range="bytes=99999999-").status_code == 416
    assert len(load("stream0.mp4", Range="bytes=-5").data) == 5
    etag = segment.headers["ETag"]
    same, other = (load("stream0.mp4", Range="bytes=0-9", **{"If-Range": tag}) for tag in (etag, '"other"'))
    assert (same.status_code, len(same.data), other.status_code) == (206, 10, 200)
    assert load("stream0.mp4", **{"If-None-Match": etag}).status_code == 304
    assert stranger.http.head(f"{folder}/stream0.mp4").headers["Content-Length"] == str(len(other.data))
    assert "sprite.jpg#xywh=0,0,160,284" in load("thumbnails.vtt").text
    assert load("sprite.jpg").data.startswith(b"\xff\xd8")
    assert load("original", Range="bytes=0-9").status_code == 206
    assert load("../secret").status_code == load("media_9.m3u8").status_code == load("stream3.mp4").status_code == 404
    check_renditions(load("stream0.mp4").data, app)
    user.http.patch(f"/api/v1/recordings/{video_id}", json={"visibility": "PRIVATE"}, headers=user.headers)
    assert load("master.m3u8").status_code == load("stream0.mp4").status_code == 404
    assert stranger.get(f"/api/v1/videos/{video_id}/playback").status_code == 404
    own = user.get(f"/api/v1/videos/{video_id}/playback").json
    assert user.http.get(own["hls"]).status_code == 200
    for status, expected in (("suspended", 404), ("active", 200)):
        with app.app_context(), transaction() as write_session:
            write_session.execute(update(UserRow).where(UserRow.id == user.id).values(status=status))
        assert user.http.get(own["hls"]).status_code == expected, status


def check_renditions(content: bytes, app: Flask) -> None:
    """Keyframes are at the starts of segments, and every group is closed."""
    file = app.extensions["lectern"].settings.data_dir / "rendition.mp4"
    file.write_bytes(content)
    with av.open(str(file)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        key_times = [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]
        end_s = max(float((packet.pts + packet.duration) * packet.time_base) for packet in packets)
    first_s = key_times[0]
    assert {0.0, 4.0, 8.0} <= {round(time_s - first_s, 3) for time_s in key_times}
    assert abs(end_s - first_s - 9.0) <= 0.1 + 1e-6


def test_a_file_is_sent_in_parts(app: Flask, user: User, stranger: User, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{VIDEOS}/multipart"
    part_bytes = 5 * 2**20  # the least that S3 takes
    monkeypatch.setattr(multipart_uploads, "_PART_BYTES", part_bytes)
    padding_bytes = part_bytes + 1000
    clip += padding_bytes.to_bytes(4, "big") + b"free" + bytes(padding_bytes - 8)
    response = user.post(path, json={"size_bytes": len(clip)})
    assert response.status_code == 201, response.text
    upload = {name: response.json[name] for name in ("media_id", "upload_id")}
    parts = (clip[:part_bytes], clip[part_bytes:])
    assert user.post(f"{path}/complete", json=upload).json["code"] == "upload_missing"
    for number in (2, 1):
        part_urls = user.post(f"{path}/part-urls", json={**upload, "numbers": [number]}).json
        content = parts[number - 1]
        assert put(user, part_urls["parts"][0]["url"], content, "") == 200
        if number == 2:
            assert user.post(f"{path}/complete", json=upload).json["code"] == "upload_missing"
        assert put(user, part_urls["parts"][0]["url"], content, "") == 200, "a part may be sent again"
    stored_parts = [{"number": number, "size_bytes": len(part)} for number, part in enumerate(parts, start=1)]
    assert user.post(f"{path}/parts", json=upload).json == {"parts": stored_parts}
    for call in ("parts", "complete", "abort"):
        assert stranger.post(f"{path}/{call}", json=upload).status_code == 409, call
        assert user.post(f"{path}/{call}", json={**upload, "upload_id": "../x"}).status_code == 404, call
    for _ in range(2):
        response = user.post(f"{path}/complete", json=upload)
        assert (response.status_code, response.json["size_bytes"]) == (200, len(clip)), response.text
    response = user.post(f"{VIDEOS}/metadata", json={"title": "Trees", "video_s3_key": upload["media_id"]})
    assert response.status_code == 200, response.text
    recording = user.get(f"/api/v1/recordings/{response.json['id']}").json
    assert recording["size_bytes"] == len(clip)
    assert user.post(f"{path}/complete", json=upload).json["code"] == "upload_closed"
    assert user.post(path, json={"size_bytes": 10**15}).status_code == 413
    assert user.delete(f"/api/v1/recordings/{recording['id']}?permanent=true").status_code == 200


def test_a_file_that_is_not_a_recording_is_refused_with_its_first_part(app: Flask, user: User) -> None:
    path = f"{VIDEOS}/multipart"
    upload = {name: value for name, value in user.post(path, json={"size_bytes": 900}).json.items() if name != "part_bytes"}
    url = user.post(f"{path}/part-urls", json={**upload, "numbers": [1]}).json["parts"][0]["url"]
    is_here = put(user, url, b"%PDF-1.7" + bytes(892), "") == 415
    assert is_here or user.post(f"{path}/complete", json=upload).status_code == 415
    assert user.post(f"{path}/abort", json=upload).status_code == (200 if is_here else 409)


def test_wrong_uploads_are_refused(app: Flask, user: User, stranger: User, clip: bytes) -> None:
    address = user.post(f"{VIDEOS}/upload-url/").json
    is_local = address["url"].startswith("http://localhost/")
    body = {"title": "Trees", "video_s3_key": address["media_id"], "visibility": "PRIVATE"}
    missing = user.post(f"{VIDEOS}/metadata", json=body)
    assert (missing.status_code, missing.json["code"]) == (409, "upload_missing")
    text = b"this is not a recording " * 100
    assert put(user, address["url"], text) == (415 if is_local else 200)
    if not is_local:  # S3 takes anything: the first bytes are read when the file is described
        response = user.post(f"{VIDEOS}/metadata", json=body)
        assert (response.status_code, response.json["code"]) == (415, "not_media")
        assert user.post(f"{VIDEOS}/metadata", json=body).json["code"] == "upload_missing"  # it was deleted; another one may follow
    assert put(user, address["url"], clip) == 200
    assert stranger.post(f"{VIDEOS}/metadata", json=body).status_code == 404
    for wrong in ({"visibility": "secret"}, {"title": ""}, {"video_s3_key": "videos/../etc/passwd"}):
        assert user.post(f"{VIDEOS}/metadata", json={**body, **wrong}).status_code == 422, wrong
    app.extensions["lectern"].settings.user_quota_bytes = len(clip) - 1
    assert user.post(f"{VIDEOS}/metadata", json=body).json["code"] == "quota_exceeded"
    assert user.post(f"{VIDEOS}/upload-url").json["code"] == "quota_exceeded"  # files without metadata count as well
    app.extensions["lectern"].settings.user_quota_bytes = 10**9
    assert user.post(f"{VIDEOS}/metadata", json=body).status_code == 200
    assert user.post(f"{VIDEOS}/metadata", json=body).json["code"] == "upload_closed"
    if is_local:
        assert put(user, address["url"], clip) == 409
        assert put(user, user.post(f"{VIDEOS}/upload-url").json["url"], b"") == 400
    assert user.http.put("/direct-uploads/forged", data=clip).status_code == 404


def test_a_file_cannot_be_replaced_after_it_was_checked(app: Flask, user: User, clip: bytes) -> None:
    address = user.post(f"{VIDEOS}/upload-url").json
    assert put(user, address["url"], clip) == 200
    body = {"title": "Trees", "video_s3_key": address["media_id"], "visibility": "PRIVATE"}
    video = user.post(f"{VIDEOS}/metadata", json=body).json
    is_local = address["url"].startswith("http://localhost/")
    assert put(user, address["url"], clip[:300]) == (409 if is_local else 200)  # an address of S3 lives until it expires
    wait_until_ready(user, video["id"])
    recording = user.get(f"/api/v1/recordings/{video['id']}").json
    assert recording["sha256"] == hashlib.sha256(clip).hexdigest() and video["video_s3_key"] == address["media_id"]
    assert user.post(f"{VIDEOS}/metadata", json=body).json["code"] == "upload_closed"
    addresses = user.get(f"/api/v1/videos/{video['id']}/playback").json
    assert user.http.get(addresses["original"]).data == clip
    user.delete(f"/api/v1/recordings/{video['id']}?permanent=true")
    with app.app_context(), transaction() as write_session:
        write_session.execute(update(PendingDeletion).values(due_at=now()))
    with app.app_context():
        object_deletion.run_due(app.extensions["lectern"].store)
    assert list_stored_keys(app) == []


def test_an_external_transcoder_reports_the_status(app: Flask, user: User, stranger: User, clip: bytes) -> None:
    app.extensions["lectern"].settings.transcoder = "external"
    video = upload(user, clip, visibility="UNLISTED")
    with app.app_context():
        token = api_keys.create_for_service(name="transcoder", scopes=["videos"])[1]
    headers = {"Authorization": f"Bearer {token}"}
    by_key = user.http.get(f"{VIDEOS}/by-key/{video['video_s3_key']}", headers=headers)
    assert by_key.json == {"video_id": video["id"]}
    assert user.get(f"{VIDEOS}/by-key/{video['video_s3_key']}").status_code == 401
    wait_for(lambda: user.get(f"/api/v1/recordings/{video['id']}").json["duration_s"] > 8)
    assert stranger.get(f"{VIDEOS}/{video['id']}").status_code == 404
    path = f"{VIDEOS}/{video['id']}/status"
    assert user.http.patch(f"{path}?status=ready", headers=headers).status_code == 422
    answer = user.http.patch(f"{path}?status=completed", headers=headers)
    assert (answer.status_code, json.loads(answer.text)) == (200, None)
    assert stranger.get(f"{VIDEOS}/{video['id']}").json["processing_status"] == "COMPLETED"
    assert stranger.get(VIDEOS).json == []  # unlisted
    assert user.http.patch(f"{VIDEOS}/00000000-0000-0000-0000-000000000000/status?status=failed", headers=headers).status_code == 404


def test_a_damaged_file_is_marked_as_failed(user: User, clip: bytes) -> None:
    video = upload(user, clip[:300] + bytes(300))
    wait_for(lambda: user.get(f"{VIDEOS}/{video['id']}").json["processing_status"] == "FAILED")
    assert user.get(VIDEOS).json == []


def test_any_recording_can_be_prepared_beside_its_conversion(user: User, clip: bytes) -> None:
    recording_id = user.upload(clip, "clip.mp4", formats="txt").json["video_id"]
    job = user.post(f"/api/v1/recordings/{recording_id}/streams")
    assert job.status_code == 201, job.text
    wait_for(lambda: user.get(f"/api/v1/jobs/{job.json['id']}").json["state"] == "succeeded")
    assert user.get(f"/api/v1/recordings/{recording_id}").json["job"]["pipeline"] == "lecture_notes"
    assert user.get(f"/api/v1/videos/{recording_id}/playback").json["hls"]


def test_the_documented_calls(app: Flask, clip: bytes, tmp_path: Path) -> None:
    """On local storage and on an S3 server, from the registration to the public list."""
    video = tmp_path / "clip.mp4"
    video.write_bytes(clip)
    with app.app_context():
        token = api_keys.create_for_service(name="transcoder", scopes=["videos"])[1]
    with serve_app(app) as url:
        script = [str(PROJECT / "scripts/itube_curl.sh"), url, str(video), token]
        result = subprocess.run(script, capture_output=True, text=True, timeout=240, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "calls, all as documented" in result.stdout
