"""Machines that are to begin nothing new."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from models import ProcessingServer


def host_of(worker: str) -> str:
    return worker.partition(":")[0]


def is_drained_host(host: Any) -> ColumnElement[bool]:
    """Whether an admin registered a machine of this name and has it drained or turned off."""
    return exists(select(ProcessingServer.id).where(ProcessingServer.name == host, ProcessingServer.status != "active"))
