"""`make bench [ONLY=name,...] [MEDIA=folder]`: run benches and write their figures into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import platform
import re
import sys
import tempfile
from pathlib import Path

from bench.context import BENCHES, Context

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
_INTRO = """# Benchmarks

Written by `make bench`. Each section is replaced when its bench runs again; wall times are those of the machine named there.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", help=f"comma-separated: {', '.join(BENCHES)}")
    parser.add_argument("--media", type=Path, help="folder of recordings, with NAME.truth.json beside NAME.mp4 where the truth is known")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench is called {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"lectern-bench-{name}-") as folder:
            print(f"== {name}", flush=True)
            section = importlib.import_module(f"bench.{BENCHES[name]}").run(Context(Path(folder), asked.media))
            print(section, flush=True)
            _write(name, section)
    return 0


def _write(name: str, section: str) -> None:
    page = PAGE.read_text() if PAGE.exists() else _INTRO
    stamp = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}; {_machine()}"
    block = f"<!-- bench:{name} -->\n## {name}\n\n_{stamp}_\n\n{section.strip()}\n<!-- /bench:{name} -->"
    pattern = re.compile(f"<!-- bench:{name} -->.*?<!-- /bench:{name} -->", re.DOTALL)
    page = pattern.sub(lambda _: block, page) if pattern.search(page) else f"{page.rstrip()}\n\n{block}\n"
    PAGE.write_text(page)


def _machine() -> str:
    described = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = described[1] if described else platform.machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
