"""The socket of a client, to which the kernel sends a whole file in one call."""

from __future__ import annotations

import os
import socket
import struct
from typing import IO, Any

_MAX_BYTES_PER_CALL = 2**30
_TIMEVAL = struct.Struct("@ll")  # seconds and microseconds, socket(7)


class ClientSocket(socket.socket):
    """A socket whose `sendfile` waits for the client in the kernel.

    The one of the standard library waits in Python for room in the send buffer, a hundred times for 500 MiB, and needs the interpreter
    lock each time: while other threads compute, a download takes twice as long.
    """

    @classmethod
    def take_over(cls, sock: socket.socket) -> ClientSocket:
        """Return a socket for the same connection; `sock` is closed."""
        return cls(sock.family, sock.type, sock.proto, fileno=sock.detach())

    def sendfile(self, file: IO[bytes] | Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file. Raises TimeoutError if the client takes nothing within the timeout of the socket."""
        timeout_s = self.gettimeout()
        if not timeout_s:
            return super().sendfile(file, offset, count)
        descriptor = file.fileno()
        end = os.fstat(descriptor).st_size if count is None else offset + count
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL.pack(int(timeout_s), int(timeout_s % 1 * 1e6)))
        os.set_blocking(self.fileno(), True)
        try:
            return self._send_blocking(descriptor, offset, end) - offset
        except BlockingIOError:
            raise TimeoutError("The client reads nothing.") from None
        finally:
            if self.fileno() >= 0:
                os.set_blocking(self.fileno(), False)  # as sockets with a timeout are

    def _send_blocking(self, descriptor: int, position: int, end: int) -> int:
        """Send the file up to `end`, or to its end if it has become shorter. Return the position that was reached."""
        while position < end:
            sent_bytes = os.sendfile(self.fileno(), descriptor, position, min(end - position, _MAX_BYTES_PER_CALL))
            if not sent_bytes:
                break
            position += sent_bytes
        return position
