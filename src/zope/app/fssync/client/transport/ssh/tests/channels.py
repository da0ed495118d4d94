"""Stand-ins for a connection over ssh and its channels."""

from __future__ import annotations

import io
from typing import Any

__all__ = ["ANSWER", "Channel", "Connection"]

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
)


class Channel(io.BytesIO):
    """A channel of paramiko with an answer; it keeps what is sent."""

    eof_received = True
    sent = b""

    def settimeout(self, timeout: float) -> None:
        """Wait for nothing."""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        return self.read(size)


class Connection:
    """A connection whose server answers each request with `ANSWER`."""

    def __init__(self, endpoint: Any, password: str | None, *more: Any) -> None:
        self.endpoint = endpoint
        self.password = password
        self.alive = True
        self.channels: list[Channel] = []

    def open_session(self, timeout: float) -> Channel:
        self.channels.append(Channel(ANSWER))
        return self.channels[-1]

    def close(self) -> None:
        self.alive = False
