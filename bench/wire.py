"""A loopback proxy that counts the bytes of each direction."""

import contextlib
import socket
import threading


class Wire:
    """Forwards connections to ``port``; ``sent`` and ``received`` are the client's."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.sent = self.received = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def reset(self):
        self.sent = self.received = 0

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for args in ((client, server, "sent"), (server, client, "received")):
                threading.Thread(target=self._pump, args=args, daemon=True).start()

    def _pump(self, source, sink, counter):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
                setattr(self, counter, getattr(self, counter) + len(data))
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self._listener.close()
