"""A server in memory for the tests of the client, and a client at work on it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.compactwriter import CompactWriter
from zope.app.fssync.protocol.headers import OBJECTS
from zope.app.fssync.protocol.headers import STREAMED
from zope.fssync.files import Tree
from zope.fssync.fsutil import getoriginal
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import ANSWER

__all__ = [
    "Client",
    "Server",
    "lose_original",
    "metadata",
    "pristine",
]

URL = "http://localhost:8080/demo"


def metadata() -> Metadata:
    """What is known of working copies, wherever it lies."""
    return Metadata(CompactWriter(Tree()))


def pristine(path: Path) -> bytes:
    """The original of a file, wherever it lies."""
    with CompactTree(Tree()).open(getoriginal(str(path))) as stream:
        return stream.read()


def lose_original(path: Path) -> None:
    """Take the original of a file away, wherever it lies."""
    files = CompactWriter(Tree(), compact=True)
    files.remove(getoriginal(str(path)))
    files.flush()


class Server:
    """Objects by their path: bytes are files, None is a folder.

    It stores what it is sent without a check; ``refusal`` is raised instead.
    ``answer`` replaces the archive; ``before_answer`` is called with the
    server before it answers, as the place where others get in between.  With
    ``streamed`` the archive comes while it is being read; ``announced`` is what is said
    of its objects before.
    """

    def __init__(self, objects: dict[str, bytes | None]) -> None:
        self.objects = objects
        self.binary: set[str] = set()
        self.extras: dict[str, bytes] = {}
        self.refusal: Exception | None = None
        self.answer: bytes | None = None
        self.before_answer: Callable[[Server], object] | None = None
        self.requests: list[str] = []
        self.submission: SnarfRepository | None = None
        self.streamed = False
        self.announced: str | None = None

    def archive(self, top: str) -> bytes:
        stream = io.BytesIO()
        repository = SnarfRepository(stream)
        self._write(repository, top.rpartition("/")[0], [top])
        if self.streamed:
            self._file(repository, ANSWER, b"X-Fssync-Withheld 0\n")
        return stream.getvalue()

    def _write(
        self, repository: SnarfRepository, directory: str, paths: list[str]
    ) -> None:
        # Paths in the archive begin at the top object.
        start = len(directory) + 1 if directory else 0
        stack = [(directory, paths)]
        while stack:
            directory, paths = stack.pop()
            entries = {path.rpartition("/")[2]: self._entry(path) for path in paths}
            self._store(repository, directory[start:], entries)
            for path in paths:
                if path in self.extras:
                    self._extra(repository, path[start:], self.extras[path])
            for path in paths:
                content = self.objects[path]
                if content is None:
                    stack.append((path, self.children(path)))
                else:
                    self._file(repository, path[start:], content)

    def _extra(self, repository: SnarfRepository, path: str, value: bytes) -> None:
        directory, _, name = path.rpartition("/")
        special = "/".join(filter(None, [directory, "@@Zope/Extra", name]))
        self._store(repository, special, {"contentType": {"type": "builtins.str"}})
        self._file(repository, f"{special}/contentType", value)

    def _store(
        self, repository: SnarfRepository, directory: str, entries: dict[str, Any]
    ) -> None:
        path = "/".join(filter(None, [directory, "@@Zope/Entries.xml"]))
        self._file(repository, path, dump_entries(entries))

    def _file(self, repository: SnarfRepository, path: str, content: bytes) -> None:
        stream = repository.writeable(path)
        stream.write(content)
        stream.close()

    def _entry(self, path: str) -> dict[str, str]:
        kind = "Folder" if self.objects[path] is None else "File"
        entry = {"id": f"/{path}", "type": kind, "factory": kind}
        if path in self.binary:
            entry["binary"] = "true"
        return entry

    def children(self, folder: str) -> list[str]:
        return sorted(
            path for path in self.objects if path.rpartition("/")[0] == folder
        )

    def store(self, top: str, archive: SnarfRepository) -> None:
        self.submission = archive
        metadata = archive.getMetadata()
        prefix = top.rpartition("/")[0]

        def walk(directory: str) -> None:
            for name in metadata.getnames(directory):
                path = f"{directory}/{name}" if directory else name
                full = f"{prefix}/{path}" if prefix else path
                if metadata.getentry(path).get("flag") == "removed":
                    for each in list(self.objects):
                        if each == full or each.startswith(full + "/"):
                            del self.objects[each]
                elif archive.isdir(path):
                    self.objects.setdefault(full, None)
                    walk(path)
                elif archive.isfile(path):
                    self.objects[full] = archive.readFile(path)

        walk("")


class CannedNetwork(Network):
    """Asks a `Server` in this process."""

    def __init__(self, server: Server, home: Path) -> None:
        self.server = server
        self.warnings: list[str] = []
        super().__init__(
            filename=str(home / "tokens"),
            options=TransportOptions(warn=self.warnings.append),
        )

    def httpreq(self, path, view, datasource=None, *args, **options):
        server = self.server
        server.requests.append(f"{path} {view}")
        if server.before_answer is not None:
            server.before_answer(server)
        if server.refusal is not None:
            raise server.refusal
        top = path.strip("/")
        if datasource is not None:
            # From where it is, as those of add-ons do.
            archive = SnarfRepository(io.BytesIO(datasource.read()))
            server.store(top, archive)
        if view.startswith("@@checkin"):
            return io.BytesIO(b""), {"Content-Type": "text/plain"}
        data = server.archive(top) if server.answer is None else server.answer
        headers = {"Content-Type": "application/x-snarf"}
        if server.streamed:
            headers[STREAMED] = "yes"
        if server.announced is not None:
            headers[OBJECTS] = server.announced
        return io.BytesIO(data), headers


class Client:
    """Runs verbs as the commands do, each with a client of its own."""

    def __init__(self, server: Server, home: Path) -> None:
        self.server = server
        self.home = home
        self.conflicts: list[str] = []
        self.damaged: list[str] = []
        self.warnings: list[str] = []

    def __call__(self, verb: str, *args: Any, **options: Any) -> list[str]:
        """What is reported; relative to the home if it lies there."""
        lines: list[str] = []
        fs = FSSync(
            network=CannedNetwork(self.server, self.home),
            rooturl=options.pop("url", None),
            reporter=lines.append,
        )
        getattr(fs, verb)(*args, **options)
        self.conflicts = [self._shown(path) for path in fs.conflicts]
        self.damaged = [self._shown(path) for path in fs.damaged]
        return [self._shown(line) for line in lines]

    def each(self, verb: str, *targets: str, **options: Any) -> list[str]:
        """The verb for every target, or for what is registered in one."""
        lines: list[str] = []
        network = CannedNetwork(self.server, self.home)
        self.warnings = network.warnings
        fs = FSSync(network=network, reporter=lines.append)
        fs.multiple(targets, lambda path: getattr(fs, verb)(path, **options))
        self.conflicts = [self._shown(path) for path in fs.conflicts]
        return [self._shown(line) for line in lines]

    def _shown(self, line: str) -> str:
        return line.replace(f"{self.home}{os.sep}", "")
