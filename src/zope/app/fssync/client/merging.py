"""Merge an archive of the server into a working copy."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from os.path import join
from typing import IO
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.app.fssync.client.addresses import check_same
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.missing import check_deletions
from zope.app.fssync.client.response import WENT_BACK
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import find_top
from zope.app.fssync.client.response import top_name
from zope.app.fssync.client.session import ChangingSession
from zope.fssync.changeset import SAME
from zope.fssync.changeset import Scope
from zope.fssync.errors import WorkingCopyError
from zope.fssync.limits import MERGE_ATTEMPTS
from zope.fssync.report import last_change
from zope.fssync.repository import SnarfRepository

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IMergeSource
    from zope.fssync.fsmerger import FSMerger
    from zope.fssync.merger import Blame
    from zope.fssync.mergesource import SentFiles

__all__ = ["Merged", "merge"]


class Merged(NamedTuple):
    """The result of a merge.

    ``lines`` report the change of each file, ``conflicts`` are the local paths of those
    in conflict.  With ``resend`` the server has to send some objects again, since they
    were neither merged nor marked in the entries.  ``returned`` are the local paths of
    objects that the server has not accepted.
    """

    lines: list[str]
    conflicts: list[str]
    resend: bool
    returned: Sequence[str] = ()


def merge(
    session: ChangingSession,
    network: Network,
    response: Response,
    directory: str,
    name: str,
    sent: IO[bytes] | None = None,
    accept: Callable[[str], bool] | None = None,
    blame: Callable[[], Blame] | None = None,
) -> Merged:
    """Merge the object ``name`` of an archive into a directory.

    After a commit ``sent`` is the archive that was committed.  ``accept`` is asked
    before a great part of the files is deleted, see `check_deletions`.  ``blame`` is
    called if there are new conflicts, and returns the changes of others.
    """
    if response.back:
        network.options.warn(WENT_BACK)
    changeset = Scope.of(response.archive)
    if changeset is not None and not changeset:
        return Merged([], [], False)
    own = None
    if sent:
        # Imported late, here and below: most answers bring nothing.
        from zope.fssync.mergesource import SentFiles

        tells = network.old_server is not True
        own = SentFiles(SnarfRepository(sent), directory, tells)
    merging = _Merging(session, response, changeset, directory, name, own)
    lines, merger = _merge_while_quiet(merging)
    if blame is not None and _has_new_conflicts(session, merger):
        known = blame()
        if any(map(known, merger.conflicts)):
            session.restart()
            lines, merger = _merge_while_quiet(merging._replace(blame=known))
    if accept is not None:
        check_deletions(merger, join(directory, name), accept)
    for line in lines:
        session.reporter(line)
    session.conflicts.extend(merger.conflicts)
    resend = not set(merger.conflicts) <= set(merger.marked)
    return Merged(lines, merger.conflicts, resend, merger.returned)


class _Merging(NamedTuple):
    """The arguments of a merge of an archive."""

    session: ChangingSession
    response: Response
    changeset: Scope | None
    directory: str
    name: str
    sent: SentFiles | None
    blame: Blame | None = None


def _has_new_conflicts(session: ChangingSession, merger: FSMerger) -> bool:
    entries = map(session.metadata.getentry, merger.conflicts)
    return any(last_change(entry) is None for entry in entries)


def _merge_while_quiet(merging: _Merging) -> tuple[list[str], FSMerger]:
    """Merge an archive; repeat that while files are being edited."""
    session, response = merging.session, merging.response
    edited: list[str] = []
    for _ in range(MERGE_ATTEMPTS):
        try:
            lines, merger = _merge_once(merging)
        except FileNotFoundError as error:
            # It was deleted after the command had found it.
            edited = [str(error.filename)]
            session.restart()
            continue
        # Files may have been edited in between, and what is gone may be hidden.
        edited = session.files.edited()
        if not response.missing.ask(merger.gone) and not edited:
            return lines, merger
        session.restart()
    path = (edited or [merging.directory])[0]
    raise WorkingCopyError(
        f"files are changing all the time: '{path}'",
        path=path,
        advice="Nothing was changed here. Try again when it is quiet.",
    )


def _merge_once(merging: _Merging) -> tuple[list[str], FSMerger]:
    """Merge an archive; return the lines that report it, and the merger."""
    from zope.fssync.changesetmerger import ScopeMerger
    from zope.fssync.fsmerger import FSMerger

    session, response, changeset, directory, name, sent, blame = merging
    archive = response.archive
    local = join(directory, name)
    lines: list[str] = []
    merger = FSMerger(
        session.metadata,
        lines.append,
        files=session.files,
        remote=_source(archive, changeset, sent),
        sent=sent,
        hidden=response.missing.hidden,
        distrust=response.back,
        ignore=session.ignores,
        leaves_out=session.left_out.leaves_out_item if session.is_partial else None,
        root=session.root,
        blame=blame,
    )
    entry = session.metadata.getentry(local)
    # Alone in an archive it need not have the name that it has here.
    key = entry.get("key", name)
    if sent and entry.get("flag") == "removed":
        # An answer without it confirms that the server has removed it.
        remote = find_top(archive, key) or key
    else:
        remote = top_name(archive, key)
    check_same(entry, merger.remote.getentry(remote), local)
    if changeset is None:
        merger.merge(local, remote)
    else:
        ScopeMerger(merger, changeset, directory).merge(local, remote)
    _forsake(session, merger)
    session.metadata.flush()
    return lines, merger


def _forsake(session: ChangingSession, merger: FSMerger) -> None:
    """Keep moved objects as new ones, if they were removed or moved on the server."""
    if not merger.forsaken:
        return
    from zope.app.fssync.client.moving import forsake

    for path in merger.forsaken:
        forsake(session, path)
        session.metadata.getentry(path)["conflict"] = "yes"
        merger.report.conflict(path)
        merger.marked.append(path)


def _source(
    archive: SnarfRepository, changeset: Scope | None, sent: SentFiles | None
) -> IMergeSource:
    """Return where changes come from: some files may be as they were sent."""
    from zope.fssync.mergesource import AnsweredSource
    from zope.fssync.mergesource import ArchiveSource

    same = changeset.marked(SAME) if changeset is not None else []
    own = sent.archive if sent is not None else None
    return AnsweredSource(archive, own, same) if same else ArchiveSource(archive)
