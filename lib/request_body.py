"""The body of a request of known length, which is received into the buffer of its reader without copies."""

from __future__ import annotations

from gunicorn.http.body import Body, LengthReader


class DirectBody(Body):  # type: ignore[misc]
    """gunicorn's body with `readinto` (see io.RawIOBase). werkzeug prefers it to `read`, which copies each byte four times.

    `reader` must be a LengthReader of a socket.
    """

    reader: LengthReader

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill the buffer and return the number of bytes, which is smaller only at the end of the body."""
        target = memoryview(buffer)
        if self.buf.tell():  # `readline` reads ahead
            data = self.read(len(target))
            target[: len(data)] = data
            return len(data)
        try:
            return self._receive(target[: self.reader.length])
        except Exception:
            self.failed = True
            raise

    def _receive(self, target: memoryview) -> int:
        unreader = self.reader.unreader
        read_ahead = unreader.take_buffered()
        count = min(len(read_ahead), len(target))
        target[:count] = read_ahead[:count]
        if len(read_ahead) > count:
            unreader.unread(read_ahead[count:])
        while count < len(target) and (received_bytes := unreader.sock.recv_into(target[count:])):
            count += received_bytes
        self.reader.length -= count
        return count
