"""Is it alive, and is everything it needs there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from config import VERSION
from lib.clock import iso, now
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from services.operations import health as use_case
from services.speech_to_text import SpeechOptions

health = Blueprint("health", __name__, scope="open", tag="Health")


class CheckOut(BaseModel):
    ok: bool
    needed: bool
    detail: str


class HealthOut(BaseModel):
    success: bool
    message: str
    service: str
    status: str
    version: str
    database: str
    storage: str
    redis: str
    checks: dict[str, CheckOut]
    timestamp: str | None


class LiveOut(BaseModel):
    success: bool = True
    status: str = "alive"


@health.get("/health")
@health.get("/api/v1/health", endpoint="api_health")
@endpoint(quiet=True)
@health.output(HealthOut)
@health.doc(responses={503: "Something that is needed is down"})
def show_health() -> Any:
    """Probe database, storage, programs and models: 503 when a needed one is down, `degraded` when an optional one is."""
    here = container()
    found = use_case.check_all(here.store, here.engines.get(SpeechOptions), here.executor, here.identities, here.settings.redis)
    status = use_case.status_of(found)
    by_name = {each.name: each for each in found}
    broken = [each.name for each in found if not each.ok]
    body = HealthOut(
        success=status != "unhealthy",
        message="All is well." if not broken else f"Look at: {', '.join(broken)}.",
        service="Lectern",
        status=status,
        version=VERSION,
        database=_said(by_name, "database"),
        storage=_said(by_name, "storage"),
        redis=_said(by_name, "redis", "disabled"),
        checks={each.name: CheckOut(ok=each.ok, needed=each.required, detail=each.detail) for each in found},
        timestamp=iso(now()),
    )
    return body, 503 if status == "unhealthy" else 200


def _said(found: Mapping[str, use_case.CheckResult], name: str, otherwise: str = "") -> str:
    if name not in found:
        return otherwise
    return found[name].detail if found[name].ok else "down"


@health.get("/health/live")
@endpoint(quiet=True)
@health.output(LiveOut)
def live() -> Any:
    """The process answers; for containers."""
    return LiveOut()
