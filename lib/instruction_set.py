"""The instructions that CTranslate2 may use on this machine's CPU."""

from __future__ import annotations

import functools
from pathlib import Path

_AVX512_FLAGS = frozenset({"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"})  # those that CTranslate2 needs (cpu_info.cc)


@functools.cache
def ctranslate2_environment(cpu_info: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """Return environment variables that let CTranslate2 use AVX-512 where the CPU has it; by itself it does so on Intel's only.

    On an AMD EPYC speech recognition then takes an eighth less time.
    """
    try:
        lines = cpu_info.read_text("utf-8").splitlines()
    except OSError:  # such as on macOS
        return {}
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return {"CT2_FORCE_CPU_ISA": "AVX512"} if _AVX512_FLAGS.issubset(flags) else {}
