"""Machines that are to begin nothing new."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import ProcessingServer


def is_drained(reading: Session, worker: str) -> bool:
    """Whether an admin registered the worker's machine, by its host name, and has it drained or turned off."""
    host = worker.partition(":")[0]
    drained = select(ProcessingServer.id).where(ProcessingServer.name == host, ProcessingServer.status != "active")
    return reading.execute(drained).first() is not None
