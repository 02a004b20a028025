"""Machines that run jobs, and whether work is being done at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify
from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admins_only, caller
from routes.container import container
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from schemas.accounts import MessageOut
from schemas.admin import ServerIn, ServerPatch
from schemas.admin_responses import ServerDoneOut, ServerOut
from services.operations import servers as use_case
from services.operations import worker_health as worker_health_report
from services.operations.servers import Load

if TYPE_CHECKING:
    from models import ProcessingServer

servers = Blueprint("servers", __name__, scope="admin", tag="Admin")
worker_health = Blueprint("worker_health", __name__, scope="admin", tag="Admin")
_REFUSALS = {404: "Not found", 409: "The name is taken"}


class ServersHealthOut(BaseModel):
    total_servers: int
    healthy_servers: int
    unhealthy_servers: int
    servers: list[ServerOut]
    timestamp: str | None


class WorkerHealthOut(BaseModel):
    worker_status: str
    worker_url: str
    worker_response: dict[str, Any]
    error: str | None
    timestamp: str | None


@servers.get("/servers")
@admins_only
@servers.output(list_of(ServerOut))
def list_servers() -> Any:
    """All servers with their load and what their last look said, as a bare array."""
    return _shown(use_case.list_all())


@servers.post("/servers")
@admins_only
@servers.input(ServerIn)
@servers.output(ServerDoneOut)
@servers.doc(responses={409: "The name is taken"})
def register_server(json_data: ServerIn) -> Any:
    """Register a server; its address must lead outside unless SERVERS_ALLOW_PRIVATE is set."""
    allowed = container().settings.servers_allow_private
    made = use_case.register(caller(), json_data.model_dump(), allow_private=allowed)
    return ServerDoneOut(message="Server registered.", server=_shown([made])[0])


@servers.put("/servers/<server_id>")
@admins_only
@servers.input(ServerPatch)
@servers.output(ServerDoneOut)
@servers.doc(responses=_REFUSALS)
def change_server(server_id: str, json_data: ServerPatch) -> Any:
    """Change a server; the status `draining` lets it end its jobs and begin nothing new."""
    allowed = container().settings.servers_allow_private
    changed = use_case.change(caller(), server_id, json_data.given(), allow_private=allowed)
    return ServerDoneOut(message="Server updated.", server=_shown([changed])[0])


@servers.post("/servers/<server_id>/drain")
@admins_only
@servers.output(ServerDoneOut)
@servers.doc(responses={404: "Not found"})
def drain_server(server_id: str) -> Any:
    """Let its workers end what they do and begin nothing new."""
    allowed = container().settings.servers_allow_private
    changed = use_case.change(caller(), server_id, {"status": "draining"}, allow_private=allowed)
    return ServerDoneOut(message="Draining.", server=_shown([changed])[0])


@servers.delete("/servers/<server_id>")
@admins_only
@servers.output(MessageOut)
@servers.doc(responses={404: "Not found"})
def remove_server(server_id: str) -> Any:
    """Forget a server; what its workers do is not touched."""
    use_case.remove(caller(), server_id)
    return MessageOut(message="Server removed.")


@servers.post("/servers/health-check")
@admins_only
@servers.output(ServersHealthOut)
def check_servers() -> Any:
    """Ask every server for its health now."""
    found = use_case.check_health(use_case.list_all(), allow_private=container().settings.servers_allow_private)
    shown = _shown(found)
    healthy = sum(bool(each.health_status.get("healthy")) for each in shown)
    return ServersHealthOut(
        total_servers=len(shown),
        healthy_servers=healthy,
        unhealthy_servers=len(shown) - healthy,
        servers=shown,
        timestamp=iso(now()),
    )


@worker_health.get("/worker-health")
@admins_only
@worker_health.output(WorkerHealthOut)
@worker_health.doc(responses={503: "Jobs wait and nobody does them"})
def show_worker_health() -> Response:
    """Whether work is being done: who runs jobs, what waits and for how long."""
    found = worker_health_report.check(container().executor)
    body = WorkerHealthOut(
        worker_status=found.status,
        worker_url=container().settings.public_url,
        worker_response=found.plain(),
        error=found.error or None,
        timestamp=iso(now()),
    )
    response = jsonify(body.model_dump())
    response.status_code = 200 if found.status == "healthy" else 503
    return response


def _shown(found: Any) -> list[ServerOut]:
    loads = use_case.load_by_host()
    rows: list[ProcessingServer] = list(found)
    return [ServerOut.of(each, loads.get(each.name, Load())) for each in rows]
