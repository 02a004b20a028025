"""Liveness and readiness."""

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
@health.doc(responses={503: "A required service is down"})
def show_health() -> Any:
    """Check database, storage, programs and models: 503 if a required one is down, `degraded` if an optional one is."""
    components = container()
    checks = use_case.check_all(
        components.store, components.engines.get(SpeechOptions), components.executor, components.identities, components.settings.redis
    )
    status = use_case.status_of(checks)
    by_name = {check.name: check for check in checks}
    failures = [check.name for check in checks if not check.ok]
    body = HealthOut(
        success=status != "unhealthy",
        message="All checks passed." if not failures else f"Failed checks: {', '.join(failures)}.",
        service="Lectern",
        status=status,
        version=VERSION,
        database=_check_text(by_name, "database"),
        storage=_check_text(by_name, "storage"),
        redis=_check_text(by_name, "redis", "disabled"),
        checks={check.name: CheckOut(ok=check.ok, needed=check.is_required, detail=check.detail) for check in checks},
        timestamp=iso(now()),
    )
    return body, 503 if status == "unhealthy" else 200


def _check_text(checks: Mapping[str, use_case.CheckResult], name: str, default: str = "") -> str:
    if name not in checks:
        return default
    return checks[name].detail if checks[name].ok else "down"


@health.get("/health/live")
@endpoint(quiet=True)
@health.output(LiveOut)
def show_liveness() -> Any:
    """Respond if the process is alive; for container probes."""
    return LiveOut()
