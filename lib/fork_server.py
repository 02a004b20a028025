"""Starts processes as forks of one process that has imported their modules already.

Starting Python and importing numpy or Typst takes up to a second of CPU, a fork takes milliseconds. The standard library's fork server
does not serve here: its children run the caller's main module again, and have the environment of the caller with its secrets.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

REQUESTS = 3
"""The descriptor on which a server receives its requests."""
_MAX_REQUEST_BYTES = 128 * 2**10
_MAX_DESCRIPTORS = 8


@dataclass(frozen=True)
class Exit:
    """The end of a process: a negative code is a signal; CPU time in seconds and the largest resident set with those of its children."""

    code: int
    cpu_s: float
    max_rss_bytes: int


class ForkedProcess:
    """A process that a fork server started."""

    def __init__(self, status: socket.socket) -> None:
        self._status, self._unread_bytes = status, b""
        self._exit: Exit | None = None
        pid = self._read_line(None)
        if not pid:
            raise OSError("The fork server could not start a process.")
        self.pid = int(pid)

    def wait(self, timeout_s: float | None = None) -> Exit | None:
        """Wait for the process and return its end; None if it still runs after `timeout_s` seconds."""
        if self._exit is None:
            line = self._read_line(timeout_s)
            if line is None:
                return None
            self._status.close()
            self._exit = Exit(**json.loads(line)) if line else self._kill_orphan()
        return self._exit

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children, unless it has ended."""
        if self.wait(0) is None:
            _signal_group(self.pid, number)

    def _kill_orphan(self) -> Exit:
        """End a process whose fork server has ended."""
        _signal_group(self.pid, signal.SIGKILL)
        return Exit(-signal.SIGKILL, 0.0, 0)

    def _read_line(self, timeout_s: float | None) -> bytes | None:
        """Return the next line of the status, b"" at its end, None after the timeout."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while b"\n" not in self._unread_bytes:
            poll = select.poll()  # select(2) refuses descriptors above 1023
            poll.register(self._status, select.POLLIN)
            if not poll.poll(None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000):
                return None
            data = self._status.recv(200)
            if not data:
                return b""
            self._unread_bytes += data
        line, _, self._unread_bytes = self._unread_bytes.partition(b"\n")
        return line


class ForkServer:
    """Runs `serve` in `python -m MODULE` once the first process is asked for. Threads and forks of this process may share it.

    The server ends when its children and all that share it have ended.
    """

    def __init__(self, module: str, environment: Callable[[], Mapping[str, str]]) -> None:
        self._module, self._environment = module, environment
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        atexit.register(self.disconnect)

    def connect(self, requests: socket.socket) -> None:
        """Use the fork server at the other end of this socket."""
        self._requests = requests

    def disconnect(self) -> None:
        """Close this process's end."""
        if self._requests is not None:
            self._requests.close()
            self._requests = None

    def start(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> ForkedProcess:
        """Start a process; `serve` passes the request and copies of the descriptors to its `run`. Raises OSError."""
        message = json.dumps(dict(request)).encode()
        for attempt in (1, 2):
            requests = self.requests()
            own_end, peer_end = socket.socketpair()
            with peer_end:
                try:
                    socket.send_fds(requests, [message], [peer_end.fileno(), requests.fileno(), *descriptors])
                    break
                except (BrokenPipeError, ConnectionResetError):
                    own_end.close()
                    self._forget(requests)
                    if attempt == 2:
                        raise
        return ForkedProcess(own_end)

    def requests(self) -> socket.socket:
        """Return the socket to the server, which starts if it has to; another process can `connect` a copy of it."""
        with self._lock:
            if self._requests is None:
                self._requests, peer_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with peer_end:
                    self._launch(peer_end.fileno())
            return self._requests

    def _launch(self, requests: int) -> None:
        """Start the server in a session of its own; `-P` keeps modules of the current folder out."""
        argv = [sys.executable, "-P", "-m", self._module]
        actions = [(os.POSIX_SPAWN_DUP2, requests, REQUESTS), (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        os.posix_spawn(sys.executable, argv, dict(self._environment()), file_actions=actions, setsid=True)

    def _forget(self, requests: socket.socket) -> None:
        with self._lock:
            if self._requests is requests:
                self.disconnect()


def serve(
    run: Callable[[dict[str, Any], socket.socket, list[int]], NoReturn],
    prepare: Callable[[dict[str, Any]], None] = lambda request: None,
    *,
    kill_groups: bool,
) -> None:
    """Fork a process for each request on `REQUESTS` until the other side closes; report its process id, then its end.

    `prepare` runs in this process before the fork, `run` in the fork: its arguments are the request, a socket for `ForkServer.connect`
    and the descriptors. `kill_groups`: end what is left of the process group of each process that has ended.
    """
    requests, running = socket.socket(fileno=REQUESTS), dict[int, socket.socket]()
    wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([requests.fileno(), wake_in], [], [])
        if wake_in in ready:
            os.read(wake_in, 1000)
            _report_ended(running, kill_groups)
        if requests.fileno() in ready:
            message, descriptors_in, _, _ = socket.recv_fds(requests, _MAX_REQUEST_BYTES, _MAX_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
            if not message:
                return
            request: dict[str, Any] = json.loads(message)
            status, server, descriptors = (
                socket.socket(fileno=descriptors_in[0]),
                socket.socket(fileno=descriptors_in[1]),
                descriptors_in[2:],
            )
            prepare(request)
            pid = _try_fork()
            if pid == 0:
                try:
                    _leave_server(requests, [status, *running.values()], [wake_in, wake_out])
                    run(request, server, descriptors)
                finally:
                    os._exit(1)  # never back into the loop of the server
            if pid is None:
                status.close()
            else:
                running[pid] = status
                with contextlib.suppress(OSError):  # the other side has ended
                    status.sendall(b"%d\n" % pid)
            server.close()
            for descriptor in descriptors:
                os.close(descriptor)


def _try_fork() -> int | None:
    """Fork; return None if that fails (memory, process limit). The other side sees its status socket close."""
    try:
        return os.fork()
    except OSError:
        return None


def _leave_server(requests: socket.socket, sockets: list[socket.socket], descriptors: list[int]) -> None:
    """Close the descriptors of the server, and start a new session."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for each in (requests, *sockets):
        each.close()
    for descriptor in descriptors:
        os.close(descriptor)
    os.setsid()


def _report_ended(running: dict[int, socket.socket], kill_groups: bool) -> None:
    """Report the end of each process that has ended. Its group is killed before its process id can be given to another process."""
    while running:
        exit_info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if exit_info is None:
            return
        if kill_groups:
            _signal_group(exit_info.si_pid, signal.SIGKILL)
        pid, status, usage = os.wait4(exit_info.si_pid, 0)
        end = {
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "max_rss_bytes": usage.ru_maxrss * 1024,
        }
        with running.pop(pid) as connection, contextlib.suppress(OSError):
            connection.sendall(json.dumps(end).encode() + b"\n")


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
