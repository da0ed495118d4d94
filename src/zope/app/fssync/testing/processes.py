"""Commands as processes of their own."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

__all__ = ["environment", "free_port", "zsync_command"]

_personal = {"CLICOLOR_FORCE", "EDITOR", "LESS", "NETRC", "NO_COLOR", "PAGER", "VISUAL"}

_run = "import sys; from zope.app.fssync.main import main; sys.exit(main())"


def zsync_command(*arguments: str) -> list[str]:
    """Return the command line that runs zsync."""
    return [sys.executable, "-c", _run, *arguments]


def environment(home: Path | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a process that imports what this one imports.

    Left out are proxies, since the servers of tests are on this machine, and with a
    ``home`` what people set for zsync.  The coverage of zsync is measured where it
    runs in the process of a test, see `commands`.
    """
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    if home is not None:
        kept = {k: v for k, v in kept.items() if not _is_personal(k)}
        kept["HOME"] = str(home)
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


def _is_personal(name: str) -> bool:
    return name in _personal or name.startswith(("ZSYNC_", "XDG_", "COVERAGE_"))


def free_port() -> int:
    """Return a port of this machine that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
