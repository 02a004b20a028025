"""Runs the same jobs over each supported broker, with real servers and killed workers."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.context import Context, markdown_table
from bench.jobs.chaos import Plan, run_plan
from bench.jobs.fleet import celery_fleet
from scripts import backends
from scripts.server import free_port

_PLAN = Plan(jobs=8, kills=4, repetitions=1, pause_s=(2.0, 5.0), formats="txt,srt,json")
_PROCESSES = 2
_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's program, not its wrapper that changes the user
_TIMEOUT_S = 120


def run(context: Context, settings: dict[str, str]) -> str:
    rows = []
    brokers = (("Redis", backends.redis_server()), ("RabbitMQ", rabbitmq()), ("SQS (moto)", sqs()))
    for name, broker in brokers:
        if name == "RabbitMQ" and not _RABBITMQ.exists():
            rows.append([name, "", "", "", "not run: needs `apt install rabbitmq-server`"])
            continue
        with broker as url, celery_fleet(context.folder / name.split()[0], _PROCESSES, settings, broker_url=url) as fleet:
            outcome = run_plan(fleet, _PLAN)
        rows.append([name, str(_PLAN.jobs), str(outcome.kills), f"{outcome.wall_s:.0f}", "; ".join(outcome.problems[:5]) or "none"])
        print(*rows[-1], sep=" | ", flush=True)
    return markdown_table(["broker", "jobs", "SIGKILLs", "wall, s", "problems"], rows)


@contextlib.contextmanager
def sqs() -> Iterator[str]:
    with backends.moto_server() as server:
        yield server.url.replace("http://", f"sqs://{backends.KEY_ID}:{backends.SECRET}@")


@contextlib.contextmanager
def rabbitmq() -> Iterator[str]:
    """Start a RabbitMQ node with its own port mapper, in a temporary folder. Yield its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="lectern-rabbitmq-", ignore_cleanup_errors=True) as folder:
        environment = {
            **os.environ,
            "HOME": folder,
            "RABBITMQ_NODENAME": f"lectern{secrets.token_hex(4)}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        node = subprocess.Popen([str(_RABBITMQ)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, node)
            yield f"amqp://guest:guest@127.0.0.1:{port}//"
        finally:
            node.terminate()
            node.wait(_TIMEOUT_S)
            subprocess.run([shutil.which("epmd") or "epmd", "-kill"], env=environment, capture_output=True, check=False, timeout=30)


def _wait_for(port: int, node: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline and node.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.settimeout(5)
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            if connection.recv(1) == b"\x01":  # the type of the frame that contains connection.start
                return
        time.sleep(0.2)
    raise RuntimeError("RabbitMQ did not start")
