"""The line between a process and its database server, which a test makes worse."""

from __future__ import annotations

import contextlib
import socket
import threading

__all__ = ["Line"]


class Line:
    """Passes on what both ends say; what the server says may be late, or be lost."""

    def __init__(self, server: tuple[str, int] | str) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self._open = threading.Event()
        self._open.set()
        self._timer = threading.Timer(0, self._open.set)
        self._is_losing = False
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Pass on nothing that the server says."""
        self._timer.cancel()
        self._open.clear()

    def release(self, seconds: float) -> None:
        """Pass it on after some time."""
        self._timer.cancel()
        self._timer = threading.Timer(seconds, self._open.set)
        self._timer.daemon = True
        self._timer.start()

    def lose(self) -> None:
        """Lose what the server says next, and the connections with it."""
        self._is_losing = True

    def cut(self) -> None:
        """End all connections; new ones are accepted."""
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()
        self._open.set()

    def close(self) -> None:
        """End all, for good."""
        # To close it does not wake who waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                process, _ = self._listener.accept()
                try:
                    server = self._connect()
                except OSError:
                    process.close()
                    continue
                self._sockets += [process, server]
                for source, target, late in (
                    (process, server, False),
                    (server, process, True),
                ):
                    threading.Thread(
                        target=self._pass_on, args=(source, target, late), daemon=True
                    ).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._server, str):
            found = socket.socket(socket.AF_UNIX)
            found.connect(self._server)
            return found
        return socket.create_connection(self._server)

    def _pass_on(
        self, source: socket.socket, target: socket.socket, late: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if late and self._is_losing:
                    self._is_losing = False
                    self.cut()
                elif late:
                    self._open.wait()
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
