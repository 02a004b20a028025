"""Free memory, as Linux tells it: of the machine and of containers, in both versions of cgroups."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.memory import Memory, memory

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


def test_the_machines_own_where_no_group_is_limited(proc: Path, tmp_path: Path) -> None:
    assert memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)
    (proc / "self" / "cgroup").write_text("0::/user.slice\n")
    write(tmp_path / "cgroup" / "user.slice", memory__max="max\n", memory__current="5\n")
    assert memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)


def test_a_containers_limit_counts_and_its_file_cache_is_free(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/\n")
    stat = f"anon 1\ninactive_file {GIB // 2}\n"
    write(tmp_path / "cgroup", memory__max=str(2 * GIB), memory__current=str(3 * GIB // 2), memory__stat=stat)
    assert memory(proc, tmp_path / "cgroup") == Memory(GIB, 2 * GIB)


def test_a_group_around_ours_may_be_the_tightest(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/system.slice/lectern.service\n")
    write(tmp_path / "cgroup" / "system.slice" / "lectern.service", memory__max=str(4 * GIB), memory__current="0")
    write(tmp_path / "cgroup" / "system.slice", memory__max=str(3 * GIB), memory__current=str(2 * GIB))
    assert memory(proc, tmp_path / "cgroup") == Memory(GIB, 3 * GIB)


def test_version_one_where_the_path_is_not_seen_from_inside(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("5:cpu:/docker/abc\n4:memory:/docker/abc\n0::/\n")
    write(
        tmp_path / "cgroup" / "memory",
        memory__limit_in_bytes=str(GIB),
        memory__usage_in_bytes=str(GIB),
        memory__stat=f"total_inactive_file {GIB // 4}\n",
    )
    assert memory(proc, tmp_path / "cgroup") == Memory(GIB // 4, GIB)
    write(tmp_path / "cgroup" / "memory", memory__limit_in_bytes="9223372036854771712")
    assert memory(proc, tmp_path / "cgroup") == Memory(8 * GIB, 16 * GIB)


def test_this_machine() -> None:
    now = memory()
    assert 0 < now.free <= now.total
