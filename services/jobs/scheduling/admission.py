"""Machines that may start no further job."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from models import ProcessingServer


def host_of(worker: str) -> str:
    return worker.partition(":")[0]


def is_drained_host(host: Any) -> ColumnElement[bool]:
    """Return whether an admin has registered a machine of this name and drained or disabled it."""
    return exists(select(ProcessingServer.id).where(ProcessingServer.name == host, ProcessingServer.status != "active"))
