"""Access rules of the routes, for tests/test_every_route.py.

A route that is not listed requires a login, and below /admin and /api/v1/admin an admin. A new route needs an entry only if it is
public (OPEN), uses other credentials (OTHER_KEYS), validates its body before it checks the owner (BODIES), or has a new path
parameter (`OwnedObjects`, PLAIN).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.conftest import User

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ADMIN = ("/admin/", "/api/v1/admin/", "/worker-health")

# Public routes; they show no user's data.
OPEN = {
    "GET /",
    "GET /docs",
    "GET /admin",
    "GET /redoc",
    "GET /openapi.json",
    "GET /favicon.ico",
    "GET /static/<path:filename>",
    "GET /web/<path:name>",
    "GET /account",
    "GET /projects",
    "GET /projects/<project_id>",
    "GET /courses",
    "GET /courses/<course_id>",
    "GET /lessons",
    "GET /lessons/<script_id>",
    "GET /slides",
    "GET /recordings/<recording_id>",
    "GET /watch/<recording_id>",
    "GET /m/<short_code>",
    "GET /m/<short_code>/<code>",
    "GET /embed/<token>",
    "GET /health",
    "GET /health/live",
    "GET /api/v1/health",
    "GET /api/v1/formats",
    "GET /v1/models",
    "GET /api/v1/subscriptions/plans",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/signup",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/refresh-token",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/auth/resend-verification",
    "POST /api/v1/auth/forgot-password",
    "POST /api/v1/auth/reset-password",
    "POST /auth/login",
    "POST /auth/exchange-token",
    "POST /login",
    "GET /api/v1/about",
    "GET /api/docs",
    "GET /api/redoc",
    "GET /api/v1/ws/jobs",
    "GET /api/v1/ws/jobs/<job_id>",
    "GET /ws/jobs",
    "GET /ws/jobs/<job_id>",
}

_WORKER = "/internal/worker/jobs/<job_id>"
_WORKERS = {
    "POST /internal/worker/claim": 401,
    "POST /worker/callback": 401,
    "GET /internal/get-pending-tasks": 401,
    "POST /internal/task-update": 401,
    **{f"POST /internal/worker/{call}": 401 for call in ("pickup-task", "update-task", "heartbeat", "recover-stale-tasks")},
    f"GET {_WORKER}/inputs/<name>": 401,
    f"PUT {_WORKER}/results/<format_name>": 401,
    **{f"POST {_WORKER}/{action}": 401 for action in ("heartbeat", "complete", "fail", "release")},
}

# Routes that take a signed link or a service token instead of a login, with the status for others.
OTHER_KEYS = {
    "GET /files/<token>/<filename>": 404,
    "GET /stream/<token>/<name>": 404,
    "PUT /direct-uploads/<token>": 404,
    "PUT /direct-uploads/parts/<token>": 404,
    "GET /uploaded/<token>/<filename>": 404,
    "POST /api/v1/shared/<token>": 404,
    "GET /api/v1/upload/videos/by-key/<path:s3_key>": 401,
    "PATCH /api/v1/upload/videos/<recording_id>/status": 401,
    "GET /api/v1/internal/caller": 401,
    "GET /v1/models/<path:name>": 404,
    "POST /api/v1/subscriptions/webhook": 409,  # the server takes no payments
    **_WORKERS,
}

# Routes that this server does not offer to anybody, or that need what the owner of the test has not, with the status.
NOT_OFFERED = {
    "GET /api/v1/characters": 410,
    "GET /api/v1/characters/<character_id>": 410,
    "GET /api/v1/recordings/<recording_id>/deck": 404,
    "GET /api/v1/youtube/oauth": 409,
    "GET /api/v1/youtube/callback": 409,
}

# Admin routes outside /admin, with the status for others.
ADMINS_ELSEWHERE = {"GET /metrics": 404}

# Routes for super admins, requested by an admin; `user_id` is a super admin.
SUPER_ADMINS: dict[str, dict[str, Any]] = {
    "POST /api/v1/admin/users": {"json": {"email": "new@example.org", "password": "correct horse battery", "role": "admin"}},
    "PATCH /api/v1/admin/users/<user_id>": {"json": {"role": "user"}},
    "POST /api/v1/admin/users/<user_id>/suspend": {"json": {}},
    "POST /api/v1/admin/admins": {"json": {"email": "ada@example.org"}},
    "PUT /api/v1/admin/admins/<user_id>": {"json": {"role": "admin"}},
    "DELETE /api/v1/admin/admins/<user_id>": {"json": {}},
    "POST /api/v1/admin/email/config": {"json": {"smtp_host": "mail.example.org"}},
    "DELETE /api/v1/admin/email/config": {"json": {}},
}

_SCRIPT: dict[str, Any] = {
    "title": "Private script",
    "scenes": [{"id": "a", "narration": "Private words", "content": {"kind": "title", "heading": "Private"}}],
}

# Bodies and queries that pass validation, so that the view checks the owner.
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/v1/recordings/<recording_id>": {"json": {"title": "Changed"}},
    "POST /api/v1/recordings/<recording_id>/jobs": {"json": {}},
    "PUT /api/v1/transcripts/<recording_id>": {"json": {"segments": [{"id": 1, "start_s": 0, "end_s": 1, "text": "Private words"}]}},
    "PATCH /api/v1/transcripts/<recording_id>/segments/<segment_id>": {"json": {"text": "Changed words"}},
    "POST /api/v1/transcripts/<recording_id>/segments/<segment_id>/split": {"json": {"word_id": 2}},
    "POST /api/v1/transcripts/<recording_id>/replacements": {"json": {"find": "words", "replace": "text"}},
    "PATCH /api/v1/admin/jobs/<job_id>": {"json": {"priority": 5}},
    "POST /update_script/<script_id>": {"json": {"script": {"title": "Changed"}, "chatID": "c"}},
    "POST /confirm_script/<script_id>": {"json": {"chatID": "c"}},
    "POST /api/script/<script_id>": {"json": {"title": "Changed"}},
    "PUT /api/v1/scripts/<script_id>": {"json": {"script": _SCRIPT}},
    "POST /api/v1/scripts/<script_id>/scenes": {"json": {"scene": _SCRIPT["scenes"][0] | {"id": "new"}}},
    "PUT /api/v1/scripts/<script_id>/scenes/<scene_id>": {"json": {"scene": _SCRIPT["scenes"][0]}},
    "POST /api/v1/scripts/<script_id>/scenes/<scene_id>/rewrite": {"json": {"instruction": "Change it"}},
    "POST /api/v1/scripts/<script_id>/order": {"json": {"scene_ids": ["a"]}},
    "POST /api/v1/recordings/<recording_id>/slide-edits": {"json": {"change": {"action": "drop", "slide": 1}}},
    "POST /api/v1/recordings/<recording_id>/bookmarks": {"json": {"time_s": 0.5}},
    "PATCH /api/v1/recordings/<recording_id>/bookmarks/<bookmark_id>": {"json": {"text": "Changed"}},
    "PATCH /api/v1/webhooks/<webhook_id>": {"json": {"description": "Changed"}},
    "PATCH /api/v1/courses/<course_id>": {"json": {"title": "Changed"}},
    "PUT /api/v1/courses/<course_id>/recordings": {"json": {"recording_ids": []}},
    "POST /api/v1/projects/<project_id>/members": {"json": {"email": "mallory@example.org"}},
    "POST /api/v1/projects/<project_id>/assets": {"json": {"recording_id": "missing"}},
    "POST /api/v1/jobs": {"json": {"type": "video_generation", "project_id": "missing"}},
    "POST /api/v1/jobs/submit": {"json": {"project_id": "missing"}},
    "POST /api/v1/marketing/poster": {"json": {"project_id": "missing"}},
    "PUT /api/v1/videos/<recording_id>/position": {"json": {"position_s": 0.5}},
    "POST /api/v1/videos/<recording_id>/comments": {"json": {"text": "A comment"}},
    "GET /api/v1/videos/<recording_id>/citation": {"query_string": {"time": 1}},
    "POST /api/v1/youtube/recordings/<recording_id>/preview": {"json": {}},
    "GET /api/v1/search": {"query_string": {"q": "private"}},
}

UPLOADS = (
    "POST /upload",
    "POST /api/v1/recordings",
    "POST /generate-pdf",
    "POST /process",
    "POST /v1/audio/transcriptions",
    "POST /v1/audio/translations",
    "POST /api/v1/scripts/files",
    "PUT /api/v1/recordings/<recording_id>/deck",
    "PUT /api/v1/recordings/<recording_id>/file",
    "POST /api/v1/upload",
    "POST /api/v1/production/upload-footage",
)

# Values of path parameters that are not ids of a user's objects.
PLAIN = {
    "filename": "notes.pdf",
    "format_name": "pdf",
    "token": "forged",
    "upload_id": "0" * 32,
    "server_id": "nowhere",
    "setting": "registration_open",
    "prompt_id": "1",
    "segment_id": "1",
    "scene_id": "a",
    "chat_id": "chat",
    "correction_id": "1",
    "number": "1",
    "month": "2026-11",
    "hold_id": "unknown",
    "short_code": "nothing",
    "code": "1",
    "character_id": "1",
}
PATHS = {
    "/videos/<user_id>/<filename>/<name>": {"user_id": "owned", "filename": "owned.mp4", "name": "original"},
    "/thumbnails/<user_id>/<filename>": {"user_id": "owned", "filename": "owned.jpg"},
    "/api/v1/upload/videos/by-key/<path:s3_key>": {"s3_key": "videos/owned/owned.mp4"},
    "/web/<path:name>": {"name": "style.css"},
    "/static/<path:filename>": {"filename": "x"},
}


@dataclass(frozen=True)
class OwnedObjects:
    """Ids of objects that one user owns, by path parameter."""

    owner_id: str
    ids: dict[str, str]

    def with_other_ids(self) -> OwnedObjects:
        """Return the same parameters with ids of objects that do not exist."""
        return OwnedObjects(str(uuid.uuid4()), {name: _other_id(value) for name, value in self.ids.items()})


def _other_id(value: str) -> str:
    return "987654" if value.isdigit() else str(uuid.uuid4())


def key_of(method: str, rule: Rule) -> str:
    return f"{method} {rule.rule}"


def is_for_admins(key: str) -> bool:
    return key in ADMINS_ELSEWHERE or key.partition(" ")[2].startswith(ADMIN)


def body_for(key: str) -> dict[str, Any]:
    """Return arguments for the test client; a form's file is created for each request, because reading consumes it."""
    if key in UPLOADS:
        field = "video" if key == "POST /generate-pdf" else "file"
        name = "a.pdf" if key == "POST /api/v1/scripts/files" else "a.mp4"  # neither is accepted
        return {"data": {field: (io.BytesIO(b"nothing"), name)}, "content_type": "multipart/form-data"}
    return BODIES.get(key, {"json": {}} if key.startswith(UNSAFE) else {})


_RAW_TEXT = (
    b'{"language": "en", "source": "recognised", "engine": ""}\n[0.0, 1.0, [[" Private", 0.0, 0.5, 0.4], [" words", 0.5, 1.0, 0.9]]]\n'
)


def _archive_of_notes() -> bytes:
    """Return the archive of notes with one slide."""
    from domain import LectureNotes, Slide, TimeRange, Visit
    from lib.serialization import write_json
    from services.library import notes_archive

    slide = Slide(1, "Private slide", "slide-001.jpg", 16, 9, 0.0, (Visit(TimeRange(0.0, 1.0)),))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        (folder / "images" / slide.image).write_bytes(b"data")
        write_json(folder / "notes.json", LectureNotes("Private lecture", 1.0, "en", "2026-01-01", slides=(slide,)))
        notes_archive.write(folder / "notes.tar", folder)
        return (folder / "notes.tar").read_bytes()


def create_owned_objects(app: Flask, user: User) -> OwnedObjects:
    """Insert a recording with transcript, job, document and bookmark, a webhook, key, session, notice, term, batch and script."""
    from database import transaction
    from lib.clock import now
    from models import (
        ApiKey,
        Artifact,
        Batch,
        BatchItem,
        Bookmark,
        Comment,
        Course,
        Delivery,
        GlossaryTerm,
        Job,
        LoginSession,
        Notice,
        Project,
        ProjectAsset,
        Recording,
        Script,
        ScriptVersion,
        ShareLink,
        Transcript,
        TranscriptSegment,
        UploadedFile,
        Webhook,
        YouTubeAccount,
    )

    owner = user.id
    with app.app_context(), transaction() as session:
        recording = Recording(
            user_id=owner,
            title="Private lecture",
            filename="owned.mp4",
            storage_key="videos/owned/owned.mp4",
            size_bytes=4,
            sha256=hashlib.sha256(b"data").hexdigest(),
            duration_s=1.0,
            media={"video": {"codec": "h264"}, "audio": None},
        )
        session.add(recording)
        session.flush()
        job = Job(user_id=owner, recording_id=recording.id, pipeline="lecture_notes", state="failed", error_code="stage_failed")
        session.add(job)
        session.flush()
        document_fields = {"format": "pdf", "filename": "owned.pdf", "storage_key": "pdfs/owned.pdf", "content_type": "application/pdf"}
        document = Artifact(
            recording_id=recording.id, job_id=job.id, size_bytes=4, sha256=hashlib.sha256(b"data").hexdigest(), **document_fields
        )
        webhook = Webhook(user_id=owner, url="https://example.org/hook", events=["succeeded"], secret="whsec_owned", active=False)
        transcript = Transcript(recording_id=recording.id, raw_sha256="0", next_segment_id=2, next_word_id=3)
        words = [[1, " Private", 0.0, 0.5, 0.4], [2, " words", 0.5, 1.0, 0.9]]
        segment = TranscriptSegment(
            recording_id=recording.id, id=1, position=1.0, start_s=0.0, end_s=1.0, lowest_confidence=0.4, text="Private words", words=words
        )
        bookmark = Bookmark(user_id=owner, recording_id=recording.id, time_s=0.5, text="Private note")
        term = GlossaryTerm(user_id=owner, term="Private term", misheard=[])
        batch = Batch(user_id=owner, url="https://example.org/feed", title="Private feed", conversion="lecture_notes", listed_at=now())
        script = Script(id="owned0script", user_id=owner, title="Private script", version=1)
        session.add_all([document, webhook, transcript, term, batch, script, bookmark])
        session.flush()
        version = ScriptVersion(script_id=script.id, number=1, script=_SCRIPT, author="user")
        session.add(version)
        session.flush()
        yesterday = now() - dt.timedelta(days=1)
        render_fields = {"user_id": owner, "pipeline": "lesson", "state": "succeeded", "created_at": yesterday}
        render = Job(recording_id=recording.id, options={"script_version_id": version.id}, **render_fields)
        session.add(render)
        session.add(BatchItem(batch_id=batch.id, position=1, url="https://example.org/private.mp4", state="failed", error_code="x"))
        session.add(segment)
        session.add(
            Delivery(
                channel="webhook",
                user_id=owner,
                webhook_id=webhook.id,
                event="test",
                body="{}",
                state="failed",
                due_at=now() + dt.timedelta(days=9),
            )
        )
        ids = {"recording_id": recording.id, "video_id": recording.id, "name": recording.id, "job_id": job.id, "artifact_id": document.id}
        ids["bookmark_id"] = bookmark.id
        channel = YouTubeAccount(user_id=owner, channel_id="owned", channel_title="Owned", sealed_token="owned")
        session.add(channel)
        session.flush()
        ids["account_id"] = channel.id
        key = ApiKey(user_id=owner, name="owned", prefix="lk_owned", key_hash="0" * 64, scopes=["content:read"])
        login_session = LoginSession(user_id=owner, refresh_token_id="owned", expires_at=now() + dt.timedelta(days=9))
        notice = Notice(user_id=owner, kind="failed", job_id=job.id, recording_id=recording.id, title="Private lecture")
        course = Course(user_id=owner, title="Private course")
        link = ShareLink(recording_id=recording.id, label="Private link")
        channel = YouTubeAccount(user_id=owner, channel_id="UCowned", channel_title="Private channel", sealed_token="sealed")
        comment = Comment(recording_id=recording.id, user_id=owner, text="Private comment")
        project = Project(user_id=owner, name="Private project", script_text="Private words", settings={"style": "private"})
        file_fields = {"kind": "document", "filename": "owned.txt", "storage_key": "files/owned/owned.txt", "content_type": "text/plain"}
        file = UploadedFile(user_id=owner, size_bytes=4, sha256=hashlib.sha256(b"data").hexdigest(), **file_fields)
        session.add_all([key, login_session, notice, course, link, comment, project, file, channel])
        session.flush()
        asset = ProjectAsset(project_id=project.id, kind="document", file_id=file.id)
        session.add(asset)
        session.flush()
        ids |= {
            "webhook_id": webhook.id,
            "user_id": owner,
            "key_id": key.id,
            "term_id": term.id,
            "batch_id": batch.id,
            "script_id": script.id,
            "render_id": render.id,
            "video_name": f"Private_lecture_{recording.id}.mp4",
            "notice_id": notice.id,
            "course_id": course.id,
            "project_id": project.id,
            "asset_id": asset.id,
            "file_id": file.id,
            "link_id": link.id,
            "comment_id": comment.id,
            "session_id": login_session.id,
            "account_id": channel.id,
        }
        keys = (recording.storage_key, document.storage_key, file.storage_key)
    for key in keys:
        _store(app, key, b"data")
    return OwnedObjects(owner, ids)


def add_converted_parts(app: Flask, owned_objects: OwnedObjects) -> None:
    """Add what a conversion stores beside the documents: the recognised transcript, the notes with a slide, and a poster."""
    from database import transaction
    from models import Artifact

    contents = {"poster": b"data", "raw_transcript": _RAW_TEXT, "notes": _archive_of_notes()}
    for format_name, content in contents.items():
        _store(app, f"owned/{format_name}", content)
    with app.app_context(), transaction() as session:
        session.add_all(
            Artifact(
                recording_id=owned_objects.ids["recording_id"],
                job_id=owned_objects.ids["job_id"],
                format=format_name,
                filename=f"owned.{format_name}",
                storage_key=f"owned/{format_name}",
                content_type="application/octet-stream",
                size_bytes=len(content),
                sha256="0",
            )
            for format_name, content in contents.items()
        )


def _store(app: Flask, key: str, content: bytes) -> None:
    components = app.extensions["lectern"]
    local_file = components.settings.data_dir / "owned-object"
    local_file.write_bytes(content)
    components.store.put(local_file, key, "application/octet-stream")
