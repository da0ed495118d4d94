"""Plan the changes that an upload makes, and write the archive for the commit.

The upload is compared with the current state of the objects.  Objects that are not in
the upload stay, unless removal was requested and the upload has their directory.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from typing import IO
from typing import NamedTuple
from typing import Protocol

from zope.app.fssync.server.describedupload import Names
from zope.app.fssync.server.describedupload import change
from zope.app.fssync.server.describedupload import names_of
from zope.app.fssync.server.editedarchive import EditedArchive
from zope.app.fssync.server.plainfiles import CONTENT
from zope.app.fssync.server.plainfiles import DESCRIPTION
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.plainfiles import described_at
from zope.app.fssync.server.plainfiles import plain_files
from zope.fssync.description.model import Description
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import Error
from zope.fssync.messages import _
from zope.fssync.repository import SnarfRepository

__all__ = ["ADDED", "CHANGED", "MOVED", "REMOVED", "Edit", "Plan", "Sent", "prefix_of"]

#: The kinds of edits; an upload moves no object.
ADDED, CHANGED, REMOVED, MOVED = "A", "M", "D", "R"

#: Returns the class of a new object, None if only a pickle can name it.  Called with
#: the path of the nearest existing container, the name, and True for a directory.
MakeType = Callable[[str, str, bool], str | None]


class Sent(Protocol):
    """Files by their paths with slashes, as `Upload` has them."""

    @property
    def files(self) -> frozenset[str]:
        """The paths of the files."""

    @property
    def directories(self) -> set[str]:
        """The paths of the directories."""

    def read(self, path: str) -> bytes:
        """Return the content of a file."""


class Edit(NamedTuple):
    """An edit of one object: its kind, the name, and the file before and after."""

    what: str
    name: str
    old: PlainFile | None = None
    new: PlainFile | None = None


class Plan:
    """The changes of the archive ``mine`` that an upload makes.

    ``refused`` are pairs of a name and a reason.
    """

    def __init__(
        self, mine: SnarfRepository, upload: Sent, make: MakeType, remove: bool
    ) -> None:
        self.edits: list[Edit] = []
        self.refused: list[tuple[str, str]] = []
        self._edited = EditedArchive(mine)
        self._upload = upload
        self._make = make
        #: The paths of directories by name: all, and those that exist already.
        self._directories: dict[str, str] = {}
        self._there: dict[str, str] = {}
        current = list(plain_files(mine))
        self._prefix = prefix_of(upload, current)
        self._files = _Files(upload, self._prefix)
        self._descriptions = {
            file.name: file for file in current if file.kind == DESCRIPTION
        }
        known = {file.name.rstrip("/") for file in current}
        #: The names that describe an object of the upload or of the archive.
        self._describing: set[str] = set()
        for file in current:
            self._compare(file, remove)
        self._there.update(self._directories)
        for file in current:
            if file.kind in (CONTENT, DIRECTORY):
                self._compare_description(mine, file)
        sent = sorted({*upload.directories, *upload.files})
        for path in sent:
            name = self._prefix + path
            if name not in known and not any(map(is_description, name.split("/"))):
                self._add(name, path)
        for path in sent:
            self._check_describes(self._prefix + path, known)
        self.edits.sort(key=lambda edit: edit.name)

    def _compare(self, file: PlainFile, remove: bool) -> None:
        name = file.name.rstrip("/")
        sent = name.removeprefix(self._prefix)
        is_sent = name.startswith(self._prefix)
        is_directory = file.kind == DIRECTORY
        if is_directory:
            self._directories[name] = file.path
        if is_sent and sent in (
            self._upload.files if is_directory else self._upload.directories
        ):
            self.refused.append((name, _("a file and a folder of the same name")))
        elif not is_directory and is_sent and sent in self._upload.files:
            if file.kind != DESCRIPTION:
                self._compare_content(file, self._upload.read(sent))
        elif (
            remove
            and file.kind in (CONTENT, DIRECTORY)
            and self._is_missing(name, sent)
        ):
            self._remove(file, name)

    def _compare_content(self, file: PlainFile, content: bytes) -> None:
        if _content(file) == content:
            return
        self._edited.write(file.path, content)
        self.edits.append(Edit(CHANGED, file.name, file, _file(file.name, content)))

    def _is_missing(self, name: str, sent: str) -> bool:
        """Return True if the upload has the directory of a file, but not the file."""
        above = name.rpartition("/")[0]
        has_above = f"{above}/" == self._prefix or (
            above.removeprefix(self._prefix) in self._upload.directories
        )
        return bool(above) and has_above and sent not in self._upload.directories

    def _remove(self, file: PlainFile, name: str) -> None:
        self._edited.remove(file.path)
        self.edits.append(Edit(REMOVED, name, None if file.kind == DIRECTORY else file))

    def _compare_description(self, mine: SnarfRepository, file: PlainFile) -> None:
        """Compare the description of an object with the uploaded one, if any."""
        name = file.name.rstrip("/")
        names = names_of(name, file.kind == DIRECTORY)
        self._describing.update(names)
        text = self._files.get(names.description)
        if text is None or not self._edited.is_here(file.path):
            return
        before = self._descriptions.get(names.description)
        if before is not None and _content(before) == text:
            return
        base, known = described_at(mine, file.path)
        if self._describe(file.path, text, base, known, names):
            after = _file(names.description, text)
            self.edits.append(Edit(CHANGED, names.description, before, after))

    def _describe(
        self,
        path: str,
        text: bytes,
        base: Description,
        known: Mapping[str, str],
        names: Names,
    ) -> bool:
        try:
            change(self._edited, path, text, base, known, names, self._files)
        except Error as error:
            self.refused.append((names.description, error.message))
            return False
        return True

    def _check_describes(self, name: str, known: Collection[str]) -> None:
        """Refuse a description without an object."""
        parts = name.split("/")
        places = (
            "/".join(parts[: number + 1])
            for number, part in enumerate(parts)
            if is_description(part)
        )
        place = next(places, None)
        if place is not None and place not in self._describing and name not in known:
            self.refused.append((name, _("there is no object that it describes")))

    def _add(self, name: str, sent: str) -> None:
        above, last = name.rpartition("/")[::2]
        is_directory = sent in self._upload.directories
        if above not in self._directories:
            self.refused.append((name, _("there is no folder for it")))
            return
        path = f"{self._directories[above]}/{last}"
        entries = self._edited.entries(self._directories[above])
        # An entry without a type: the server chooses the class.
        entries[last] = {"flag": "added"}
        names = names_of(name, is_directory)
        self._describing.update(names)
        text = self._files.get(names.description)
        if text and not self._describe(path, text, Description({}, {}), {}, names):
            return
        if "factory" not in entries[last]:
            made = self._make(self._nearest(above), last, is_directory)
            if made is None:
                self.refused.append((name, _("its class is not known")))
                return
        self._added(name, path, sent, is_directory)
        if text:
            described = _file(names.description, text)
            self.edits.append(Edit(ADDED, names.description, None, described))

    def _added(self, name: str, path: str, sent: str, is_directory: bool) -> None:
        if is_directory:
            self._directories[name] = path
            self._edited.make_directory(path)
            self.edits.append(Edit(ADDED, name))
            return
        content = self._upload.read(sent)
        self._edited.write(path, content)
        self.edits.append(Edit(ADDED, name, None, _file(name, content)))

    def _nearest(self, name: str) -> str:
        while name not in self._there:
            name = name.rpartition("/")[0]
        return self._there[name]

    def archive(self) -> IO[bytes]:
        """Return a temporary file with the archive for a commit."""
        return self._edited.for_commit()


class _Files:
    """The files of an upload, by their names in the plan."""

    def __init__(self, upload: Sent, prefix: str) -> None:
        self._upload = upload
        self._prefix = prefix
        self._paths = upload.files

    def get(self, name: str) -> bytes | None:
        """Return the content of a file, None if it was not sent."""
        path = name.removeprefix(self._prefix)
        is_sent = name.startswith(self._prefix) and path in self._paths
        return self._upload.read(path) if is_sent else None


def prefix_of(upload: Sent, current: list[PlainFile]) -> str:
    """Return the prefix that the paths of the upload lack.

    The paths in a zip of the object begin with its name.  Those in a zip of the
    contents of a folder do not: the prefix is the name of the folder.
    """
    top = current[0].name.rstrip("/") if current[0].kind == DIRECTORY else ""
    sent = {path.split("/")[0] for path in (*upload.files, *upload.directories)}
    return f"{top}/" if top and sent != {top} else ""


def _content(file: PlainFile) -> bytes:
    return b"".join(file.pieces())


def _file(name: str, content: bytes) -> PlainFile:
    return PlainFile(name, len(content), lambda: [content])
