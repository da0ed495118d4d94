"""A real instance of Zope, as mkwsgiinstance makes it, with a server of its own."""

from __future__ import annotations

import base64
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import NamedTuple

from AuthEncoding.AuthEncoding import pw_encrypt

from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import free_port

__all__ = ["Answer", "ZopeInstance"]

LINE = '<include package="zope.app.fssync.hosts.ofs" />\n'
SLUG = "zope.app.fssync.hosts.ofs-configure.zcml"
PATIENCE = 60

#: Seconds that a server may take to start: that of Plone needs many on a busy machine.
START = 240

#: How scripts of the test open the database of an instance that is not running.
OPEN = """
import sys, transaction, Zope2
from Zope2.Startup.run import configure_wsgi
configure_wsgi(sys.argv[1])
app = Zope2.app()
from Testing.makerequest import makerequest
from AccessControl.SecurityManagement import newSecurityManager
from AccessControl.users import system
app = makerequest(app)
newSecurityManager(None, system.__of__(app.acl_users))
"""


class Answer(NamedTuple):
    """What came back for a request."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def python(
    *args: str, executable: str = sys.executable, env: Any = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run Python, and show what it said where it failed."""
    done = subprocess.run(
        [executable, *args],
        env=environment() if env is None else env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE * 20,
        **more,
    )
    assert done.returncode == 0, done.stdout
    return done


class ZopeInstance:
    """An instance in ``place``; ``by`` says how the package is loaded.

    ``by`` is ``slug``, ``site.zcml`` or ``nothing``; ``zcml`` is what the site
    configures besides.  The administrator is ``zsync:zsync``.
    """

    #: The Python that Zope is installed for.
    executable = sys.executable

    #: How many seconds an answer may take to begin.
    patience: float = PATIENCE

    def __init__(
        self, place: Path, by: str = "slug", zeo: bool = False, zcml: str = ""
    ) -> None:
        self.place = place
        self.port = free_port()
        self.zeo_port = free_port() if zeo else None
        self.server: subprocess.Popen[bytes] | None = None
        self.python(
            *("-m", "Zope2.utilities.mkwsgiinstance"),
            *("-d", str(place), "-u", "zsync:zsync"),
        )
        self._configure(by)
        if zcml:
            slug = self.place / "etc" / "package-includes" / "more-configure.zcml"
            slug.write_text(zcml)

    def environment(self) -> dict[str, str]:
        """Return the environment of the processes of the instance."""
        return environment()

    def python(self, *args: str) -> str:
        """Run the Python of the instance, and return what it said."""
        return python(*args, executable=self.executable, env=self.environment()).stdout

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def conf(self) -> Path:
        return self.place / "etc" / "zope.conf"

    def log(self) -> str:
        return (self.place / "var" / "log" / "event.log").read_text()

    def _configure(self, by: str) -> None:
        # The default, bcrypt, takes half a second for each request.
        password = pw_encrypt("zsync", "SSHA").decode()
        (self.place / "inituser").write_text(f"zsync:{password}\n")
        etc = self.place / "etc"
        if by == "slug":
            (etc / "package-includes").mkdir(exist_ok=True)
            (etc / "package-includes" / SLUG).write_text(LINE)
        elif by == "site.zcml":
            mark = "<five:loadProducts />\n"
            site = (etc / "site.zcml").read_text()
            assert mark in site
            (etc / "site.zcml").write_text(site.replace(mark, mark + LINE))
        ini = (etc / "zope.ini").read_text()
        assert "port = 8080" in ini
        (etc / "zope.ini").write_text(ini.replace("8080", str(self.port)))
        if self.zeo_port:
            self._use_zeo()

    def _use_zeo(self) -> None:
        conf = self.conf.read_text()
        head, rest = conf.split("   <filestorage>", 1)
        _, tail = rest.split("</filestorage>", 1)
        storage = f"<zeoclient>\n server 127.0.0.1:{self.zeo_port}\n </zeoclient>"
        self.conf.write_text(head + storage + tail)

    def script(self, source: str) -> str:
        """Run a script, with ``app``, in a process of its own; it commits."""
        path = self.place / "script.py"
        path.write_text(f"{OPEN}\n{source}\ntransaction.commit()\n")
        return self.python(str(path), str(self.conf))

    @contextmanager
    def storage(self) -> Iterator[None]:
        """Have the storage server, where there is one."""
        if not self.zeo_port:
            yield
            return
        command = [self.executable, "-m", "ZEO.runzeo", *self._storage_options()]
        with self._process(command, self.zeo_port):
            yield

    def _storage_options(self) -> list[str]:
        data = self.place / "var" / "Data.fs"
        return ["-a", f"127.0.0.1:{self.zeo_port}", "-f", str(data)]

    @contextmanager
    def running(self) -> Iterator[ZopeInstance]:
        """Have the server answer requests."""
        code = "from Zope2.Startup.serve import main; main()"
        command = [self.executable, "-c", code, str(self.place / "etc" / "zope.ini")]
        with self._process(command, self.port) as self.server:
            yield self

    @contextmanager
    def _process(
        self, command: list[str], port: int
    ) -> Iterator[subprocess.Popen[bytes]]:
        said = self.place / f"{port}.log"
        with said.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            _await(port, process, said)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def request(
        self,
        method: str,
        path: str,
        user: str | None = "zsync:zsync",
        body: Any = None,
        **headers: str,
    ) -> Answer:
        """Send one request, and return the answer whatever its status is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, self.patience)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            token = base64.b64encode(user.encode()).decode()
            sent["Authorization"] = f"Basic {token}"
        if method == "POST":
            sent.setdefault("Content-Type", "application/x-snarf")
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


def _await(port: int, process: subprocess.Popen[bytes], said: Path) -> None:
    """Wait until a port is open: the process tells it in no other way."""
    end = time.monotonic() + START
    while time.monotonic() < end:
        assert process.poll() is None, said.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(said.read_text())
