"""Import plain files into an existing folder of a server, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from typing import NamedTuple

from zope.app.fssync.client import listing
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.importing import Source
from zope.app.fssync.client.importing import new_entries
from zope.app.fssync.client.listing import Listed
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.submission import quoted_note
from zope.app.fssync.client.url import masked
from zope.app.fssync.protocol.headers import TRANSACTION
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import REHEARSE_COMMIT
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.errors import Error
from zope.fssync.limits import NAMED_PATHS
from zope.fssync.metadata import BASE
from zope.fssync.metadata import Entry
from zope.fssync.metadata import dump_entries
from zope.fssync.report import Change
from zope.fssync.snarf import Snarfer
from zope.fssync.streams import chunks
from zope.fssync.streams import digest_of
from zope.fssync.streams import spooled
from zope.fssync.terminal import escape

__all__ = ["fill"]


class _Replaced(NamedTuple):
    """A file of the server that is replaced, and the digest of its content."""

    known: Listed
    digest: str


class _Filling:
    """Find the new files of a source, and write their archive.

    Paths in the source, ``inside``, have slashes; that of the source itself is empty.
    """

    def __init__(
        self,
        network: Network,
        source: Source,
        path: str,
        force: bool,
        reporter: Callable[[str], object],
    ) -> None:
        self.network = network
        self.source = source
        self.force = force
        self.reporter = reporter
        self.scope = Scope()
        #: The names that are sent, by directories that exist on both sides.
        self.names: dict[str, list[str]] = {}
        #: The entries of the server for paths that exist on both sides.
        self.known: dict[str, Listed] = {}
        self.replaced: dict[str, _Replaced] = {}
        #: Paths on both sides: of another kind on the server, or files that stay.
        self.misfits: list[str] = []
        self.kept: list[str] = []
        self._look("", path)

    def _look(self, inside: str, path: str) -> bool:
        """Compare a directory with the server's; return True if any of it is sent."""
        found = listing.fetch(self.network, path)
        self.known[inside] = found.top
        there = {paths.nfc(each.name): each for each in found.items}
        sent = []
        for name in self.source.names(inside, self.reporter):
            below = f"{inside}/{name}" if inside else name
            known = there.get(paths.nfc(name))
            if known is None or self._is_sent(below, known, path):
                sent.append(name)
        self.names[inside] = sent
        return bool(sent)

    def _is_sent(self, inside: str, known: Listed, above: str) -> bool:
        """Compare a path on both sides; return True if something of it is sent."""
        path = f"{above.rstrip('/')}/{known.name}"
        kind = self.source.kind(inside)
        if (kind == "dir") != (known.kind == "directory"):
            self.misfits.append(inside)
            return False
        if kind == "dir":
            return self._look(inside, path)
        if not self.force:
            self.kept.append(inside)
            return False
        with fetch(self.network, path) as response:
            archive = response.archive
            with archive.readable(only_name(archive, known.name)) as stream:
                digest = digest_of(stream)
        with self.source.open(inside) as stream:
            if digest_of(stream) == digest:
                return False
        self.replaced[inside] = _Replaced(known, digest)
        return True

    def check(self, target: str) -> None:
        """Raise an error if files on the server would have to be replaced."""
        refused = self.misfits or self.kept
        if not refused:
            return
        shown = [self.source.shown(inside) for inside in refused]
        more = len(shown) - NAMED_PATHS
        named = ", ".join(f"'{escape(each)}'" for each in shown[:NAMED_PATHS])
        named += f" and {more} more" if more > 0 else ""
        raise Error(
            f"there is already in '{escape(target)}': {named}",
            path=shown[0],
            advice="Nothing was sent. "
            + (
                "A file and a directory do not replace one another."
                if self.misfits
                else "--force replaces the content of files."
            ),
        )

    def __call__(self, stream: IO[bytes]) -> None:
        snarfer = Snarfer(stream)
        top = self.known[""].name or "root"
        self._add(snarfer, "", top)
        self._add_entries(snarfer, "", {top: _entry(self.known[""], top)})
        snarfer.addbytes(self.scope.dumps(), Scope.member)

    def _add(self, snarfer: Snarfer, inside: str, path: str) -> None:
        snarfer.adddir(f"{path}/")
        entries: dict[str, Entry] = {}
        for name in self.names[inside]:
            below = f"{inside}/{name}" if inside else name
            place = f"{path}/{name}"
            if below in self.names:
                entries[name] = _entry(self.known[below], name)
                self._add(snarfer, below, place)
                continue
            self.scope.add(TREE, place)
            replaced = self.replaced.get(below)
            if replaced is None:
                entries |= new_entries([name])
                self.source.add(snarfer, below, place, self.reporter)
                continue
            entries[name] = {**_entry(replaced.known, name), BASE: replaced.digest}
            self.source.add_file(snarfer, below, place)
            shown = self.source.shown(below)
            self.reporter(Change(report.SENT, shown, detail=report.MODIFIED))
        self._add_entries(snarfer, f"{path}/", entries)

    def _add_entries(
        self, snarfer: Snarfer, prefix: str, entries: dict[str, Entry]
    ) -> None:
        place = f"{prefix}{paths.CONTROL}/{paths.ENTRIES}"
        snarfer.addbytes(dump_entries(entries), place)


def _entry(known: Listed, name: str) -> Entry:
    """Return the server's entry of an object."""
    said = {"type": known.type, "factory": known.factory, "id": known.id}
    entry = {key: value for key, value in said.items() if value}
    if known.name != name:
        entry["key"] = known.name
    return entry


def fill(
    network: Network,
    source: Source,
    target: str,
    note: str,
    dry_run: bool,
    force: bool,
    reporter: Callable[[str], object],
) -> str:
    """Make new objects of a directory in the folder of the root URL.

    With ``force`` files that are there get the content of those here.  ``target`` is
    how people call the folder.  Return what was done.
    """
    path = network.rootpath or "/"
    target = masked(target) if "://" in target else target
    filling = _Filling(network, source, path, force, reporter)
    filling.check(target)
    if not filling.names[""]:
        return "Nothing to import."
    view = f"{REHEARSE_COMMIT if dry_run else COMMIT}?note={quoted_note(note)}"
    with spooled([]) as stream:
        filling(stream)
        # Add-ons that replace `httpreq` read it from where it is.
        stream.seek(0)
        answer, headers = network.httpreq(path, f"{view}&raise=1", stream)
        with answer:
            for _ in chunks(answer):
                # The objects as they are now; nothing here is to be brought up to date.
                continue
    did = "Would import" if dry_run else "Imported"
    state = headers.get(TRANSACTION)
    return f"{did} into {escape(target)}{f' as {state}' if state else ''}."
