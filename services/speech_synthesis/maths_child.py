"""The child process that converts formulas to words: latex2mathml makes MathML of them, which speech-rule-engine reads in Node.js."""

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


def read_formulas(payload: dict[str, Any], _report: object) -> dict[str, Any]:
    """Read LaTeX `formulas` in the language `locale` with the package at `package`. Returns `words`, "" where a formula can't be read."""
    with tempfile.TemporaryDirectory(prefix="lectern-maths-") as folder:
        source = Path(folder) / "formulas.json"
        source.write_text(json.dumps([_as_mathml(each) for each in payload["formulas"]]), encoding="utf-8")
        argv = [require_program("node"), "--max-old-space-size=256", _SCRIPT, payload["package"], payload["locale"], source]
        output = run_program(argv, limits=_LIMITS).stdout
    return {"words": [" ".join(str(each).split()) for each in json.loads(output.splitlines()[-1])]}


def _as_mathml(formula: str) -> str:
    try:
        return str(convert(formula)).replace(' mathvariant="normal"', "")  # else the engine reads "normal" before each letter
    except Exception:  # one formula that can't be converted must not fail the others
        return ""
