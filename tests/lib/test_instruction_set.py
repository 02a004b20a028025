"""AVX-512 is offered to CTranslate2 only where the CPU has all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.instruction_set import ctranslate2_environment

ALL = "fpu avx2 avx512f avx512dq avx512cd avx512bw avx512vl"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(f"flags\t\t: {ALL}", {"CT2_FORCE_CPU_ISA": "AVX512"}), (f"flags : {ALL.replace(' avx512bw', '')}", {}), ("Features : fp asimd", {})],
)
def test_avx512_is_used_where_the_cpu_has_all_parts_of_it(tmp_path: Path, flags: str, expected: dict[str, str]) -> None:
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text(f"processor : 0\nvendor_id : AuthenticAMD\n{flags}\n\nprocessor : 1\n{flags}\n")
    assert ctranslate2_environment(cpu_info) == expected


def test_a_system_without_the_list_has_no_preference(tmp_path: Path) -> None:
    assert ctranslate2_environment(tmp_path / "missing") == {}
