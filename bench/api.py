"""Whatever is sent to the API, it answers as /openapi.json says: schemathesis against a server of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.context import Context, table
from scripts.server import Server

TOKEN = "fuzzing-opens-every-door"
# All but three: `positive_data_acceptance` (what a schema can't say is refused too: addresses that lead inside, files that are no
# recording), `negative_data_rejection` (numbers and booleans that come as text are taken, as forms and older clients send them) and
# `allow_header_conformance` (`Allow` of /admins/stats names what /admins/{id} takes as well).
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
)
_LONG_S = 900
_PATIENCE_S = 3600
_RULES = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Outcome:
    """`cases`: requests that were made up and sent; `said`: what schemathesis printed."""

    operations: int
    cases: int
    failures: int
    said: str


def fuzz(folder: Path, *bounds: str) -> Outcome:
    """Send made-up requests, right ones and wrong ones, to every operation, as an admin. `bounds`: arguments that say how many."""
    settings = {"STATIC_BEARER_TOKEN": TOKEN, "STATIC_BEARER_IS_ADMIN": "true", "LOG_LEVEL": "ERROR"}
    with Server(folder / "data", settings) as server:
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [
            *(program, "--config-file", str(_RULES), "run", f"{server.url}/openapi.json", "--no-color", "--continue-on-failure"),
            *("--header", f"Authorization: Bearer {TOKEN}", "--checks", ",".join(CHECKS)),
            *("--request-timeout", "60", "--seed", "1", "--suppress-health-check", "all", *bounds),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    said = done.stdout + done.stderr
    cases, operations = re.search(r"(\d+) generated", said), re.search(r"Tested: (\d+)", said)
    failures = re.search(r"found (\d+) unique failure", said)
    if cases is None or operations is None:
        raise RuntimeError(f"schemathesis did not run:\n{said[-4000:]}")
    return Outcome(int(operations[1]), int(cases[1]), int(failures[1]) if failures else done.returncode, said)


def run(context: Context) -> str:
    outcome = fuzz(context.folder, "--phases", "coverage,fuzzing,stateful", "--max-time", str(_LONG_S))
    if outcome.failures:
        print(outcome.said)
    rows = [[outcome.operations, outcome.cases, ", ".join(CHECKS), outcome.failures]]
    return table(["operations", "requests made up and sent", "checks", "failures"], rows)
