"""People with working copies on a site, and a wire that shows what they exchange."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from typing import Any
from typing import NamedTuple
from urllib.parse import parse_qs

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.views import LOG
from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.tests.scenarios.changesonly import described
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.changeset import Scope
from zope.fssync.errors import ServerUnreachable
from zope.fssync.repository import SnarfRepository
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import inflated

__all__ = ["Person", "Said", "Wire"]


class Said(NamedTuple):
    """One request and its answer."""

    view: str
    arguments: dict[str, list[str]]
    state: str | None
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def archive(self) -> SnarfRepository:
        """The archive in the answer."""
        stream: IO[bytes] = io.BytesIO(self.body)
        if self.headers.get(CODING) == DEFLATE:
            stream = inflated(stream)
        return SnarfRepository(stream)

    @property
    def scope(self) -> Scope | None:
        """What the answer is about, None for everything."""
        return Scope.of(self.archive)


class Wire:
    """A site, as a WSGI application that remembers what is said."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.said: list[Said] = []
        #: What clients ask to know who changed what they have received.
        self.logs: list[Said] = []

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Any:
        if "urllib" in environ.get("HTTP_USER_AGENT", ""):
            # That is how the tests look what there should be.
            return self.site(environ, start_response)
        start: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *error: Any) -> None:
            start[:] = [status, headers]

        answer = self.site(environ, note)
        body = b"".join([piece for piece in answer])  # noqa: C416
        if hasattr(answer, "close"):
            answer.close()
        view = environ["PATH_INFO"].rpartition("/")[2]
        said = self.logs if view == LOG else self.said
        said.append(
            Said(
                view,
                parse_qs(environ.get("QUERY_STRING", "")),
                environ.get("HTTP_X_ZSYNC_STATE"),
                start[0],
                dict(start[1]),
                body,
            )
        )
        start_response(*start)
        return [body]

    def views(self) -> list[str]:
        """Return the views that were asked for, and forget them."""
        views = [each.view for each in self.said]
        self.said.clear()
        return views


class Person:
    """Somebody with a working copy of one object."""

    def __init__(
        self, url: str, login: str, place: Path, path: str = "/area/demo"
    ) -> None:
        self.url = url
        self.login = login
        self.place = place
        self.root = place / "co"
        self.top = self.root / (path.rpartition("/")[2] or "root")
        self.warnings: list[str] = []
        self.conflicts: list[str] = []
        #: Is the next reply to a commit to be lost on its way?
        self.lossy = False
        place.mkdir(exist_ok=True)
        address = url.replace("//", f"//{login}:{login}pw@")
        self.address = f"{address}{path}"
        self.check_out_once_more()

    def check_out_once_more(self) -> None:
        """Check out, into what is there if there is something."""
        with self._client(self.address) as client:
            client.checkout(str(self.root))

    @property
    def state_file(self) -> Path:
        """Where the states of the server are kept."""
        return control(self.root) / "State"

    @contextmanager
    def _client(
        self, url: str | None = None, lines: list[str] | None = None
    ) -> Iterator[FSSync]:
        network = LossyNetwork(self)
        try:
            report = None if lines is None else lines.append
            fs = FSSync(network=network, rooturl=url, reporter=report)
            fs.accept_deletions = lambda question: True
            yield fs
            self.conflicts = list(fs.conflicts)
        finally:
            network.close()

    def __call__(self, verb: str, path: Any = "", *args: Any) -> list[str]:
        """Run a command on a path below the top; return what is reported."""
        lines: list[str] = []
        with self._client(lines=lines) as client:
            getattr(client, verb)(str(self.top / path if path else self.top), *args)
        return [line.replace(str(self.root) + "/", "") for line in lines]

    def commit_all(self, *paths: str) -> list[str]:
        """Commit several paths below the top at once; return what is reported."""
        lines: list[str] = []
        with self._client(lines=lines) as client:
            client.commit_all([str(self.top / path) for path in paths])
        return [line.replace(str(self.root) + "/", "") for line in lines]

    def read(self, path: str) -> bytes:
        """Return the content of a file below the top, or of a part of an object."""
        return read(self.top / path)

    def write(self, path: str, data: bytes) -> None:
        """Edit a file below the top, or a part of an object."""
        file = Part(self.top / path) if "@@Zope" in path else self.top / path
        file.write_bytes(data)

    def differences(self, path: str = "") -> dict[str, Any]:
        """Return where the working copy is not what a full checkout gives."""
        target = str(self.top / path) if path else str(self.top)
        found, clean = described.described(target)
        assert clean, "there are local changes"
        where = described.looking().getentry(target)["id"]
        answer = described.fetched(self.url, self.login, where)
        assert isinstance(answer, bytes), answer
        return described.difference(found, described.sent(answer))

    def update(self, path: str = "") -> list[str]:
        """Update, and compare with what a full checkout gives."""
        lines = self("update", path)
        assert self.differences(path) == {}
        return lines


class LossyNetwork(Network):
    """Loses an answer after the server has given it, if it is told to."""

    def __init__(self, person: Person) -> None:
        self._person = person
        options = TransportOptions(warn=person.warnings.append)
        super().__init__(filename=str(person.place / "tokens"), options=options)

    def httpreq(self, path: str, view: str, *args: Any, **options: Any) -> Any:
        """See `Network`."""
        answer = super().httpreq(path, view, *args, **options)
        if self._person.lossy and view.startswith("@@fromFS"):
            self._person.lossy = False
            answer[0].close()
            raise ServerUnreachable("the connection is closed")
        return answer
