"""Working copies at work on a site, each judged by what the server would send anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.workingcopy.modified import changed
from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.tests.scenarios.changesonly import described
from zope.app.fssync.tests.scenarios.changesonly.site import TOP
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.errors import Error
from zope.fssync.report import is_of_other_kind

__all__ = ["LOCAL", "Copy"]

TITLE = "zope.app.dublincore.ZopeDublinCore"

#: What an update says of what it does not find.
NOT_YET = "is not on the server yet"


class Copy:
    """A working copy of one principal."""

    def __init__(self, site: Site, url: str, login: str, place: Path) -> None:
        self.site = site
        self.url = url
        self.login = login
        self.place = place
        self.root = place / "co"
        self.top = self.root / "demo"
        self.scratch = 0
        self.warnings: list[str] = []
        #: Does the server fail to write what was asked for last?
        self.broken = False
        #: Does it not let this principal view that?
        self.is_hidden = False
        address = url.replace("//", f"//{login}:{login}pw@")
        with self._client(f"{address}{TOP}") as client:
            client.checkout(str(self.root))
        self.check(self.top, self.fresh(self.top))

    @contextmanager
    def _client(self, url: str | None = None) -> Iterator[FSSync]:
        """Yield a client, as a command makes one; it ends with the block."""
        options = TransportOptions(warn=self.warnings.append)
        network = Network(filename=str(self.place / "tokens"), options=options)
        try:
            fs = FSSync(network=network, rooturl=url)
            fs.accept_deletions = lambda question: True
            yield fs
        finally:
            network.close()

    def went_back(self) -> bool:
        """Was it said in the last command that the database was put back?"""
        return any("went back" in warning for warning in self.warnings)

    def _run(self, verb: str, path: Path) -> list[str]:
        """Run a command; return what is left in conflict."""
        self.warnings.clear()
        with self._client() as client:
            getattr(client, verb)(str(path))
            return client.conflicts

    def names(self) -> list[Path]:
        """Everything that is registered, the top first."""
        metadata = described.looking()
        found = []

        def walk(path: Path) -> None:
            found.append(path)
            for name in metadata.getnames(str(path)):
                if name != "++etc++site":
                    walk(path / name)

        walk(self.top)
        return found

    def pick(self, number: int) -> Path:
        """Pick something that is registered."""
        names = self.names()
        return names[number % len(names)]

    # Exchanges

    def update(self, path: Path) -> None:
        """Update, and find what the server would send anew."""
        wanted = self.fresh(path)
        if wanted is None:
            if self._is_added(path):
                self._must_stay(path)
            else:
                self._must_fail("update", path)
            return
        conflicts = self._run("update", path)
        if conflicts or self.went_back():
            # Both sides have changed something: the server's side shall win.
            is_sent_again = self._is_in_the_way(conflicts)
            self._run("revert", path)
            self._clear_away(path)
            assert not self._run("update", path)
            assert is_sent_again or not self.went_back()
        self.check(path, wanted)

    def _is_in_the_way(self, conflicts: list[str]) -> bool:
        """Is anything here of another kind, so that the server's is not received?"""
        return any(map(is_of_other_kind, map(described.looking().getentry, conflicts)))

    def _must_stay(self, path: Path) -> None:
        """What is new here, and not on the server, is none the worse for an update."""
        mine = described.described(str(path))
        refused = self._failure("update", path) is not None
        stays = refused or any(NOT_YET in warning for warning in self.warnings)
        assert stays or self.broken, path
        assert not stays or described.described(str(path)) == mine, path

    @staticmethod
    def _is_added(path: Path) -> bool:
        """Was it added here, and is not committed?"""
        return described.looking().getentry(str(path)).get("flag") == "added"

    def _clear_away(self, path: Path) -> None:
        """Remove what was added, which a revert leaves: it may be in the way."""
        registered = {*self.names(), self.root}
        for found in sorted(path.rglob("*"), reverse=True):
            if {"@@Zope", "++etc++site"} & set(found.parts):
                continue
            if found not in registered:
                shutil.rmtree(found) if found.is_dir() else found.unlink()

    def commit(self, path: Path) -> None:
        """Commit; where that is done nobody else's change is lost."""
        if self._is_added(path):
            self._commit_added(path)
            return
        others = self.fresh(path)
        if others is None:
            metadata = described.looking()
            # Who has nothing to commit does not ask.
            if any(changed(metadata.files, metadata, str(path))):
                self._must_fail("commit", path)
            return
        mine, _ = described.described(str(path))
        if self._commit(path, path, others):
            self._check_stored(mine, others, self.fresh(path) or {})
        if described.looking().getentry(str(path)):
            self.update(path)

    def _commit_added(self, path: Path) -> None:
        """Commit a new object alone; the folder it is added to takes it in."""
        folder = self.fresh(path.parent)
        if folder is None:
            self._must_fail("commit", path)
            return
        done = self._commit(path, path.parent, folder)
        if done and described.looking().getentry(str(path)):
            self.update(path)

    def _commit(self, path: Path, place: Path, others: described.Description) -> bool:
        """Whether it is done; if not it has changed nothing.

        ``place`` is what the commit is sent to, and ``others`` what is there.
        """
        error = self._failure("commit", path)
        if error is None:
            return True
        if "went back" in error.message:
            assert self.fresh(place) == others
            self.update(place)
            return False
        if "The commit is done" not in (error.advice or ""):
            assert self.fresh(place) == others
            self._run("revert", path)
            return False
        # Of what it was sent to nothing may be left that could be answered.
        assert self.fresh(place) is None, error
        self.update(self.top)
        return True

    def _check_stored(
        self,
        mine: described.Description,
        others: described.Description,
        stored: described.Description,
    ) -> None:
        """What was edited was not edited by somebody else, and is stored."""
        for shown, (_, content, original) in mine.items():
            if content is None or content == original or shown not in others:
                continue
            assert others[shown][1] in (original, content), shown
            if TITLE not in shown:
                assert stored[shown][1] == content, shown

    def _must_fail(self, verb: str, path: Path) -> None:
        """The server does not answer for a path, so there is nothing to exchange.

        Who may not view an object may be allowed to write it all the same.
        """
        may_be_done = verb == "commit" and self.is_hidden
        assert self.broken or self._failure(verb, path) or may_be_done, path

    def _failure(self, verb: str, path: Path) -> Error | None:
        """Run a command that may be refused, but not because of a defect."""
        try:
            self._run(verb, path)
        except Error as error:
            if "HTTP error 5" in str(error):
                raise
            return error
        return None

    def fresh(self, path: Path) -> described.Description | None:
        """What the server sends to who has nothing, None if it refuses."""
        where = described.looking().getentry(str(path)).get("id")
        if where is None:
            return None
        answer = described.fetched(self.url, self.login, where)
        if isinstance(answer, int):
            # 400: something refers to an object that is in the tree no more.
            assert answer in (400, 401, 403, 404), answer
            self.broken, self.is_hidden = answer == 400, answer == 403
            return None
        return described.sent(answer)

    def check(self, path: Path, wanted: described.Description | None) -> None:
        """A working copy is what the server sends to who has nothing.

        Where there are local changes it is so after a revert and an update, which
        brings back what was in directories that are removed.
        """
        assert wanted is not None
        found, clean = described.described(str(path))
        if not clean:
            self.scratch += 1
            place = self.place / f"scratch{self.scratch}"
            shutil.copytree(self.root, place, symlinks=True)
            target = place / path.relative_to(self.root)
            self._run("revert", target)
            self._run("update", target)
            found, clean = described.described(str(target))
            assert clean
            shutil.rmtree(place)
        different = described.difference(found, wanted)
        assert not different, different
        for where, part in described.kept(found, wanted).values():
            assert self.site.has(where, part), f"{where} {part} is gone, not hidden"

    # Local changes

    def edit_here(self, a: int, b: int) -> None:
        """Append to a file, which may be one with an annotation or an extra."""
        path = self.pick(a)
        if path.is_file():
            data = path.read_bytes()
            if data.startswith(b"<?xml") or b"<pickle" in data[:100]:
                return
            path.write_bytes(data + b"mine %d\n" % b)

    def edit_a_line_here(self, a: int, b: int) -> None:
        """Change a line of a file."""
        path = self.pick(a)
        if path.is_file() and b"<pickle" not in (data := path.read_bytes())[:100]:
            lines = data.splitlines(keepends=True)
            lines[b % (len(lines) or 1) :][:1] = [b"mine %d\n" % b]
            path.write_bytes(b"".join(lines))

    def entitle_here(self, a: int, b: int) -> None:
        """Edit the title of an object in the file that holds its Dublin Core."""
        path = self.pick(a)
        core = Part(path.parent / "@@Zope" / "Annotations" / path.name / TITLE)
        if core.exists():
            data = core.read_bytes()
            core.write_bytes(data.replace(b"Title ", b"Title 1", 1))

    def retype_here(self, a: int, b: int) -> None:
        """Edit the content type of a file, which is an extra of it."""
        path = self.pick(a)
        extra = Part(path.parent / "@@Zope" / "Extra" / path.name / "contentType")
        if extra.exists():
            data = extra.read_bytes()
            extra.write_bytes(data.replace(b"text/plain", b"text/html"))

    def add_here(self, a: int, b: int) -> None:
        """Add a file, or a directory with a file in it."""
        path = self.pick(a)
        directory = path if path.is_dir() else path.parent
        if directory == self.root:
            directory = self.top
        new = directory / f"mine{b}"
        if new.exists() or not directory.is_dir():
            return
        if b % 3 == 0:
            self._run("mkdir", new)
            new = new / "inner.txt"
        new.write_bytes(b"added %d\n" % b)
        self._run("add", new)

    def remove_here(self, a: int, b: int) -> None:
        """Remove an object."""
        path = self.pick(a)
        if path != self.top and path.exists():
            # Refused where that would lose local changes.
            self._failure("remove", path)

    def revert_here(self, a: int, b: int) -> None:
        """Take back local changes."""
        self._run("revert", self.pick(a))


LOCAL = (
    *(Copy.edit_here, Copy.edit_a_line_here, Copy.entitle_here, Copy.retype_here),
    *(Copy.add_here, Copy.remove_here, Copy.revert_here),
)
