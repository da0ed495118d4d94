"""Write to standard output and standard error.

Text is escaped, since servers and file names may contain control sequences.  Characters
that the encoding of a stream lacks are escaped as well.
"""

from __future__ import annotations

import os
import sys

from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO
    from typing import TextIO

__all__ = [
    "BOLD",
    "CYAN",
    "GREEN",
    "MAGENTA",
    "RED",
    "YELLOW",
    "colors",
    "finish_output",
    "from_here",
    "say",
    "set_paged",
    "terminal_bytes",
    "warn",
    "watched",
    "write_bytes",
]


RED, GREEN, YELLOW, MAGENTA, CYAN, BOLD = "31", "32", "33", "35", "36", "1"

#: True while a pager shows standard output on a terminal.
_paged = False


def set_paged(value: bool) -> None:
    """Set whether a pager shows the output on a terminal."""
    global _paged
    _paged = value


def watched() -> bool:
    """Return True if standard output is a terminal, or paged to one."""
    return _paged or is_terminal(sys.stdout)


def colors(when: str) -> bool:
    """Return True to colour standard output; ``when`` is the value of --color."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM", "dumb") != "dumb" and watched()


def say(line: str, stream: TextIO | None = None, color: str = "") -> None:
    """Print ``line`` escaped, by default to standard output.

    ``color`` are the parameters of a control sequence, as in `RED`.
    """
    stream = sys.stdout if stream is None else stream
    text = escape(line, TEXT)
    text = f"\x1b[{color}m{text}\x1b[0m\n" if color else f"{text}\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        _silence(stream)


def from_here(text: str) -> str:
    """Return a message with paths relative to the current directory.

    Paths outside of it and of its working copy stay absolute.
    """
    try:
        directory, way = os.getcwd(), ""
    except FileNotFoundError:
        return text
    if os.sep.join(directory.split(os.sep)[:2]) not in text:
        return text
    # Imported late: help has no paths.
    import re

    from zope.fssync.files import Tree
    from zope.fssync.paths import CONTROL

    while True:
        start = re.escape(directory + os.sep)
        text = re.sub(rf"(?<![\w./\\-]){start}", way.replace("\\", "\\\\"), text)
        above = os.path.dirname(directory)
        if above == directory or not Tree().isdir(os.path.join(above, CONTROL)):
            return text
        directory, way = above, f"{os.pardir}{os.sep}{way}"


def warn(line: str) -> None:
    """Flush standard output, then print ``line`` on standard error."""
    finish_output()
    say(from_here(line), sys.stderr)
    sys.stderr.flush()


def write_bytes(data: bytes, color: str = "") -> None:
    """Write file content to standard output; escape it for a terminal."""
    if watched():
        data = terminal_bytes(data, getattr(sys.stdout, "encoding", None) or "utf-8")
    if color:
        data = _colored(data, color)
    stream: BinaryIO | None = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(data.decode("utf-8", "backslashreplace"))
        else:
            sys.stdout.flush()
            stream.write(data)
    except BrokenPipeError:
        _silence(sys.stdout)


def _colored(data: bytes, color: str) -> bytes:
    """Return lines in a colour, set for each line, since pagers need that."""
    start = f"\x1b[{color}m".encode()
    lines = data.split(b"\n")
    return b"\n".join(start + line + b"\x1b[0m" if line else b"" for line in lines)


def finish_output() -> None:
    """Flush standard output."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def _silence(stream: TextIO) -> None:
    """Discard further output to a stream without a reader.

    So a command that changes files completes even with ``| head``.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def terminal_bytes(data: bytes, encoding: str = "utf-8") -> bytes:
    """Return ``data`` for a terminal: escaped, except line ends.

    UTF-8 is converted to the encoding of the terminal, in which other bytes could be
    control characters.
    """
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    ends = ["\r" if line.endswith("\r") else "" for line in lines]
    safe = [
        escape(line.removesuffix("\r"), "\t") + end
        for line, end in zip(lines, ends, strict=True)
    ]
    return "\n".join(safe).encode(encoding, "backslashreplace")
