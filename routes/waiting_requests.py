"""Requests that wait for a job. Their number is limited, and they end when their clients disconnect."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from flask import request
from werkzeug.exceptions import ClientDisconnected

import errors
from routes.caller import caller
from routes.container import container

Check = Callable[[], None]


class TooManyWaitingRequests(errors.TransientError):
    """Too many requests wait for their results on this server."""

    hint = "Try again later, or create a job and poll its status."


class TooManyOwnWaitingRequests(errors.TooManyRequests):
    """Too many of your requests wait for their results."""

    code = "too_many_waiting"
    hint = "Wait for one of them, or create jobs and poll their status."


class WaitingRequest:
    """Counts towards the limits of waiting requests until `end`. Raises TooManyWaitingRequests and TooManyOwnWaitingRequests."""

    def __init__(self) -> None:
        self._limit, self._user_id = container().waiting_requests, caller().user_id
        self._socket: socket.socket | None = request.environ.get("gunicorn.socket")
        self._limit.acquire(self._user_id, TooManyWaitingRequests, TooManyOwnWaitingRequests)
        self._has_ended = False

    def check(self) -> None:
        """Raise ClientDisconnected if the client has closed the connection."""
        if self._socket is not None and _is_closed(self._socket):
            raise ClientDisconnected

    def end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._limit.release(self._user_id)

    def __enter__(self) -> WaitingRequest:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _is_closed(client: socket.socket) -> bool:
    """Return whether the other side has closed the connection; what it has sent can still be read.

    A socket with a timeout waits for data before it reads, whatever the flags are; poll first tells whether there is something to read.
    """
    try:
        poll = select.poll()
        poll.register(client, select.POLLIN)
        return bool(poll.poll(0)) and not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (BlockingIOError, InterruptedError):
        return False
    except ConnectionError:
        return True
    except (OSError, ValueError):  # TLS sockets do not peek
        return False
