"""Processing servers: register, check health, drain.

A server is the machine of the workers whose host name is its `name`. While it is draining or inactive, its workers start no jobs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

import errors
from database import end_read, session, transaction
from lib import http_client
from lib.clock import iso, now
from models import Job, ProcessingServer
from services.accounts import Caller
from services.operations import audit
from tables.columns import new_id

_MAX_SERVERS = 100
_MAX_CONCURRENT = 8
_FIELDS = ("name", "url", "type", "description", "status")


class ServerRefused(errors.BadRequest):
    """This server can't be registered."""

    code = "server_refused"
    hint = "Use another name, and a public http or https URL. Private URLs need the setting servers_allow_private."


@dataclass(frozen=True)
class Load:
    """Numbers of running and succeeded jobs of a server."""

    running: int = 0
    succeeded: int = 0


def list_all() -> Sequence[ProcessingServer]:
    return session().execute(select(ProcessingServer).order_by(ProcessingServer.created_at, ProcessingServer.id)).scalars().all()


def find(server_id: str) -> ProcessingServer:
    """Raises NotFound."""
    server = session().get(ProcessingServer, server_id, populate_existing=True)
    if server is None:
        raise errors.NotFound("server")
    return server


def load_by_host() -> dict[str, Load]:
    """Return the load by host name, from all jobs that still exist."""
    counts = (
        select(Job.worker, func.sum(case((Job.state == "running", 1), else_=0)), func.sum(case((Job.state == "succeeded", 1), else_=0)))
        .where(Job.worker.is_not(None), Job.state.in_(("running", "succeeded")))
        .group_by(Job.worker)
    )
    loads: dict[str, Load] = {}
    for worker, running_count, succeeded_count in session().execute(counts):
        host = str(worker).partition(":")[0]
        load = loads.get(host, Load())
        loads[host] = Load(load.running + int(running_count), load.succeeded + int(succeeded_count))
    return loads


def register(caller: Caller, values: Mapping[str, Any], *, allow_private: bool) -> ProcessingServer:
    """Register a server. Raises ServerRefused for a bad URL or a name that is taken."""
    _check_url(values["url"], allow_private)
    with transaction(_name_taken(values["name"])) as session:
        if len(list_all()) >= _MAX_SERVERS:
            raise ServerRefused(f"There are {_MAX_SERVERS} servers already.")
        _check_name_free(values["name"], "")
        server = ProcessingServer(id=new_id(), **values)
        session.add(server)
        session.flush()
        audit.record(session, caller, "server.register", ("server", server.id), None, _snapshot(server))
    return server


def change(caller: Caller, server_id: str, values: Mapping[str, Any], *, allow_private: bool) -> ProcessingServer:
    """Change a server. Raises NotFound, ServerRefused."""
    if "url" in values:
        _check_url(values["url"], allow_private)
    with transaction(_name_taken(values.get("name", ""))) as session:
        server = find(server_id)
        before = _snapshot(server)
        _check_name_free(values.get("name", server.name), server_id)
        for name, value in values.items():
            setattr(server, name, value)
        session.flush()
        audit.record(session, caller, "server.change", ("server", server_id), before, _snapshot(server))
    return find(server_id)


def remove(caller: Caller, server_id: str) -> None:
    with transaction() as session:
        server = find(server_id)
        audit.record(session, caller, "server.remove", ("server", server_id), _snapshot(server), None)
        session.delete(server)


def check_health(servers: Sequence[ProcessingServer], *, allow_private: bool) -> Sequence[ProcessingServer]:
    """Request the health of each server concurrently and store the results."""
    targets = [(each.id, each.url) for each in servers]
    end_read()  # hold no connection during the requests
    with ThreadPoolExecutor(_MAX_CONCURRENT) as pool:
        results = list(pool.map(lambda target: _probe(target[1], allow_private), targets))
    with transaction():
        for (server_id, _), health in zip(targets, results, strict=True):
            server = session().get(ProcessingServer, server_id)
            if server is not None:  # removed meanwhile
                server.health, server.checked_at = health, now()
    return list_all()


def _probe(url: str, allow_private: bool) -> dict[str, Any]:
    start_s = time.monotonic()
    health: dict[str, Any] = {"healthy": False, "status_code": None, "server_info": "", "error": None, "checked_at": iso(now())}
    try:
        response = http_client.get_excerpt(f"{url.rstrip('/')}/health", allow_private=allow_private)
        health |= {"healthy": response.status == 200, "status_code": response.status, "server_info": response.text[:500]}
        if response.status != 200:
            health["error"] = f"The server answered with status {response.status}."
    except errors.LecternError as error:
        health["error"] = f"{error.message} {error.detail}".strip()
    return {**health, "response_time": round(time.monotonic() - start_s, 3)}


def _check_url(url: str, allow_private: bool) -> None:
    try:
        http_client.check_url(url, allow_private=allow_private)
    except errors.UrlRefused as error:
        raise ServerRefused(error.detail) from None


def _check_name_free(name: str, except_id: str) -> None:
    query = select(ProcessingServer.id).where(ProcessingServer.name == name, ProcessingServer.id != except_id)
    if session().execute(query).first():
        raise _name_taken(name)


def _name_taken(name: str) -> ServerRefused:
    return ServerRefused(f"There is a server with the name {name} already.")


def _snapshot(server: ProcessingServer) -> dict[str, Any]:
    return {name: getattr(server, name) for name in _FIELDS}
