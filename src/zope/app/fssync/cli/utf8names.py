"""Use UTF-8 for file names in any locale, as later versions of Python do.

In a locale of Latin-1, for example, this Python decodes names as Latin-1: a working
copy that was made in UTF-8 would seem to lack files, and some names could not be
written at all.  So the program restarts itself in the UTF-8 mode of Python.  Input and
output on the terminal stay in the encoding of the locale.  With PYTHONUTF8 in the
environment it does not restart.
"""

from __future__ import annotations

import os
import sys

__all__ = ["begin"]

#: The variable that passes the encoding of the terminal to the new process.
_STREAMS = "ZSYNC_STREAMS"


def begin() -> None:
    """Restart in UTF-8 mode; in the new process set the encoding of the streams."""
    encoding = os.environ.pop(_STREAMS, None)
    if encoding is None:
        if "PYTHONUTF8" in os.environ or not sys.executable:
            return
        os.environ[_STREAMS] = sys.getfilesystemencoding()
        words = ["-X", "utf8", *sys.orig_argv[1:]]
        os.execv(sys.executable, [os.fsencode(sys.executable), *map(_utf8, words)])
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A closed stream is None.
        if stream is not None:
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]


def _utf8(word: str) -> bytes:
    """Return an argument in UTF-8, since it may be a file name from the shell."""
    raw = os.fsencode(word)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return word.encode("utf-8", "surrogateescape")
    return raw
