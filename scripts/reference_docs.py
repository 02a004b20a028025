"""`python -m scripts.reference_docs`: write `.env.example`, `docs/settings.md` and `docs/errors.md` from the code."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import errors
import services
from config import GROUPS, PROJECT, UNUSED_VARIABLES


def env_example() -> str:
    lines = ["# All settings with their defaults. Copy this file to .env and change what you need."]
    for title, fields in _groups():
        lines += ["", f"# {title}", f"# {'-' * len(title)}"]
        for name, field in fields.items():
            lines += [f"# {field.description}", f"#{name.upper()}={_default(field)}"]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Generated from `config/groups/` by `python -m scripts.reference_docs`. Set each one as an environment variable or in `.env`;",
        "the environment variable takes precedence. `NAME_FILE=/path` reads the value from a file, as container secrets are mounted.",
        "Invalid settings stop the start with one message that lists all of them; `flask doctor` shows what works.",
    ]
    for title, fields in _groups():
        lines += ["", f"## {title}", "", "| variable | also accepted as | default | meaning |", "|---|---|---|---|"]
        for name, field in fields.items():
            others = ", ".join(f"`{other}`" for other in _aliases(field) if other.upper() != name.upper())
            default = _default(field)
            lines.append(f"| `{name.upper()}` | {others} | {f'`{default}`' if default != '' else ''} | {field.description} |")
    lines += ["", "## Without effect", "", "Variables of the systems that Lectern replaces which are accepted and have no effect:", ""]
    lines += ["| variable | instead |", "|---|---|", *(f"| `{name}` | {instead} |" for name, instead in UNUSED_VARIABLES.items())]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    lines = [
        "# Errors",
        "",
        "Generated from the error classes by `python -m scripts.reference_docs`. Every error response has this body:",
        "",
        "```",
        '{"success": false, "error": "a sentence", "message": "the same", "code": "not_media", "detail": "...", "hint": "what to do",',
        ' "status_code": 415, "request_id": "...", "timestamp": "2026-01-31T12:00:00.000Z"}',
        "```",
        "",
        "`error` and `message` are for people, `code` is for programs. A failed job has the same fields (`GET /status/{id}`).",
        "",
        "| code | status | retryable | message | hint |",
        "|---|---|---|---|---|",
    ]
    for kind in sorted(documented_errors(), key=lambda each: (each.status, each.code)):
        message = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
        lines.append(f"| `{kind.code}` | {kind.status} | {'yes' if kind.retryable else ''} | {message} | {kind.hint} |")
    return "\n".join(lines) + "\n"


PAGES = {PROJECT / ".env.example": env_example, PROJECT / "docs/settings.md": settings_page, PROJECT / "docs/errors.md": errors_page}


def documented_errors(root: type[errors.LecternError] = errors.LecternError) -> Iterator[type[errors.LecternError]]:
    """Yield the error classes of all modules, except those that users never see."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)
    waiting, visited = [root], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.code not in visited and kind.__module__.startswith(("errors", "services")) and kind is not errors.LeaseLost:
            visited.add(kind.code)
            yield kind


def _groups() -> Iterator[tuple[str, dict[str, FieldInfo]]]:
    """Yield the title and the fields of each group; a field that a group only requires of another one has no description."""
    for group in GROUPS:
        yield inspect.cleandoc(group.__doc__ or ""), {name: field for name, field in group.model_fields.items() if field.description}


def _aliases(field: FieldInfo) -> list[str]:
    return [str(choice) for choice in field.validation_alias.choices] if isinstance(field.validation_alias, AliasChoices) else []


def _default(field: FieldInfo) -> Any:
    value = field.default
    if value in (None, PydanticUndefined, ()) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, Path):
        return value.relative_to(PROJECT) if value.is_relative_to(PROJECT) else value
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    if isinstance(value, tuple) and all(isinstance(each, BaseModel) for each in value):
        return json.dumps([each.model_dump(exclude_defaults=True) for each in value])
    return str(value).lower() if isinstance(value, bool) else value


if __name__ == "__main__":
    for path, text in PAGES.items():
        path.write_text(text())
