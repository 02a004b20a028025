"""The documented calls of the five systems that Lectern replaces, with the responses that `scripts/census.py` expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Account = Literal["user", "admin", "worker", "none"]
_TASK = {"video_id": "{video}", "worker_id": "w"}
NOTES = (  # longer than a topic, so that scripts can be drafted without a language model
    "Photosynthesis is how plants make sugar from light, water and carbon dioxide. It happens in the leaves, in small bodies that are "
    "called chloroplasts. First, chlorophyll takes up light and splits water; oxygen is given off. Then the energy is used to bind carbon "
    "dioxide, and sugar is made. Without this process there would be no oxygen in the air, and hardly any life on land. "
)


@dataclass(frozen=True)
class Call:
    """A call and the response that it needs. Braces in path and body are replaced by names that earlier calls have learned.

    `learns`: names with the path of their value in the response, such as `server.id`.
    """

    method: str
    path: str
    account: Account = "user"
    status: int = 200
    fields: tuple[str, ...] = ()
    json: Mapping[str, Any] | None = None
    learns: Mapping[str, str] = field(default_factory=dict)
    is_list: bool = False


def call(line: str, *fields: str, **options: Any) -> Call:
    """Return a call from `METHOD path`."""
    method, path = line.split(" ")
    return Call(method, path, fields=fields, **options)


THAKII = (
    call("GET /health", "service", "status", "database", "storage", "timestamp", account="none"),
    call("POST /auth/login", "success", "backend_token", "expires_in_days", "user", "message", json={}),
    call("POST /auth/exchange-token", "error", "message", "expires_at", "token_type", status=400),
    call("GET /auth/user", "success", "user", "timestamp"),
    call("GET /list", "videos", "total", "timestamp", account="admin"),
    call("GET /status/{video}", "video_id", "filename", "status", "upload_date", "updated_at", "user_email"),
    call("GET /status/{video}", "pdf_ready", "download_url", "size", "user_id"),
    call("GET /status/nowhere", "error", status=404),
    call("GET /download/{video}", "download_url", "video_id", "filename"),
    call("GET /list/{user}", "videos", "total"),
    call("GET /list/nobody", "error", status=404),
    call("GET /admin/metrics/stuck-tasks", "stuck_tasks", "count", account="admin"),
    call("GET /download/{video}.pdf"),
    call("GET /download/{user}/{video}.pdf"),
    call("GET /download/nobody/{video}.pdf", "error", status=404),
    call("GET /internal/get-pending-tasks", "tasks", "count", account="worker"),
    call("POST /internal/task-update", "error", account="worker", status=409, json={**_TASK, "status": "processing"}),
    call("POST /internal/worker/update-task", "error", account="worker", status=409, json={**_TASK, "status": "failed"}),
    call("POST /internal/worker/heartbeat", "success", account="worker", json={"worker_id": "w", "active_task_ids": ["{video}"]}),
    call("POST /internal/worker/recover-stale-tasks", "success", account="worker"),
    call("POST /internal/worker/pickup-task", "error", account="user", status=401, json={"worker_id": "w"}),
    call("POST /worker/callback", "error", account="worker", status=409, json={"video_id": "{video}", "worker": "w", "status": "failed"}),
    call("POST /process/{video}", "video_id", "status", "message"),
    call(
        "POST /process-from-s3",
        *("video_id", "status", "message"),
        status=201,
        json={"video_id": "{video}", "user_id": "{user}", "filename": "tiny.m4a", "s3_key": "{s3_key}"},
    ),
    call(
        "POST /process-from-s3",
        "error",
        status=404,
        json={"video_id": "{video}", "user_id": "{user}", "filename": "tiny.m4a", "s3_key": "videos/other/key.mp4"},
    ),
    call("POST /cancel/{video}", "message", json={"reason": "census", "cleanup_completed": False}),
    call("GET /admin/videos", "id", "video_name", "status", "date", "updated_at", "user_email", "user_id", account="admin", is_list=True),
    call("GET /admin/videos", "error", status=403),
    call("GET /admin/stats", "totalUsers", "totalVideos", "totalPDFs", "activeProcessing", "inQueue", "failed", account="admin"),
    call("POST /admin/test-notification", "message", "result", account="admin", json={"type": "simple"}),
    call("POST /admin/servers", "success", "error", account="admin", status=400, json={"name": "{name}", "url": "ftp://nowhere"}),
    call("POST /admin/servers", "success", "error", account="admin", status=400, json={"url": "https://1.1.1.1"}),
    call("POST /admin/admins", "success", "error", account="admin", status=400, json={}),
    call("POST /assemble-file", "success", "error", status=400, json={"file_id": "x"}),
    call(
        "POST /admin/servers",
        *("success", "server", "message"),
        account="admin",
        json={"name": "{name}", "url": "https://1.1.1.1", "type": "testing"},
        learns={"server": "server.id"},
    ),
    call("POST /admin/servers", "success", "error", account="admin", status=400, json={"name": "{name}", "url": "https://1.1.1.1"}),
    call("GET /admin/servers", "id", "name", "url", "type", "status", "description", "health_status", account="admin", is_list=True),
    call("PUT /admin/servers/{server}", "success", "server", "message", account="admin", json={"description": "x"}),
    call("DELETE /admin/servers/{server}", "success", "message", account="admin"),
    call("POST /admin/servers/health-check", "total_servers", "healthy_servers", "unhealthy_servers", "timestamp", account="admin"),
    call(
        "POST /admin/admins",
        *("success", "admin", "message"),
        account="admin",
        json={"email": "{name}@example.org", "role": "moderator"},
        learns={"new_admin": "admin.id"},
    ),
    call("GET /admin/admins", "id", "email", "role", "status", "is_super_admin", "added_by", "created_at", account="admin", is_list=True),
    call("PUT /admin/admins/{new_admin}", "success", "admin", "message", account="admin", json={"description": "x"}),
    call("DELETE /admin/admins/{new_admin}", "success", "message", account="admin"),
    call("GET /admin/admins/stats", "total_admins", "active_admins", "super_admins", "removed_admins", "roles", account="admin"),
    call("GET /worker-health", "worker_status", "worker_url", "worker_response", "timestamp", account="admin"),
    call("GET /admin/email/config", account="admin"),
    call("POST /admin/email/config", "smtp_host", "from_email", account="admin", json={}),
    call("POST /admin/email/test", "error", account="admin", status=503, json={}),  # without SMTP_HOST
    call("GET /admin/email/recipients", account="admin"),
    call("POST /admin/email/recipients/add", "recipients", account="admin", json={"email": "{name}@example.org"}),
    call("POST /admin/email/recipients/remove", "recipients", account="admin", json={"email": "{name}@example.org"}),
    call("POST /admin/email/recipients", "error", account="admin", status=422, json={"recipients": "nobody"}),
    call("POST /admin/videos/requeue-stuck", "message", account="admin", json={}),
    call("GET /admin/videos/{video}/timeline", "events", account="admin"),
    call("POST /admin/videos/nowhere/requeue", "error", account="admin", status=404),
    call("POST /import-url", "error", status=422, json={"url": "http://127.0.0.1/x.mp4", "filename": "x.mp4"}),
    call("POST /batch-import/submit", "error", status=422, json={"share_url": "http://127.0.0.1/s/abcdefgh"}),
    call("GET /batch-import/status/nowhere", "error", status=404),
    call("GET /batch-import/jobs?limit=20", "jobs"),
    call("GET /", account="none"),
)
BATCHES = (
    call("POST /batch-import/list-videos", "videos", "total_count", "total_size", json={"share_url": "{share}"}),
    call(
        "POST /batch-import/import-videos",
        *("batch_id", "total_count", "success_count", "failed_count", "imported_videos", "failed_videos"),
        json={"share_url": "{share}", "selected_videos": ["{shared_video}"]},
        learns={"batch": "batch_id"},
    ),
    call("DELETE /api/v1/batches/{batch}", "message"),
    call(
        "POST /batch-import/submit",
        *("success", "job_id", "total_videos", "total_size"),
        json={"share_url": "{share}"},
        learns={"batch": "job_id"},
    ),
    call("GET /batch-import/status/{batch}", "job_id", "status", "total_videos", "processed_videos", "failed_videos", "videos"),
    call("DELETE /api/v1/batches/{batch}", "message"),
)
"""Calls that need a share of Nextcloud, a playlist or a feed that the server may reach."""

ITUBE_AND_ACCOUNTS = (
    call(
        "POST /api/v1/auth/signup",
        "message",
        account="none",
        status=201,
        json={"name": "Ada", "email": "{name}-two@example.org", "password": "correct horse battery"},
        learns={"second_user": "id", "refresh_token": "refresh_token"},
    ),
    call("POST /api/v1/auth/refresh-token", "access_token", account="none", json={"refresh_token": "{refresh_token}"}),
    call("GET /api/v1/auth/me", "email", "email_verified", "cognito_sub"),
    call("GET /api/v1/users/me"),
    call("PUT /api/v1/users/me", json={"first_name": "Ada"}),
    call("GET /api/v1/jobs", "jobs", "total"),
    call("GET /api/v1/jobs/{job}", "id", "project_id", "type", "status", "parameters", "result_url", "created_at", "updated_at"),
    call("GET /api/v1/jobs/{job}/status", "job_id", "status", "progress", "result", "error_message"),
    call("POST /api/v1/jobs/{job}/cancel", "job_id", "status"),
    call("GET /api/v1/health", account="none"),
    call("GET /api/v1/admin/users", account="admin"),
    call("GET /api/v1/admin/stats", account="admin"),
    call("POST /api/v1/upload/videos/upload-url", "url", "media_id", learns={"media": "media_id"}),
    call("POST /api/v1/upload/videos/thumbnail/upload-url?associated_video_id={media}", "url", "media_id"),
    call(
        "POST /api/v1/upload/videos/metadata",  # the file was not sent; scripts/itube_curl.sh does
        "error",
        status=409,
        json={"title": "Trees", "description": None, "video_s3_key": "{media}", "visibility": "public"},
    ),
    call("GET /api/v1/upload/videos/"),
    call("GET /api/v1/upload/videos"),
    call("GET /api/v1/upload/videos/nowhere", "error", status=404),
    call("GET /api/v1/upload/videos/by-key/{media}", "error", status=401),
    call("PATCH /api/v1/upload/videos/nowhere/status?status=completed", "error", status=401),
    call("GET /docs", account="none"),
    call("GET /redoc", account="none"),
    call("GET /openapi.json", "paths", account="none"),
    call("POST /api/v1/auth/verify-email", "error", account="none", status=400, json={"email": "nobody@example.org", "code": "123456"}),
    call("POST /api/v1/auth/login", "detail", "error", account="none", status=401, json={"email": "nobody@example.org", "password": "x"}),
)
_FILM_SETTINGS = {"duration": "30", "style": "cinematic", "mood": "dramatic", "resolution": "720p"}
_FILM_PROJECT = ("id", "title", "script", "settings", "status", "createdAt", "completedAt", "thumbnailUrl", "videoUrl", "metadata")
_FILM_NAMES = ("id", "user_id", "name", "description", "status", "created_at", "updated_at")
_FILM_JOB = ("id", "job_id", "project_id", "type", "status", "parameters", "result_url", "progress", "result", "error_message")
_SCRIPT = {"title": "Leaves", "scenes": [{"id": "a", "narration": "Leaves make sugar.", "content": {"kind": "title", "heading": "Leaves"}}]}
_NOT_OFFERED: Mapping[str, Any] = {"status": 410, "json": {}}
FILM_STUDIO = (
    call("POST /api/v1/projects", *_FILM_NAMES, status=201, json={"name": "Roots", "description": "x"}, learns={"empty_project": "id"}),
    call(
        "POST /api/v1/projects",
        *_FILM_PROJECT,
        status=201,
        json={"title": "Leaves", "script": NOTES, "settings": _FILM_SETTINGS, "metadata": {"youtubeReference": "https://youtu.be/x"}},
        learns={"project": "id"},
    ),
    call("GET /api/v1/projects", *_FILM_PROJECT, *_FILM_NAMES, is_list=True),
    call("GET /api/v1/projects/{project}", *_FILM_PROJECT),
    call("PUT /api/v1/projects/{project}", *_FILM_PROJECT, json={"title": "Green leaves"}),
    call("DELETE /api/v1/projects/{empty_project}", "message"),
    call("GET /api/v1/projects/{empty_project}", "detail", "status_code", "timestamp", status=404),
    call("POST /api/v1/jobs/submit", "job_id", json={"project_id": "{project}"}, learns={"film": "job_id"}),
    call("GET /api/v1/jobs/{film}/status", "job_id", "status", "progress", "result", "error_message"),
    call("GET /api/v1/jobs/{film}", *_FILM_JOB),
    call("GET /api/v1/jobs?project_id={project}", "jobs", "total"),
    call("GET /api/v1/jobs/{film}/download", "error", status=409),
    call("POST /api/v1/jobs/{film}/cancel", "status"),
    call("POST /api/v1/jobs", *_FILM_JOB, status=201, json={"type": "video_generation", "project_id": "{project}"}, learns={"film": "id"}),
    call("DELETE /api/v1/jobs/{film}", "status"),
    call(
        "POST /api/v1/jobs",
        *_FILM_JOB,
        status=201,
        json={"type": "voice_synthesis", "parameters": {"text": "Leaves make sugar.", "language": "en"}},
        learns={"film": "id"},
    ),
    call("DELETE /api/v1/jobs/{film}", "status"),
    call("POST /api/v1/jobs", "detail", status=422, json={"type": "lipsync_animation", "project_id": "{project}"}),
    call("POST /api/v1/jobs", "detail", status=422, json={"type": "music_generation", "project_id": "{project}"}),
    call("POST /api/v1/post-production/voice", "job_id", json={"text": "Leaves make sugar."}, learns={"film": "job_id"}),
    call("DELETE /api/v1/jobs/{film}", "status"),
    call("POST /api/v1/marketing/poster", "error", status=409, json={"project_id": "{project}"}),
    call("POST /api/v1/scripts", "scripts", json={"script": _SCRIPT}, status=201, learns={"script": "scripts.0.id"}),
    call("GET /api/v1/scripts/{script}", "id", "script", "version"),
    call("GET /api/v1/about", "name", "version", account="none"),
    call("GET /metrics", account="admin"),
    call("POST /api/v1/admin/users/{second_user}/suspend", "user", account="admin"),
    call("GET /api/docs", account="none"),
    call("GET /api/redoc", account="none"),
    call("GET /api/v1/ws/jobs/1", "error", "hint", status=410),
    call("GET /api/v1/characters/1", "error", "hint", status=410),
    *(
        call(f"POST /api/v1/{path}", "error", "hint", **_NOT_OFFERED)
        for path in ("characters", "production/generate-shot", "marketing/trailer", "post-production/music", "organizations", "usage")
    ),
    call("GET /api/v1/credits/balance"),
    call("GET /api/v1/subscriptions/current"),
    call("POST /api/v1/subscriptions/checkout", "error", status=409, json={"plan": "pro"}),  # without STRIPE_SECRET_KEY
    call("POST /api/v1/subscriptions/webhook", "error", status=409, json={}),
    call("GET /api/v1/youtube/oauth", "error", status=409),  # without GOOGLE_CLIENT_ID
    call("POST /api/v1/youtube/callback", "error", status=409, json={"code": "x", "state": "y"}),
    call("POST /api/v1/youtube/upload", "error", status=409, json={"recording_id": "{video}"}),
)
EZRA = (
    call("GET /transcriptions"),
    call("POST /process", "error", status=400, json={}),
    call("GET /download/txt/{video}"),
    call("GET /admin/users", account="admin"),
    call(
        "GET /admin/transcriptions",
        *("id", "user_id", "audio_file_path", "google_drive_url", "txt_document_path", "md_document_path", "word_document_path"),
        *("status", "transcribe_prompt", "proofread_prompt", "inference_duration", "created_at", "updated_at", "username"),
        account="admin",
        is_list=True,
    ),
    call("GET /admin/download/txt/{video}", account="admin"),
    call("GET /admin/logs", account="admin"),
    call(
        "GET /admin/settings",
        *("id", "setting_key", "setting_value", "description"),
        account="admin",
        is_list=True,
        learns={"setting": "6.id", "setting_value": "6.setting_value"},
    ),
    call("PUT /admin/settings/{setting}", "message", account="admin", json={"setting_value": "{setting_value}"}),
    call("DELETE /admin/settings/{setting}", "message", account="admin"),
    call("POST /admin/settings", "error", account="admin", status=404, json={"setting_key": "of_my_own", "setting_value": "1"}),
    *(
        each
        for kind in ("transcribe", "proofread")
        for each in (
            call(
                f"POST /admin/{kind}-prompts",
                account="admin",
                status=201,
                json={"version": "{name}", "prompt": "Write numbers as digits."},
                learns={"prompt": "prompt.id"},
            ),
            call(f"GET /admin/{kind}-prompts", "id", "version", "prompt", "created_at", account="admin", is_list=True),
            call(f"POST /admin/settings/active-{kind}-prompt", account="admin", json={f"{kind}_prompt_id": "{prompt}"}),
            call(f"GET /admin/settings/active-{kind}-prompt", account="admin"),
            call("POST /admin/settings", account="admin", json={"setting_key": f"active_{kind}_prompt_id", "setting_value": "{prompt}"}),
            call("POST /admin/prompts/{prompt}/deactivate", account="admin"),
            call("DELETE /admin/prompts/{prompt}", account="admin"),
        )
    ),
    call("DELETE /admin/transcriptions/{second_video}", "message", account="admin"),
    call("DELETE /admin/videos/{video}", "message", "firestore", "s3_deletions", account="admin"),
)
_LESSON = {"text": NOTES, "uid": "someone", "chatID": "{name}"}
_SMALL = {"chatID": "{name}", "quality": "low", "tts_provider": "mock"}
MANIMATE = (
    call("POST /submit", "success", "message", "scripts", "tokens", "chatID", json=_LESSON, learns={"token": "tokens.0"}),
    call("POST /update_script/{token}", "success", "script", "token", json={"script": {"title": "Leaves"}, "chatID": "{name}"}),
    call("GET /events/{name}", "events"),
    call("GET /api/script/{token}", "title", "scenes"),
    call("POST /api/script/{token}", "token", "script", "message", json={"title": "Light"}),
    call("POST /confirm_script/{token}", "success", "job_id", "status", "token", "chatID", json=_SMALL, learns={"render": "job_id"}),
    call("GET /generation_status/{render}", "success", "job_status"),
    call("GET /generation_jobs", "success", "jobs", "total"),
    call("GET /api/job/{render}", "job_id", "status", "progress", "message", "result", "error", "created_at", "updated_at"),
    call("GET /api/jobs", "jobs", "total"),
    call("DELETE /generation_job/{render}", "success", "message"),
    call("POST /api/generate/{token}", "job_id", "status", "message", "token", json={"topic": "x"}, learns={"render": "job_id"}),
    call("DELETE /api/job/{render}", "message"),
    call("GET /videos", "success", "videos", "count"),
    *(call(f"GET /{path}/none.mp4", "success", "message", status=404) for path in ("video-info", "stream", "download")),
    call("POST /api/generate_scripts", "topic", "tokens", "count", json={"topic": NOTES}),
    call("POST /api/validate_config", "valid"),
)
WORKS = (*THAKII, *ITUBE_AND_ACCOUNTS, *FILM_STUDIO, *MANIMATE, *EZRA)

# Calls that are not there, as docs/compatibility.md says.
NOT_BUILT = ("POST /test-upload", "GET /socket.io/")
