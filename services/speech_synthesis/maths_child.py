"""The child process that reads formulas as words: latex2mathml converts them, and speech-rule-engine reads the MathML in node."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

from lib.process import Limits, run_program
from lib.programs import require_program

_SCRIPT = Path(__file__).with_name("speak_formulas.cjs")
_LIMITS = Limits(timeout_s=45, memory_bytes=2**30, file_bytes=0)


def read(payload: dict[str, Any], _report: object) -> dict[str, Any]:
    """Read LaTeX `formulas` in the language `locale` with the package at `package`. Returns `words`, "" where a formula can't be read."""
    with tempfile.TemporaryDirectory(prefix="lectern-maths-") as name:
        source = Path(name) / "formulas.json"
        source.write_text(json.dumps([_as_mathml(each) for each in payload["formulas"]]), encoding="utf-8")
        argv = [require_program("node"), "--max-old-space-size=256", _SCRIPT, payload["package"], payload["locale"], source]
        output = run_program(argv, limits=_LIMITS).stdout
    return {"words": [" ".join(str(each).split()) for each in json.loads(output.splitlines()[-1])]}


def _as_mathml(formula: str) -> str:
    try:
        return str(convert(formula)).replace(' mathvariant="normal"', "")  # which the engine says with every letter
    except Exception:  # a formula that the library can't convert is read without it
        return ""
