"""Edit: one object in a temporary working copy, committed at each save.

The editor has a file of its own, which is not changed while the editor runs.  Changes
of others are merged into the working copy, and each save is merged with these, based on
the previous save.  So no save reverts the changes of others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client.checkout import checkout
from zope.app.fssync.client.commit import commit
from zope.app.fssync.client.conflicts import conflicts
from zope.app.fssync.client.conflicts import has_markers
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.hiddencopy import agree
from zope.app.fssync.client.hiddencopy import directory_for
from zope.app.fssync.client.hiddencopy import ignore_line
from zope.app.fssync.client.hiddencopy import left_places
from zope.app.fssync.client.hiddencopy import locked_place
from zope.app.fssync.client.hiddencopy import make_place
from zope.app.fssync.client.hiddencopy import remove_place
from zope.app.fssync.client.resolving import resolve
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import changing
from zope.app.fssync.client.session import reading
from zope.app.fssync.client.status import status
from zope.app.fssync.client.update import update
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync.descriptionnames import description_name
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import OutOfDate
from zope.fssync.files import Tree
from zope.fssync.files import is_temporary
from zope.fssync.files import replace
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.sparse import Sparse
from zope.fssync.streams import chunks
from zope.fssync.streams import same_content
from zope.fssync.terminal import escape
from zope.fssync.textmerge import TextMerge

__all__ = ["Edit", "Saved", "editing"]


class Saved(NamedTuple):
    """The result of a save: the transaction, and whether it was merged."""

    transaction: str | None
    merged: bool


@contextmanager
def editing(
    network: Network, url: str, note: str, description: bool = False
) -> Iterator[Edit]:
    """Yield the object of a URL, with a file for an editor.

    With ``description`` the file is the description of the object, not its content.
    The working copy is removed afterwards.  If something could not be committed, it is
    kept, and the error names its path.  An edit of the object that was kept, or whose
    process was killed, is continued.
    """
    network.setrooturl(url)
    with ExitStack() as stack:
        edit = _continued(stack, network, note, description)
        if edit is None:
            edit = _begun(stack, network, note, description)
        try:
            yield edit
            edit.check_settled()
        except BaseException as error:
            if edit.is_settled():
                remove_place(edit.place)
            elif isinstance(error, Error):
                error.advice = edit.kept_advice()
            else:
                network.options.warn(f"hint: {edit.kept_advice()}")
            raise
        remove_place(edit.place)


def _begun(stack: ExitStack, network: Network, note: str, description: bool) -> Edit:
    """Begin an edit in a new working copy, which the stack locks."""
    place = join(directory_for("edit"), os.urandom(4).hex())
    stack.enter_context(locked_place(place, "edit"))
    make_place(place)
    try:
        copy = join(place, "copy")
        sparse = Sparse()
        sparse.set((), "empty")
        checkout(network, copy, ignore_line, sparse, None, DESCRIBED)
        (target,) = reading(copy).registered(copy)
        source = _edited_file(network, target, description)
        for directory in ("file", "base"):
            _copy_file(source, join(place, directory, os.path.basename(source)))
        return Edit(network, place, note)
    except BaseException:
        remove_place(place)
        raise


def _continued(
    stack: ExitStack, network: Network, note: str, description: bool
) -> Edit | None:
    """Return an edit of the same object that was not settled, None if there is none.

    The stack locks its place.  Edits that were settled are removed.
    """
    found = None
    for place in left_places("edit"):
        with ExitStack() as own:
            try:
                own.enter_context(locked_place(place, "edit"))
            except Locked:
                # It is going on.
                continue
            if not _has_begun(place):
                remove_place(place)
                continue
            try:
                edit = Edit(network, place, note, is_continued=True)
            except Error as error:
                network.options.warn(f"hint: {escape(place)} is kept: {error}")
                continue
            if edit.is_settled():
                remove_place(place)
            elif found is None and edit.is_of(str(network.location), description):
                found = edit
                stack.push(own.pop_all())
            else:
                network.options.warn(f"hint: {edit.left_advice()}")
    return found


def _has_begun(place: str) -> bool:
    """Return True if the editor may have been started; `Edit` can be made then."""
    return any(_names(join(place, "base")))


def _names(directory: str) -> list[str]:
    """Return the names in a directory that may not exist, without temporary files."""
    tree = Tree()
    names = tree.listdir(directory) if tree.isdir(directory) else []
    return [name for name in names if not is_temporary(name)]


def _edited_file(network: Network, target: str, description: bool) -> str:
    """Return the path of the content of an object, or of its description."""
    is_directory = Tree().isdir(target)
    if not description and is_directory:
        url = network.rooturl
        raise Error(
            f"{escape(str(url))} is no file",
            path=target,
            advice=f"'zsync checkout {url}' brings what is in it; 'zsync edit "
            f"--description {url}' edits its title and properties.",
        )
    if not description:
        return target
    if is_directory:
        return join(target, description_name(""))
    directory, name = fsutil.split(target)
    return join(directory, description_name(name))


def _copy_file(source: str, target: str) -> None:
    tree = Tree()
    if not tree.isfile(source):
        # An implied description has no file.
        tree.write(target, [])
        return
    with tree.open(source) as stream:
        tree.write(target, chunks(stream))


class Edit:
    """An object that is being edited.

    ``path`` is the file of the editor, ``target`` the object in the working copy.
    ``conflict`` is True if others have changed the same lines.  If the edit
    ``is_continued``, the file has what was written before, which may be committed or
    not.
    """

    def __init__(
        self, network: Network, place: str, note: str, is_continued: bool = False
    ) -> None:
        self.network = network
        self.place = place
        self.note = note
        self.is_continued = is_continued
        #: The transaction of the last commit.
        self.transaction: str | None = None
        self._tree = Tree()
        self._copy = join(place, "copy")
        (self.target,) = reading(self._copy).registered(self._copy)
        (name,) = _names(join(place, "base"))
        self.path = join(place, "file", name)
        #: Copies of the editor's file at the previous save, and at this one.
        self._base = join(place, "base", name)
        self._taken = join(place, "taken", name)
        is_directory = self._tree.isdir(self.target)
        owner = self.target if is_directory else os.path.dirname(self.target)
        self._file = join(owner, name)
        is_marked = is_continued and not self._is_committed()
        #: True while the editor's file has both sides of a conflict.
        self._offered = is_marked and self._has_markers(self._base)
        self.conflict = self._offered or (is_marked and self._is_in_conflict())
        #: True if the working copy has changes that the editor's file lacks.
        self._diverged = not self._same(self._base, self._file)

    def is_of(self, url: str, description: bool) -> bool:
        """Return True if it is an edit of that object, or of its description."""
        return self._url == url and self._is_description == description

    @property
    def _url(self) -> str:
        return self.network.readrooturl(self._copy) or ""

    @property
    def _is_description(self) -> bool:
        return os.path.basename(self._file) != os.path.basename(self.target)

    def left_advice(self) -> str:
        """Return the advice how to continue an edit of an object."""
        option = "--description " if self._is_description else ""
        url = escape(self._url)
        return (
            f"what you wrote into {url} is not committed: 'zsync edit {option}{url}' "
            "goes on with it"
        )

    def shown(self, text: str) -> str:
        """Return a message without the path of the temporary working copy."""
        copy = join(self._copy, "")
        return text.replace(copy, "").replace(join(os.path.relpath(copy), ""), "")

    @property
    def is_undecided(self) -> bool:
        """True if the editor showed both sides, and the user has not resolved them."""
        return self.conflict and self._offered

    def is_saved(self) -> bool:
        """Return True if the file has changed since the last `save`."""
        return self._tree.isfile(self.path) and not self._same(self.path, self._base)

    def save(self) -> Saved | None:
        """Commit the file of the editor; return None if it has to wait.

        It waits during a conflict, and while conflict markers are left.
        """
        if not self.is_saved():
            return None
        # Work on a copy, since the editor may write to its file again.
        _copy_file(self.path, self._taken)
        if self._must_wait():
            return None
        if self._offered:
            self._settle()
        elif not self._diverged:
            _copy_file(self._taken, self._file)
        elif not self._merge():
            self.conflict = True
            return None
        replace(self._taken, self._base)
        return self._send()

    def finish(self) -> Saved | None:
        """Commit remaining changes at the end; try a failed commit again."""
        if self.is_saved():
            return self.save()
        return None if self.conflict or self.is_settled() else self._send()

    def _must_wait(self) -> bool:
        if self._offered:
            return self._has_markers(self._taken)
        return self.conflict and self._is_marked()

    def _send(self) -> Saved | None:
        """Commit the working copy; return None if it is in conflict."""
        for _ in range(MERGE_ATTEMPTS):
            try:
                with self._changing("commit") as session:
                    refusal = commit(session, self.network, [self.target], self.note)
                if refusal is not None:
                    raise refusal
            except OutOfDate:
                if not self._update():
                    return None
            else:
                self.conflict = False
                self.transaction = session.transaction
                return Saved(session.transaction, self._diverged)
        raise OutOfDate(
            f"{self.network.rooturl} is changed by others all the time",
            advice="Nothing was committed. Try again when it is quiet.",
        )

    def offer(self) -> bool:
        """Write both sides of a conflict to the editor's file, between markers.

        Return False if there are no lines to put between markers.
        """
        if self.is_saved():
            _copy_file(self.path, self._taken)
            if not self._merge(with_markers=True):
                return False
        elif not self._is_marked():
            self._update(dry_run=False)
        if not self._is_marked():
            return False
        _copy_file(self._file, self.path)
        _copy_file(self.path, self._base)
        self._offered = True
        return True

    def _settle(self) -> None:
        """Resolve the conflict with the editor's file."""
        _copy_file(self._taken, self._file)
        with self._changing("resolve") as session:
            for path in session.told(self._file):
                resolve(session, path)
        self.conflict = self._offered = self._diverged = False

    def _update(self, dry_run: bool = True) -> bool:
        """Merge the changes of others; in a conflict change nothing, return False."""
        with self._changing("update") as session:
            update(session, self.network, self.target, agree, dry_run)
        if session.conflicts:
            self.conflict = True
            return False
        if dry_run:
            # The real update may end in a conflict, too.
            return self._update(dry_run=False)
        self._diverged = not self._same(self._base, self._file)
        return True

    def _merge(self, with_markers: bool = False) -> bool:
        """Merge a save into the working copy, which has changes of others."""
        sides = (self._taken, self._base, self._file)
        if any(self._tree.size(each) > DEFAULT.merge_size for each in sides):
            return False
        texts = TextMerge.of(*map(self._content, sides))
        if texts is None:
            return False
        name = os.path.basename(self.path)
        merged, has_conflict = texts.merge(f"{name} (mine)", f"{name} (server)")
        if has_conflict and not with_markers:
            return False
        self._tree.write(self._file, [merged])
        return True

    def _is_marked(self) -> bool:
        return self._has_markers(self._file)

    def is_settled(self) -> bool:
        """Return True if everything that was written is on the server."""
        if self.conflict or self.is_saved() or self._others():
            return False
        return self._is_committed()

    def _is_committed(self) -> bool:
        """Return True if the working copy has nothing to commit, and no conflict."""
        lines: list[str] = []
        session = reading(self.target, lines.append)
        try:
            if any(conflicts(session, self.target)):
                return False
            status(session, self.target, descend_only=True, verbose=False)
        except Error:
            # A file that cannot be read, as a damaged description, is not committed.
            return False
        # A file that the editor has removed has nothing to commit.
        return all(line.startswith(("?", "!")) for line in lines)

    def _is_in_conflict(self) -> bool:
        try:
            return any(conflicts(reading(self.target), self.target))
        except Error:
            return False

    def check_settled(self) -> None:
        """Raise an error unless everything that was written is on the server."""
        if self.is_settled():
            return
        shown = escape(str(self.network.rooturl))
        if self.conflict:
            raise ConflictsRemain(
                f"{shown} is in conflict with what others did", path=self.target
            )
        raise Error(f"not all that you wrote is on the server: {shown}")

    def kept_advice(self) -> str:
        """Return the advice where the files are kept, and how to continue."""
        copy = escape(self._copy)
        kept = self._others()
        if self._tree.isfile(self.path) and not self._same(self.path, self._file):
            kept.insert(0, self.path)
        more = "".join(f" and {escape(each)}" for each in kept)
        return (
            f"What you wrote is kept in {copy}{more}. The same command goes on with "
            "it, and so do 'zsync update' and 'zsync commit' in that directory."
        )

    def _others(self) -> list[str]:
        """Return the files beside that of the editor, except backups.

        The files with which an editor recovers what was not saved are among them.
        """
        directory, own = fsutil.split(self.path)
        return [
            join(directory, name)
            for name in self._tree.listdir(directory)
            if name != own and not fsutil.ignored(name)
        ]

    @contextmanager
    def _changing(self, verb: str) -> Iterator[ChangingSession]:
        with changing(WorkingCopy.find(self.target), verb, ignore_line) as session:
            yield session

    def _content(self, path: str) -> bytes:
        if not self._tree.isfile(path):
            return b""
        with self._tree.open(path) as stream:
            return stream.read()

    def _same(self, path: str, other: str) -> bool:
        there = [each for each in (path, other) if self._tree.isfile(each)]
        if len(there) < 2:
            return not any(map(self._tree.size, there))
        with self._tree.open(path) as first, self._tree.open(other) as second:
            return same_content(first, second)

    def _has_markers(self, path: str) -> bool:
        if not self._tree.isfile(path):
            return False
        with self._tree.open(path) as stream:
            return has_markers(stream)
