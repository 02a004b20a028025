"""`python -m scripts.reference_docs`: write `.env.example`, `docs/settings.md` and `docs/errors.md` from the code."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import errors
import services
from config import PROJECT, RESERVED, Settings


def env_example() -> str:
    lines = ["# Every setting, with its default. Copy to .env and change what you need."]
    for name, field in Settings.model_fields.items():
        lines += ["", f"# {field.description}", f"#{name.upper()}={_default(field)}"]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Made from `config.py` by `python -m scripts.reference_docs`. Each is an environment variable or a line of `.env`;",
        "an environment variable wins. `NAME_FILE=/path` takes the value of any of them from a file, as secrets of containers come.",
        "A wrong value stops the start with one message that lists all that is wrong; `flask doctor` shows what works.",
        "",
        "| variable | also accepted as | default | what |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        others = ", ".join(f"`{other}`" for other in _aliases(field) if other.upper() != name.upper())
        default = _default(field)
        lines.append(f"| `{name.upper()}` | {others} | {f'`{default}`' if default != '' else ''} | {field.description} |")
    lines += ["", "Known from other systems' documents, accepted, and read by nothing in this version:", ""]
    lines += [f"- {feature.replace('_', ' ').lower()}: {', '.join(f'`{name}`' for name in names)}" for feature, names in RESERVED.items()]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    lines = [
        "# Errors",
        "",
        "Made from the tree of errors by `python -m scripts.reference_docs`. Every refusal has one body:",
        "",
        "```",
        '{"success": false, "error": "a sentence", "message": "the same", "code": "not_media", "detail": "...", "hint": "what to do",',
        ' "status_code": 415, "request_id": "...", "timestamp": "2026-01-31T12:00:00.000Z"}',
        "```",
        "",
        "`error` and `message` are for people, `code` is for programs. A failed job carries the same (`GET /status/{id}`).",
        "",
        "| code | status | again? | what it says | what to do |",
        "|---|---|---|---|---|",
    ]
    for kind in sorted(_errors(errors.LecternError), key=lambda each: (each.status, each.code)):
        message = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
        lines.append(f"| `{kind.code}` | {kind.status} | {'yes' if kind.retryable else ''} | {message} | {kind.hint} |")
    return "\n".join(lines) + "\n"


PAGES = {PROJECT / ".env.example": env_example, PROJECT / "docs/settings.md": settings_page, PROJECT / "docs/errors.md": errors_page}


def _errors(root: type[errors.LecternError]) -> Iterator[type[errors.LecternError]]:
    """The tree, with the branches that modules of their own hold; internal ones that no user meets are left out."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if module.name != "lib.child":
            importlib.import_module(module.name)
    waiting, seen = [root], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.code not in seen and kind.__module__.startswith(("errors", "services")) and kind is not errors.LeaseLost:
            seen.add(kind.code)
            yield kind


def _aliases(field: FieldInfo) -> list[str]:
    return [str(choice) for choice in field.validation_alias.choices] if isinstance(field.validation_alias, AliasChoices) else []


def _default(field: FieldInfo) -> Any:
    value = field.default
    if value in (None, PydanticUndefined, ()) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, Path):
        return value.relative_to(PROJECT) if value.is_relative_to(PROJECT) else value
    return str(value).lower() if isinstance(value, bool) else value


if __name__ == "__main__":
    for path, text in PAGES.items():
        path.write_text(text())
