"""The admin blueprint, assembled from routes/admin/*; app.py registers it under /admin and /api/v1/admin."""

from __future__ import annotations

from routes.admin import admins, credits, email, logs, prompts, queue, servers, settings, stats, users, videos
from routes.admin.servers import worker_health
from routes.endpoints import Blueprint

admin = Blueprint("admin", __name__, scope="admin", tag="Admin")
for blueprint in (
    *(videos.videos, users.users, admins.admins, stats.stats, logs.logs, settings.settings),
    *(servers.servers, email.email, queue.queue, prompts.prompts, credits.credits),
):
    admin.register_blueprint(blueprint)

__all__ = ["admin", "worker_health"]
