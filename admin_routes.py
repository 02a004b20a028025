"""The /admin blueprint: assembles routes/admin/*."""

from __future__ import annotations

from apiflask import APIBlueprint

from routes.admin import stats, videos

admin = APIBlueprint("admin", __name__, tag="Admin")
admin.register_blueprint(videos.videos)
admin.register_blueprint(stats.stats)
