"""Processing servers, and the health of the workers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify
from pydantic import BaseModel

from lib.clock import iso, now
from routes.caller import admin_required, caller
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.list_responses import list_of
from schemas.accounts import MessageOut
from schemas.admin.servers import ServerChangedOut, ServerIn, ServerOut, ServerPatch
from services.operations import servers as use_case
from services.operations import worker_health as worker_health_report
from services.operations.servers import Load

if TYPE_CHECKING:
    from models import ProcessingServer

servers = Blueprint("servers", __name__, scope="admin", tag="Admin")
worker_health = Blueprint("worker_health", __name__, scope="admin", tag="Admin")
_REJECTIONS = {400: "Bad URL or field, or the name is taken"}
_ERRORS = {404: "Not found", **_REJECTIONS}


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
@admin_required
@servers.output(list_of(ServerOut))
def list_servers() -> Any:
    """List all servers with their load and last health check, as a bare array."""
    return _servers_out(use_case.list_all())


@servers.post("/servers")
@endpoint(invalid_status=400)
@admin_required
@servers.input(ServerIn)
@servers.output(ServerChangedOut)
@servers.doc(responses=_REJECTIONS)
def register_server(json_data: ServerIn) -> Any:
    """Register a server; its URL must not resolve to a private address unless SERVERS_ALLOW_PRIVATE is set."""
    allow_private = container().settings.servers_allow_private
    server = use_case.register(caller(), json_data.model_dump(), allow_private=allow_private)
    return ServerChangedOut(message="Server registered.", server=_servers_out([server])[0])


@servers.put("/servers/<server_id>")
@endpoint(invalid_status=400)
@admin_required
@servers.input(ServerPatch)
@servers.output(ServerChangedOut)
@servers.doc(responses=_ERRORS)
def change_server(server_id: str, json_data: ServerPatch) -> Any:
    """Change a server; with the status `draining` it finishes its jobs and starts no new ones."""
    allow_private = container().settings.servers_allow_private
    server = use_case.change(caller(), server_id, json_data.changes(), allow_private=allow_private)
    return ServerChangedOut(message="Server updated.", server=_servers_out([server])[0])


@servers.post("/servers/<server_id>/drain")
@admin_required
@servers.output(ServerChangedOut)
@servers.doc(responses={404: "Not found"})
def drain_server(server_id: str) -> Any:
    """Let the server's workers finish their jobs and start no new ones."""
    allow_private = container().settings.servers_allow_private
    server = use_case.change(caller(), server_id, {"status": "draining"}, allow_private=allow_private)
    return ServerChangedOut(message="Draining.", server=_servers_out([server])[0])


@servers.delete("/servers/<server_id>")
@admin_required
@servers.output(MessageOut)
@servers.doc(responses={404: "Not found"})
def remove_server(server_id: str) -> Any:
    """Remove a server from the list; its running jobs continue."""
    use_case.remove(caller(), server_id)
    return MessageOut(message="Server removed.")


@servers.post("/servers/health-check")
@admin_required
@servers.output(ServersHealthOut)
def check_servers() -> Any:
    """Check the health of every server now."""
    server_states = use_case.check_health(use_case.list_all(), allow_private=container().settings.servers_allow_private)
    rows = _servers_out(server_states)
    healthy = sum(bool((row.health_status or {}).get("healthy")) for row in rows)
    return ServersHealthOut(
        total_servers=len(rows),
        healthy_servers=healthy,
        unhealthy_servers=len(rows) - healthy,
        servers=rows,
        timestamp=iso(now()),
    )


@worker_health.get("/worker-health")
@admin_required
@worker_health.output(WorkerHealthOut)
@worker_health.doc(responses={503: "Jobs are queued and no worker runs them"})
def show_worker_health() -> Response:
    """Show whether jobs are being run: workers, queued jobs and waiting times."""
    report = worker_health_report.check(container().executor)
    body = WorkerHealthOut(
        worker_status=report.status,
        worker_url=container().settings.public_url,
        worker_response=report.as_dict(),
        error=report.error or None,
        timestamp=iso(now()),
    )
    response = jsonify(body.model_dump())
    response.status_code = 200 if report.status == "healthy" else 503
    return response


def _servers_out(servers: Iterable[ProcessingServer]) -> list[ServerOut]:
    loads = use_case.load_by_host()
    return [ServerOut.of(server, loads.get(server.name, Load())) for server in servers]
