"""lib/memory.py: free memory of the machine and of containers, in both versions of cgroups."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.memory import Memory, read_memory

GIB = 2**30


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text("MemTotal:       16777216 kB\nMemFree:  100 kB\nMemAvailable:    8388608 kB\n")
    return tmp_path / "proc"


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_without_a_group_limit_the_memory_of_the_machine_counts(proc: Path, tmp_path: Path) -> None:
    assert read_memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)
    (proc / "self" / "cgroup").write_text("0::/user.slice\n")
    write(tmp_path / "cgroup" / "user.slice", memory__max="max\n", memory__current="5\n")
    assert read_memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)


def test_the_limit_of_a_container_counts_and_its_file_cache_is_free(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/\n")
    stat = f"anon 1\ninactive_file {GIB // 2}\n"
    write(tmp_path / "cgroup", memory__max=str(2 * GIB), memory__current=str(3 * GIB // 2), memory__stat=stat)
    assert read_memory(proc, tmp_path / "cgroup") == Memory(GIB, 2 * GIB)


def test_a_limit_of_a_parent_group_counts(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/system.slice/lectern.service\n")
    write(tmp_path / "cgroup" / "system.slice" / "lectern.service", memory__max=str(4 * GIB), memory__current="0")
    write(tmp_path / "cgroup" / "system.slice", memory__max=str(3 * GIB), memory__current=str(2 * GIB))
    assert read_memory(proc, tmp_path / "cgroup") == Memory(GIB, 3 * GIB)


def test_cgroup_version_one_with_a_path_that_is_not_visible_inside(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:cpu:/docker/abc\n4:memory:/docker/abc\n0::/\n")
    write(
        tmp_path / "cgroup" / "memory",
        memory__limit_in_bytes=str(GIB),
        memory__usage_in_bytes=str(GIB),
        memory__stat=f"total_inactive_file {GIB // 4}\n",
    )
    assert read_memory(proc, tmp_path / "cgroup") == Memory(GIB // 4, GIB)
    write(tmp_path / "cgroup" / "memory", memory__limit_in_bytes="9223372036854771712")
    assert read_memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)


def test_this_machine_has_free_memory() -> None:
    memory = read_memory()
    assert 0 < memory.free <= memory.total
