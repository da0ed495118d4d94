"""What reaches the terminal of a person.

Text that comes from a server or from a file name passes `escape` on its way, and
no character that the terminal's encoding lacks stops a command.
"""

from __future__ import annotations

import os
import sys
from typing import BinaryIO
from typing import TextIO

from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

__all__ = [
    "finish_output",
    "say",
    "terminal_bytes",
    "warn",
    "write_bytes",
]


def say(line: str, stream: TextIO | None = None) -> None:
    """Print ``line``, which is made safe first; the stream is standard output."""
    stream = sys.stdout if stream is None else stream
    text = escape(line, TEXT) + "\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        _silence(stream)


def warn(line: str) -> None:
    """Print ``line`` on standard error, after what standard output holds."""
    finish_output()
    say(line, sys.stderr)
    sys.stderr.flush()


def write_bytes(data: bytes) -> None:
    """Write file content to standard output, escaped only on a terminal."""
    if is_terminal(sys.stdout):
        data = terminal_bytes(data)
    stream: BinaryIO | None = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(data.decode("utf-8", "backslashreplace"))
        else:
            sys.stdout.flush()
            stream.write(data)
    except BrokenPipeError:
        _silence(sys.stdout)


def finish_output() -> None:
    """Pass on what standard output still holds."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def _silence(stream: TextIO) -> None:
    """Send the rest nowhere: nobody reads it, but the command goes on.

    A command that changes files does not stop half way because of ``| head``.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def terminal_bytes(data: bytes) -> bytes:
    """Return ``data`` for a terminal: escaped, but for the ends of lines."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    ends = ["\r" if line.endswith("\r") else "" for line in lines]
    safe = [
        escape(line.removesuffix("\r"), "\t") + end
        for line, end in zip(lines, ends, strict=True)
    ]
    return "\n".join(safe).encode("utf-8")
