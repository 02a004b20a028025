"""Free memory of the machine and of the container (Linux cgroups, versions 1 and 2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_NO_LIMIT = 1 << 60  # version 1 writes a number near 2**63 for "no limit"


@dataclass(frozen=True)
class Memory:
    """Memory in bytes. `free` includes file caches, which the system can release at once."""

    free: int
    total: int


def read_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> Memory:
    """Return the smallest of the machine's memory and that of each control group of this process (proc(5), cgroups(7))."""
    machine = {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in _lines(proc / "meminfo"))}
    limits = [Memory(machine["MemAvailable"], machine["MemTotal"])]
    for line in _lines(proc / "self" / "cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            limits += _group_limits(cgroups, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            limits += _group_limits(cgroups / "memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return Memory(min(each.free for each in limits), min(each.total for each in limits))


def _group_limits(root: Path, path: str, limit_file: str, used_file: str, cache: str) -> list[Memory]:
    """Return the limits of a group and its ancestors. Inside a container, the container's group is the root."""
    own_folder = root / path.strip("/")
    folders = [folder for folder in (own_folder, *own_folder.parents) if folder.is_relative_to(root)] if own_folder.is_dir() else [root]
    limits = []
    for folder in folders:
        limit, used = _number(folder / limit_file), _number(folder / used_file)
        if limit is not None and used is not None and limit < _NO_LIMIT:
            cache_bytes = dict(line.split() for line in _lines(folder / "memory.stat")).get(cache, "0")
            limits.append(Memory(max(0, limit - used + int(cache_bytes)), limit))
    return limits


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdigit() else None  # "max" means no limit


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
