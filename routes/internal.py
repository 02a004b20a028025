"""Addresses for the operator's own programs: workers, transcoders, callbacks."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from routes.endpoints import Blueprint
from routes.service_caller import service_caller, services_only

internal = Blueprint("internal", __name__, scope="service", tag="Internal")


class ServiceOut(BaseModel):
    name: str
    scopes: list[str]


@internal.get("/caller")
@services_only()
@internal.output(ServiceOut)
def show_caller() -> Any:
    """Which program this token or signature stands for, and what it may do: for trying a configuration out."""
    return ServiceOut(name=service_caller().name, scopes=sorted(service_caller().scopes))
