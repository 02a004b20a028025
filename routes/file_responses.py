"""How /openapi.json describes answers that are files rather than JSON."""

from __future__ import annotations

from typing import Any


def binary_response(description: str, content_type: str = "*/*") -> Any:
    """A response object of OpenAPI."""
    return {"description": description, "content": {content_type: {"schema": {"type": "string", "format": "binary"}}}}
