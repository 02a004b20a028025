"""The JSON body of every error response."""

from __future__ import annotations

_STRINGS = ("message", "msg", "code", "hint", "request_id")
_DETAIL = {"description": "Details of this case: a sentence, or for invalid input the problem of each field."}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["success", "error", *_STRINGS, "detail", "details", "status_code", "timestamp"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "error": {
            "anyOf": [{"type": "string"}, {"type": "object"}],
            "description": "The message; below /v1 an object with it, as in OpenAI's API.",
        },
        **{name: {"type": "string"} for name in _STRINGS},
        "detail": _DETAIL,
        "details": _DETAIL,
        "status_code": {"type": "integer"},
        "timestamp": {"type": "string", "format": "date-time"},
    },
}
