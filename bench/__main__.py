"""`make bench [ONLY=name,...] [MEDIA=folder]`: run benches and write their results to docs/benchmarks.md."""

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

Written by `make bench`. Each bench replaces its section; the machine on which it ran is named there.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", help=f"comma-separated: {', '.join(BENCHES)}")
    parser.add_argument("--media", type=Path, help="folder of recordings (NAME.mp4), with truth files (NAME.truth.json)")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(BENCHES)
    if not arguments.media and "slides" in names and "slides_real" not in names:
        names.insert(names.index("slides") + 1, "slides_real")
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown bench: {', '.join(unknown)}; choose from {', '.join(BENCHES)}")
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"lectern-bench-{name}-") as folder:
            print(f"== {name}", flush=True)
            section = importlib.import_module(f"bench.{BENCHES[name]}").run(Context(Path(folder), arguments.media))
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
    model_name = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = model_name[1] if model_name else platform.machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
