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
import routes
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
        "With invalid settings Lectern does not start, and lists all of them in one message. `flask doctor` checks the installation.",
    ]
    for title, fields in _groups():
        lines += ["", f"## {title}", "", "| variable | also accepted as | default | meaning |", "|---|---|---|---|"]
        for name, field in fields.items():
            aliases = ", ".join(f"`{alias}`" for alias in _aliases(field) if alias.upper() != name.upper())
            default = _default(field)
            lines.append(f"| `{name.upper()}` | {aliases} | {f'`{default}`' if default != '' else ''} | {field.description} |")
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
    for error_class in sorted(documented_errors(), key=lambda each: (each.status, each.code)):
        message = inspect.cleandoc(error_class.__doc__ or "").splitlines()[0]
        lines.append(
            f"| `{error_class.code}` | {error_class.status} | {'yes' if error_class.retryable else ''} | {message} | {error_class.hint} |"
        )
    return "\n".join(lines) + "\n"


PAGES = {PROJECT / ".env.example": env_example, PROJECT / "docs/settings.md": settings_page, PROJECT / "docs/errors.md": errors_page}


def documented_errors(root: type[errors.LecternError] = errors.LecternError) -> Iterator[type[errors.LecternError]]:
    """Yield an error class for each code that users can receive."""
    for package in (services, routes):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    pending, visited_codes = [root], set()
    while pending:
        error_class = pending.pop()
        pending += error_class.__subclasses__()
        is_public = error_class.__module__.startswith(("errors", "services", "routes")) and error_class is not errors.LeaseLost
        if is_public and error_class.code not in visited_codes:
            visited_codes.add(error_class.code)
            yield error_class


def _groups() -> Iterator[tuple[str, dict[str, FieldInfo]]]:
    """Yield the title and the fields of each group. Fields without a description belong to another group, and are left out."""
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
