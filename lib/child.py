"""The process that runs children: forks of it read one request from standard input, do that work and exit.

A child kills its own process group when its standard input closes, so that no child outlives a parent that was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import errors
from lib import process
from lib.fork_server import serve
from lib.process_errors import to_message

_PR_SET_PDEATHSIG = 1  # prctl(2)
_MAX_ATTEMPTS, _BETWEEN_ATTEMPTS_S = 20, 0.15


def prepare(request: dict[str, Any]) -> None:
    """Import the module of the task, once for all children that run it, and call its function `before_forks` if there is one.

    A child that can't import it reports why.
    """
    if request["module"] and request["module"] not in sys.modules:
        with contextlib.suppress(BaseException):
            module = importlib.import_module(request["module"])
            getattr(module, "before_forks", lambda: None)()
        gc.freeze()


def run(request: dict[str, Any], server: socket.socket, descriptors: list[int]) -> NoReturn:
    """Take over the descriptors, the folder and the environment of the request, then do the work that standard input names."""
    *standard, usage = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    code = 1
    try:
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        process.CHILDREN.connect(server)
        gc.enable()
        code = _run(json.loads(sys.stdin.readline()))
    except BaseException:
        traceback.print_exc()
    finally:
        children_usage = process.usage_of_children()
        os.write(usage, json.dumps([children_usage.cpu_s, max(_max_memory_bytes(), children_usage.max_rss_bytes)]).encode())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(request: dict[str, Any]) -> int:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    _apply_limits(request["limits"])
    if "program" in request:
        return _run_program(request["program"])
    return _run_task(request["task"], request["payload"])


def _max_memory_bytes() -> int:
    """Return the largest resident set of this process (VmHWM, proc(5)) or of a program that it ran, in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib is not used elsewhere here
        own_bytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return 1024 * max(own_bytes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _exit_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os.killpg(0, signal.SIGKILL)


def _apply_limits(limits: dict[str, Any]) -> None:
    if limits["niceness"]:
        _yield_to_server(limits["niceness"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, limits["memory_bytes"])
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])


def _yield_to_server(niceness: int) -> None:
    """Lower the priority, and interrupt no other process by waking up (SCHED_BATCH, sched(7)).

    The threads of ffmpeg wake each other for every frame.
    """
    os.nice(niceness)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    threading.Thread(target=_lower_session, args=(niceness,), daemon=True).start()


def _lower_session(niceness: int) -> None:
    """Give the session the niceness too: where Linux schedules sessions as groups, that of a process counts only inside its own (sched(7)).

    Linux takes one such change in a tenth of a second from all processes without privileges.
    """
    for _ in range(_MAX_ATTEMPTS):
        try:
            Path("/proc/self/autogroup").write_text(str(niceness))
        except BlockingIOError:
            time.sleep(_BETWEEN_ATTEMPTS_S)
        except OSError:  # another system, or one without such groups
            return
        else:
            return


def _limit(kind: int, value: int | None) -> None:
    if value is not None:
        resource.setrlimit(kind, (value, value))


def _run_program(argv: list[str]) -> int:
    libc = ctypes.CDLL(None)
    try:
        program = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL))
    except FileNotFoundError:
        print(f"{argv[0]} is not installed", file=sys.stderr)
        return 127
    code = program.wait()
    return 128 - code if code < 0 else code


def _run_task(task: str, payload: dict[str, Any]) -> int:
    """Run a task and send its messages to standard output; output of libraries goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    module, _, name = task.partition(":")
    try:
        function: Callable[..., dict[str, Any]] = getattr(importlib.import_module(module), name)
        send({"result": function(payload, lambda done, total: send({"progress": [done, total]}))})
    except errors.LecternError as error:
        send({"error": to_message(error)})
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    gc.disable()
    serve(run, prepare, kill_groups=True)
