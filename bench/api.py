"""Whatever is sent to the API, it answers as /openapi.json says: schemathesis against a server of its own."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.context import Context, table
from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server

TOKEN = "fuzzing-opens-every-door"
# Not the mail server's settings: made-up ones would send Lectern to any machine.
_ADMINS_PAGES = ("--include-path-regex", "^/(api/v1/)?admin/", "--exclude-path-regex", "/email/")
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


def fuzz(folder: Path, *bounds: str, super_admin: bool = False) -> Outcome:
    """Send made-up requests, right ones and wrong ones, to every operation, as an admin, or to admins' pages as a super admin.

    `bounds`: arguments that say how many.
    """
    settings = {"STATIC_BEARER_TOKEN": TOKEN, "STATIC_BEARER_IS_ADMIN": "true", "LOG_LEVEL": "ERROR", "ACCESS_TOKEN_S": "86400"}
    with Server(folder / "data", settings) as server:
        token = _super_admins_token(server) if super_admin else TOKEN
        where = _ADMINS_PAGES if super_admin else ()
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [
            *(program, "--config-file", str(_RULES), "run", f"{server.url}/openapi.json", "--no-color", "--continue-on-failure"),
            *("--header", f"Authorization: Bearer {token}", "--checks", "all"),
            *("--request-timeout", "60", "--seed", "1", "--suppress-health-check", "all", *where, *bounds),
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        said = f"{done.stdout}{done.stderr}\nThe end of the server's log:\n{server.log_tail()}"
    cases, operations = re.search(r"(\d+) generated", said), re.search(r"Tested: (\d+)", said)
    failures = re.search(r"found (\d+) unique failure", said)
    if cases is None or operations is None:
        raise RuntimeError(f"schemathesis did not run:\n{said[-4000:]}")
    return Outcome(int(operations[1]), int(cases[1]), int(failures[1]) if failures else done.returncode, said)


def _super_admins_token(server: Server) -> str:
    """Of a log-in, as no fixed token makes anybody super admin."""
    account = {"email": "root@example.org", "password": secrets.token_urlsafe()}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "admin", "create", account["email"], "--password", account["password"]]
    environment = {**os.environ, "DATA_DIR": str(server.data_dir), "LOG_LEVEL": "ERROR"}
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, timeout=120)
    token: str = Client(server.url).call("POST", "/api/v1/auth/login", json=account)["access_token"]
    return token


def run(context: Context) -> str:
    rows = []
    for caller, is_super, seconds in (("an admin", False, _LONG_S), ("a super admin, admins' pages", True, _LONG_S // 3)):
        bounds = ("--phases", "coverage,fuzzing,stateful", "--max-time", str(seconds))
        outcome = fuzz(context.folder / f"{is_super}", *bounds, super_admin=is_super)
        if outcome.failures:
            print(outcome.said)
        rows.append([caller, outcome.operations, outcome.cases, outcome.failures])
    return f"{table(['as', 'operations', 'requests made up and sent', 'failures'], rows)}\n\nEvery check of schemathesis is on."
