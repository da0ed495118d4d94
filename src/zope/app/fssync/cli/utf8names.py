"""File names are UTF-8, whatever the locale says, as in a later Python.

With a locale of Latin-1, say, this Python takes names for Latin-1: a working copy that
was made in UTF-8 would seem to lack files, and others cannot have their names at all.
The program then begins anew in the UTF-8 mode of Python.  What a person types and
sees stays in the encoding of the locale.  Who sets PYTHONUTF8 has chosen already.
"""

from __future__ import annotations

import os
import sys

__all__ = ["begin"]

#: In the environment of the new process: the encoding of the terminal.
_STREAMS = "ZSYNC_STREAMS"


def begin() -> None:
    """Begin anew in UTF-8 mode; in the new process set the encoding of the streams."""
    encoding = os.environ.pop(_STREAMS, None)
    if encoding is None:
        if "PYTHONUTF8" in os.environ or not sys.executable:
            return
        os.environ[_STREAMS] = sys.getfilesystemencoding()
        words = ["-X", "utf8", *sys.orig_argv[1:]]
        os.execv(sys.executable, [os.fsencode(sys.executable), *map(_utf8, words)])
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A stream that is closed is None.
        if stream is not None:
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]


def _utf8(word: str) -> bytes:
    """Return a word of the command line in UTF-8; the shell may have it from a name."""
    raw = os.fsencode(word)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return word.encode("utf-8", "surrogateescape")
    return raw
