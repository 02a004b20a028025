"""Numbers about the whole server, each counted now."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from routes.caller import admins_only
from services import statistics

stats = APIBlueprint("admin_stats", __name__, tag="Admin")


class StatsOut(BaseModel):
    totalUsers: int
    totalVideos: int
    totalPDFs: int
    activeProcessing: int
    inQueue: int
    failed: int


@stats.get("/stats")
@admins_only
@stats.output(StatsOut)
def show_stats() -> Any:
    """Users, recordings, PDFs and jobs by state."""
    counts = statistics.count()
    return StatsOut(
        totalUsers=counts.users,
        totalVideos=counts.recordings,
        totalPDFs=counts.pdfs,
        activeProcessing=counts.running,
        inQueue=counts.queued,
        failed=counts.failed,
    )
