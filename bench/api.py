"""Conformance of the API to /openapi.json: schemathesis against a separate server."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.context import Context, markdown_table
from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server

TOKEN = "fuzzing-token-for-every-route"
# Without the mail server's settings: generated ones would make Lectern connect to arbitrary hosts.
_ADMIN_ROUTES = ("--include-path-regex", "^/(api/v1/)?admin/", "--exclude-path-regex", "/email/")
_MAX_DURATION_S = 900
_TIMEOUT_S = 3600
_RULES = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Outcome:
    """`cases`: generated requests; `output`: what schemathesis printed."""

    operations: int
    cases: int
    failures: int
    output: str


def fuzz(folder: Path, *bounds: str, super_admin: bool = False) -> Outcome:
    """Send generated requests, valid and invalid, to every operation as an admin, or to the admin routes as a super admin.

    `bounds`: arguments that limit their number.
    """
    settings = {
        "STATIC_BEARER_TOKEN": TOKEN,
        "STATIC_BEARER_IS_ADMIN": "true",
        "LOG_LEVEL": "ERROR",
        "ACCESS_TOKEN_S": "86400",
        "SCRIPT_WAIT_S": "5",  # requests that wait for scripts answer within the limit of every other one
    }
    with Server(folder / "data", settings) as server:
        token = _super_admin_token(server) if super_admin else TOKEN
        filters = _ADMIN_ROUTES if super_admin else ()
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [
            *(program, "--config-file", str(_RULES), "run", f"{server.url}/openapi.json", "--no-color", "--continue-on-failure"),
            *("--header", f"Authorization: Bearer {token}", "--checks", "all"),
            *("--request-timeout", "60", "--seed", "1", "--suppress-health-check", "all", *filters, *bounds),
        ]
        process = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        output = f"{process.stdout}{process.stderr}\nEnd of the server's log:\n{server.log_tail()}"
    cases, operations = re.search(r"(\d+) generated", output), re.search(r"Tested: (\d+)", output)
    failures = re.search(r"found (\d+) unique failure", output)
    if cases is None or operations is None:
        raise RuntimeError(f"schemathesis did not run:\n{output[-4000:]}")
    return Outcome(int(operations[1]), int(cases[1]), int(failures[1]) if failures else process.returncode, output)


def _super_admin_token(server: Server) -> str:
    """Log in as a super admin; the static token is at most an admin's."""
    account = {"email": "root@example.org", "password": secrets.token_urlsafe()}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "admin", "create", account["email"], "--password", account["password"]]
    environment = {**os.environ, "DATA_DIR": str(server.data_dir), "LOG_LEVEL": "ERROR"}
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, timeout=120)
    token: str = Client(server.url).call("POST", "/api/v1/auth/login", json=account)["access_token"]
    return token


def run(context: Context) -> str:
    rows = []
    for role, is_super, seconds in (("an admin", False, _MAX_DURATION_S), ("a super admin, admin routes", True, _MAX_DURATION_S // 3)):
        bounds = ("--phases", "coverage,fuzzing,stateful", "--max-time", str(seconds))
        outcome = fuzz(context.folder / f"{is_super}", *bounds, super_admin=is_super)
        if outcome.failures:
            print(outcome.output)
        rows.append([role, outcome.operations, outcome.cases, outcome.failures])
    return f"{markdown_table(['as', 'operations', 'generated requests', 'failures'], rows)}\n\nEvery check of schemathesis is enabled."
