"""The /admin blueprint: assembles routes/admin/*. It stands at /api/v1/admin too."""

from __future__ import annotations

from routes.admin import admins, logs, mail, prompts, queue, servers, settings, stats, users, videos
from routes.admin.servers import worker_health
from routes.endpoints import Blueprint

admin = Blueprint("admin", __name__, scope="admin", tag="Admin")
for part in (
    *(videos.videos, users.users, admins.admins, stats.stats, logs.logs, settings.settings),
    *(servers.servers, mail.mail, queue.queue, prompts.prompts),
):
    admin.register_blueprint(part)

__all__ = ["admin", "worker_health"]
