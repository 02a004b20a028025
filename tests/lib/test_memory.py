"""lib/memory.py: free memory of the machine and of containers, in both versions of cgroups."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.memory import Memory, read_memory

GIB = 2**30


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc of a machine with 16 GiB, 8 GiB of them free."""
    folder = tmp_path / "proc"
    write_files(folder, {"meminfo": "MemTotal:       16777216 kB\nMemFree:  100 kB\nMemAvailable:    8388608 kB\n"})
    return folder


@pytest.fixture
def cgroup(tmp_path: Path) -> Path:
    """The path of /sys/fs/cgroup; the tests create it."""
    return tmp_path / "cgroup"


def write_files(folder: Path, text_by_name: dict[str, str]) -> None:
    for name, text in text_by_name.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_without_a_group_limit_the_memory_of_the_machine_counts(proc: Path, cgroup: Path) -> None:
    assert read_memory(proc, cgroup) == Memory(8 * GIB, 16 * GIB)
    write_files(proc, {"self/cgroup": "0::/user.slice\n"})
    write_files(cgroup / "user.slice", {"memory.max": "max\n", "memory.current": "5\n"})
    assert read_memory(proc, cgroup) == Memory(8 * GIB, 16 * GIB)


def test_the_limit_of_a_container_counts_and_its_file_cache_is_free(proc: Path, cgroup: Path) -> None:
    write_files(proc, {"self/cgroup": "0::/\n"})
    files = {"memory.max": str(2 * GIB), "memory.current": str(3 * GIB // 2), "memory.stat": f"anon 1\ninactive_file {GIB // 2}\n"}
    write_files(cgroup, files)
    assert read_memory(proc, cgroup) == Memory(GIB, 2 * GIB)


def test_the_limit_of_a_parent_group_counts(proc: Path, cgroup: Path) -> None:
    write_files(proc, {"self/cgroup": "0::/system.slice/lectern.service\n"})
    write_files(cgroup / "system.slice" / "lectern.service", {"memory.max": str(4 * GIB), "memory.current": "0"})
    write_files(cgroup / "system.slice", {"memory.max": str(3 * GIB), "memory.current": str(2 * GIB)})
    assert read_memory(proc, cgroup) == Memory(GIB, 3 * GIB)


def test_with_cgroup_version_1_the_root_counts_if_the_path_of_the_group_does_not_exist(proc: Path, cgroup: Path) -> None:
    write_files(proc, {"self/cgroup": "5:cpu:/docker/abc\n4:memory:/docker/abc\n0::/\n"})
    usage = {"memory.usage_in_bytes": str(GIB), "memory.stat": f"total_inactive_file {GIB // 4}\n"}
    write_files(cgroup / "memory", {"memory.limit_in_bytes": str(GIB), **usage})
    assert read_memory(proc, cgroup) == Memory(GIB // 4, GIB)
    write_files(cgroup / "memory", {"memory.limit_in_bytes": "9223372036854771712"})  # no limit: the largest multiple of a page
    assert read_memory(proc, cgroup) == Memory(8 * GIB, 16 * GIB)


def test_the_memory_of_this_machine_is_read() -> None:
    memory = read_memory()
    assert 0 < memory.free <= memory.total
