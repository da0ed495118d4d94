"""People at work on the processes that serve one storage."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.log import Query
from zope.app.fssync.demo.instance import ZOPE_CONF
from zope.app.fssync.testing.databases import Storage
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.tests.scenarios.changesonly import described
from zope.fssync.errors import ServerUnreachable

NAME = PASSWORD = "zsync"

#: The button of the contents page that removes objects.
DELETE = "container_delete_button"


class Servers:
    """The processes that serve a storage."""

    def __init__(self, storage: Storage, place: Path) -> None:
        self.storage = storage
        #: By data folder; working copies know them.
        self.ports: dict[Path, int] = {}
        self.demos = []
        head, rest = ZOPE_CONF.split("  <filestorage>")
        _, tail = rest.split("</filestorage>")
        for number in range(storage.processes):
            demo = Demo(place / f"server{number}")
            demo.instance.prepare()
            text = f"{storage.imports}\n{head}{storage.section}{tail}"
            (demo.data / "zope.conf").write_text(text)
            self.demos.append(demo)
        self.demos[0]("sample")

    def start(self) -> None:
        """Start all processes that do not run, each where it was."""
        for demo in self.demos:
            if demo.instance.running() is None:
                demo("start", "--port", str(self.ports.get(demo.data, 0)))
            self.ports[demo.data] = demo.running.port

    def stop(self) -> None:
        """Stop all processes."""
        for demo in self.demos:
            demo("stop")

    def begin_anew(self) -> None:
        """Have the sample content instead of what was made of it."""
        demo = self.demos[0]
        demo.post("@@contents.html", {"ids:list": "demo", DELETE: "Delete"})
        demo.post("@@demo-sample", {})

    def url(self, number: int) -> str:
        port = self.demos[number % len(self.demos)].running.port
        return f"http://{NAME}:{PASSWORD}@127.0.0.1:{port}/demo"


class Person:
    """A working copy that is checked out from one of the processes."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.tokens = str(home / "tokens")
        self.top = home / "co" / "demo"
        #: Bytes of the last answer.
        self.received = 0
        self._run("checkout", home / "co", url)

    def __call__(self, phase: str, done: int, total: int | None = None) -> None:
        """See `IProgress`."""
        if phase == "receiving":
            self.received = done

    def objects(self, phase: str, done: int, total: int, word: str = "") -> None:
        """See `IProgress`."""

    def finish(self) -> None:
        """See `IProgress`."""

    def _run(
        self,
        verb: str,
        path: Path,
        url: str | None = None,
        network: type[Network] = Network,
    ) -> None:
        opened = network(filename=self.tokens)
        opened.progress = self
        self.received = 0
        with contextlib.closing(opened):
            fs = FSSync(network=opened, rooturl=url)
            getattr(fs, verb)(str(path))
            assert not fs.conflicts

    def update(self) -> None:
        self._run("update", self.top)

    def commit(self) -> None:
        self._run("commit", self.top)

    def read(self, path: str) -> bytes:
        return (self.top / path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        (self.top / path).write_bytes(data)

    def add(self, path: str, data: bytes) -> None:
        self.write(path, data)
        self._run("add", self.top / path)

    def add_as(
        self, path: str, data: bytes, type: str | None = None, factory: str = ""
    ) -> None:
        self.write(path, data)
        with contextlib.closing(Network(filename=self.tokens)) as network:
            FSSync(network=network).add(str(self.top / path), type, factory or None)

    def remove(self, path: str) -> None:
        self._run("remove", self.top / path)

    def move(self, path: str, new: str) -> None:
        with self.client() as fs:
            fs.move([str(self.top / path)], str(self.top / new))

    @contextlib.contextmanager
    def client(self) -> Iterator[FSSync]:
        with contextlib.closing(Network(filename=self.tokens)) as network:
            yield FSSync(network=network, rooturl=self.url)

    def log(self, path: str = "") -> list[Logged]:
        with self.client() as fs:
            return list(fs.log(str(self.top / path), Query(limit=5)))

    def cat(self, path: str, revision: str) -> bytes:
        found: list[bytes] = []
        with self.client() as fs:
            fs.cat(str(self.top / path), found.append, revision)
        return b"".join(found)

    def diff(self, first: str, second: str | None) -> str:
        found: list[bytes] = []
        with self.client() as fs:
            fs.diff_revisions(
                str(self.top), (first, second), "-U 0", found.append, lambda path: None
            )
        return b"".join(found).decode()

    def check(self) -> None:
        """The working copy is what the server sends to who has nothing."""
        scheme, _, rest = self.url.removesuffix("/demo").partition("://")
        login, _, host = rest.rpartition("@")
        name, _, password = login.partition(":")
        archive = described.fetched(f"{scheme}://{host}", name, "/demo", password)
        assert isinstance(archive, bytes)
        found, clean = described.described(str(self.top))
        assert clean
        assert not described.difference(found, described.sent(archive))


class LostReplies(Network):
    """Sends commits and loses the answers."""

    def httpreq(self, *args: Any, **more: Any) -> Any:
        body, _ = super().httpreq(*args, **more)
        body.close()
        raise ServerUnreachable("the reply was lost")
