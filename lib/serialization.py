"""Converts domain values to JSON and back, and writes files atomically."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        from pydantic import TypeAdapter  # late: it takes longer than the rest of a short command

        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def build_adapters(*kinds: type) -> None:
    """Prepare the conversion of these types; it takes up to 0.1 s of CPU, and the first conversion does it otherwise."""
    for kind in kinds:
        _adapter(kind)


def to_plain(value: object) -> Any:
    """Return the value as dicts, lists, strings and numbers."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], plain: Any) -> T:
    """Return the value that `to_plain` converted."""
    value: T = _adapter(kind).validate_python(plain)
    return value


def write_json(path: Path, value: object) -> None:
    """Write the value as JSON, atomically."""
    with atomic_write(path) as part:
        part.write_bytes(_adapter(type(value)).dump_json(value, indent=1))


def read_json(kind: type[T], path: Path) -> T:
    """Read a value that `write_json` wrote."""
    value: T = _adapter(kind).validate_json(path.read_bytes())
    return value


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary `.part` path; it replaces `path` if the block succeeds and is deleted if it fails."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
