"""A child process whose connections are restricted: it tries each way to reach an address, and reports what was refused."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from typing import Any

import requests

import errors
from lib.address_guard import AddressPolicy, restrict_this_process
from lib.process import Report


def attempt_all(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Open every URL with two libraries, connect to `port` without a lookup, and start programs. Returns each attempt's outcome."""
    guard = restrict_this_process(AddressPolicy(allowed_hosts=tuple(payload["allowed_hosts"])), (sys.executable,))
    port = payload["port"]
    attempts: dict[str, Callable[[], Any]] = {}
    for url in payload["urls"]:
        attempts[f"urllib {url}"] = lambda url=url: urllib.request.urlopen(url, timeout=5).read()
        attempts[f"requests {url}"] = lambda url=url: requests.get(url, timeout=5).text
    attempts["connect"] = lambda: socket.socket().connect(("127.0.0.1", port))
    attempts["connect_ex"] = lambda: socket.socket().connect_ex(("127.0.0.1", port))
    attempts["connect by name"] = lambda: socket.socket().connect(("localhost", port))
    attempts["connect ipv6"] = lambda: socket.socket(socket.AF_INET6).connect(("::ffff:127.0.0.1", port))
    attempts["datagram"] = lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))
    attempts["local socket"] = lambda: socket.socket(socket.AF_UNIX).connect("/tmp/socket")
    attempts["program"] = lambda: subprocess.run(["curl", f"http://127.0.0.1:{port}/"], check=True)
    attempts["shell"] = lambda: os.system(f"curl http://127.0.0.1:{port}/")
    attempts["fork"] = os.fork
    attempts["allowed program"] = lambda: subprocess.run([sys.executable, "-c", ""], check=True)
    outcomes = {name: _outcome(run) for name, run in attempts.items()}
    return {"outcomes": outcomes, "first_refusal": guard.refusal.detail if guard.refusal else ""}


def _outcome(run: Callable[[], Any]) -> str:
    try:
        run()
    except errors.UrlRefused:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"
