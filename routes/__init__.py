"""The API's table of contents: every blueprint and the prefix it stands under."""

from __future__ import annotations

from apiflask import APIBlueprint, APIFlask


def register_blueprints(app: APIFlask) -> None:
    from routes import (
        account_keys,
        artifacts,
        auth,
        auth_mail,
        chunks,
        downloads,
        events,
        formats,
        health,
        internal,
        jobs,
        metrics,
        notices,
        page,
        recordings,
        status,
        uploads,
        users,
        webhooks,
        worker,
    )
    from routes.compat import thakii_auth

    table: tuple[tuple[APIBlueprint, str], ...] = (
        (page.page, ""),
        (health.health, ""),
        (metrics.metrics, ""),
        (auth.auth, "/api/v1/auth"),
        (auth_mail.auth_mail, "/api/v1/auth"),
        (thakii_auth.root_auth, "/auth"),
        (thakii_auth.simple_login, ""),
        (users.users, "/api/v1/users"),
        (account_keys.account_keys, "/api/v1/api-keys"),
        (internal.internal, "/api/v1/internal"),
        (worker.worker, "/internal/worker"),
        (worker.worker_root, ""),
        (uploads.uploads, ""),
        (chunks.chunks, ""),
        (status.status, ""),
        (downloads.downloads, ""),
        (recordings.recordings, "/api/v1/recordings"),
        (jobs.jobs, "/api/v1/jobs"),
        (events.events, "/api/v1/events"),
        (webhooks.webhooks, "/api/v1/webhooks"),
        (notices.notices, "/api/v1/notices"),
        (notices.notification_preferences, "/api/v1/users/me"),
        (artifacts.artifacts, "/api/v1/artifacts"),
        (formats.formats, "/api/v1/formats"),
    )
    for blueprint, prefix in table:
        app.register_blueprint(blueprint, url_prefix=prefix or None)
