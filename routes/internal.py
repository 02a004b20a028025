"""Endpoints for the operator's own programs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from routes.endpoints import Blueprint
from routes.service_caller import service_caller, service_required

internal = Blueprint("internal", __name__, scope="service", tag="Internal")


class ServiceOut(BaseModel):
    name: str
    scopes: list[str]


@internal.get("/caller")
@service_required()
@internal.output(ServiceOut)
def show_caller() -> Any:
    """Show which program the token or signature identifies, and its scopes, to test a configuration."""
    return ServiceOut(name=service_caller().name, scopes=sorted(service_caller().scopes))
