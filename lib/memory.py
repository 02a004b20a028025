"""How much memory is left: of the machine, and of the container where one is set (Linux cgroups, both versions)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = 1 << 60  # version 1 writes a number near 2**63 for "no limit"


@dataclass(frozen=True)
class Memory:
    """Bytes. `free` counts what the system would give up at once for a program: caches of files."""

    free: int
    total: int


def memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> Memory:
    """The least of what the machine and each group around this process leave (proc(5), cgroups(7))."""
    machine = {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in _lines(proc / "meminfo"))}
    found = [Memory(machine["MemAvailable"], machine["MemTotal"])]
    for line in _lines(proc / "self" / "cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            found += _groups(cgroups, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            found += _groups(cgroups / "memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return Memory(min(each.free for each in found), min(each.total for each in found))


def _groups(root: Path, path: str, limit_file: str, used_file: str, cache: str) -> list[Memory]:
    """The group and those around it, as far as they have a limit. Inside a container its own group is the root."""
    own = root / path.strip("/")
    folders = [folder for folder in (own, *own.parents) if folder.is_relative_to(root)] if own.is_dir() else [root]
    found = []
    for folder in folders:
        limit, used = _number(folder / limit_file), _number(folder / used_file)
        if limit is not None and used is not None and limit < _UNLIMITED:
            given_up = dict(line.split() for line in _lines(folder / "memory.stat")).get(cache, "0")
            found.append(Memory(max(0, limit - used + int(given_up)), limit))
    return found


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdigit() else None  # "max" is none


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
