"""The data folder of a demo server: its files, its lock and who holds it.

The rule: whoever uses the database holds the lock on ``server.lock``.  The
server inherits the lock from the command that starts it and keeps it while it
lives, so "is it running?" has an exact answer: no stale pid file can lie, and
a process that happens to have got the same pid is never taken for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from zope.fssync.errors import Error
from zope.fssync.limits import START_POLL

__all__ = ["Instance", "Running", "shown_host"]

ZOPE_CONF = """\
# Configuration of the demo server.  It is yours to change: delete the file and
# it is made anew at the next start.  Paths are relative to this folder.

site-definition site.zcml

<zodb>
  cache-size 2000
  cache-size-bytes 4MB
  <filestorage>
    path Data.fs
    blob-dir blobs
  </filestorage>
</zodb>

<eventlog>
  level info
  <logfile>
    path STDERR
    format %(asctime)s %(levelname)s %(name)s %(message)s
  </logfile>
</eventlog>
"""

SITE_ZCML = """\
<configure xmlns="http://namespaces.zope.org/zope">

  <include package="zope.app.fssync.demo" file="site.zcml" />

  <!-- Your own packages: <include package="..." /> -->

</configure>
"""


def shown_host(host: str) -> str:
    """The name to put into a URL for a person on this machine."""
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1", ""):
        return "localhost"
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True)
class Running:
    """A server that lives, and where it listens."""

    pid: int
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{shown_host(self.host)}:{self.port}"


class Instance:
    """A data folder."""

    def __init__(self, data: str | os.PathLike[str]) -> None:
        self.data = Path(os.path.abspath(data))
        self.log = self.data / "demo.log"
        self._lock = self.data / "server.lock"

    def prepare(self) -> None:
        """Make the folder and the configuration, unless they exist."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise Error(f"{self.data} is not a folder.") from error
        for name, content in (("zope.conf", ZOPE_CONF), ("site.zcml", SITE_ZCML)):
            path = self.data / name
            if not path.exists():
                path.write_text(content, encoding="utf-8")

    def acquire(self, patience: float = 0.5) -> int | None:
        """A file descriptor that holds the lock, or None when another has it.

        Asking whether a server runs takes the lock for a moment, hence the
        patience.
        """
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(lock)
                    return None
                time.sleep(START_POLL)
            else:
                os.truncate(lock, 0)
                return lock

    def claim(self, lock: int, running: Running) -> None:
        """Say in the locked file who holds the lock."""
        os.pwrite(lock, json.dumps(asdict(running)).encode(), 0)

    def running(self) -> Running | None:
        """The server that holds the lock."""
        if not self._lock.exists():
            return None
        deadline = time.monotonic() + 5
        while True:
            lock = self.acquire(patience=0)
            if lock is not None:
                os.close(lock)
                return None
            text = self._lock.read_text(encoding="utf-8")
            if text:
                return Running(**json.loads(text))
            # Its holder has yet to say who it is, or fills in the sample.
            if time.monotonic() >= deadline:
                raise Error(
                    f"Another command is at work in {self.data}.",
                    advice="Wait until it is done and try again.",
                )
            time.sleep(START_POLL)

    def wait_until_stopped(self, timeout: float) -> bool:
        """Return True if the lock became free in time."""
        lock = self.acquire(patience=timeout)
        if lock is None:
            return False
        os.close(lock)
        return True

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as f:
            f.seek(max(0, self.log.stat().st_size - 200 * lines))
            text = f.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])
