"""The API's table of contents: every blueprint and the path prefix it is registered under."""

from __future__ import annotations

from apiflask import APIBlueprint, APIFlask

from routes import (
    account_keys,
    artifacts,
    auth,
    auth_email,
    batches,
    chunks,
    downloads,
    events,
    formats,
    glossary,
    health,
    internal,
    jobs,
    lectures,
    link_imports,
    metrics,
    notices,
    page,
    recordings,
    resumable_uploads,
    search,
    site_cookies,
    slides,
    streams,
    transcripts,
    uploads,
    users,
    videos,
    webhooks,
    worker,
)
from routes.compat import ezra, itube, openai_audio, thakii_auth, thakii_batches, thakii_imports, thakii_processing, thakii_worker

# The blueprints of /admin and /api/v1/admin are in admin_routes.py.
BLUEPRINTS: tuple[tuple[APIBlueprint, str | None], ...] = (
    (page.page, None),
    (health.health, None),
    (metrics.metrics, None),
    (auth.auth, "/api/v1/auth"),
    (auth_email.auth_email, "/api/v1/auth"),
    (thakii_auth.root_auth, "/auth"),
    (thakii_auth.simple_login, None),
    (users.users, "/api/v1/users"),
    (account_keys.account_keys, "/api/v1/api-keys"),
    (internal.internal, "/api/v1/internal"),
    (worker.worker, "/internal/worker"),
    (worker.worker_root, None),
    (thakii_worker.thakii_worker, "/internal"),
    (thakii_processing.thakii_processing, None),
    (thakii_imports.thakii_imports, None),
    (thakii_batches.thakii_batches, "/batch-import"),
    (ezra.ezra, None),
    (openai_audio.openai_audio, "/v1/audio"),
    (itube.itube, "/api/v1/upload/videos"),
    (itube.itube_files, None),
    (itube.direct, None),
    (uploads.uploads, None),
    (chunks.chunks, None),
    (lectures.lectures, None),
    (downloads.downloads, None),
    (recordings.recordings, "/api/v1/recordings"),
    (slides.slides, "/api/v1/recordings"),
    (resumable_uploads.resumable_uploads, "/api/v1/uploads"),
    (link_imports.link_imports, "/api/v1/links"),
    (batches.batches, "/api/v1/batches"),
    (site_cookies.site_cookies, "/api/v1/site-cookies"),
    (jobs.jobs, "/api/v1/jobs"),
    (events.events, "/api/v1/events"),
    (webhooks.webhooks, "/api/v1/webhooks"),
    (notices.notices, "/api/v1/notices"),
    (notices.notification_preferences, "/api/v1/users/me"),
    (videos.videos, "/api/v1/videos"),
    (slides.video_slides, "/api/v1/videos"),
    (slides.slide_wall, "/api/v1/slides"),
    (search.search, "/api/v1/search"),
    (streams.playback, "/api/v1"),
    (streams.stream_files, None),
    (artifacts.artifacts, "/api/v1/artifacts"),
    (formats.formats, "/api/v1/formats"),
    (transcripts.transcripts, "/api/v1/transcripts"),
    (glossary.glossary, "/api/v1/glossary"),
)


def register_blueprints(app: APIFlask) -> None:
    for blueprint, prefix in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=prefix)
