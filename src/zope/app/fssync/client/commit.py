"""Commit: send the changes of an object, and merge the answer."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from os.path import join
from typing import IO
from typing import BinaryIO
from typing import NamedTuple

from zope.app.fssync.client import compat36
from zope.app.fssync.client.addresses import address
from zope.app.fssync.client.connection import UPDATE_FIRST
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.merging import merge
from zope.app.fssync.client.pinned import check_not_pinned
from zope.app.fssync.client.response import SHORT
from zope.app.fssync.client.response import Response
from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import locate
from zope.app.fssync.client.response import receive
from zope.app.fssync.client.sending import sent_changes
from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.submission import ChangesSubmission
from zope.app.fssync.client.submission import Submission
from zope.app.fssync.client.submission import quoted_note
from zope.app.fssync.client.workingcopy.modified import changed
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.protocol.headers import CODING
from zope.app.fssync.protocol.headers import FAULTS
from zope.app.fssync.protocol.headers import NEWS
from zope.app.fssync.protocol.headers import NOTHING
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STORED
from zope.app.fssync.protocol.headers import TRANSACTION
from zope.app.fssync.protocol.headers import USER
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import REHEARSE_COMMIT
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import Incomplete
from zope.fssync.changeset import Scope
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.errors import WorkingCopyError
from zope.fssync.fileinterfaces import IMergeSource
from zope.fssync.files import same_content
from zope.fssync.limits import REMEMBERED_COMMITS
from zope.fssync.metadata import MOVED
from zope.fssync.patterns import late
from zope.fssync.report import Change
from zope.fssync.report import LastChange
from zope.fssync.report import is_of_other_kind
from zope.fssync.report import owner_and_part
from zope.fssync.snarf import DEFLATE
from zope.fssync.snarf import deflated
from zope.fssync.terminal import escape

__all__ = ["commit", "together"]

_number = late(r"[1-9][0-9]{0,8}")

_unknown = (
    "It is not known whether the commit was done. Run 'zsync update': what was done "
    "is up to date then, and what was not can be committed again."
)

_forgotten = (
    "Nothing was committed. Nobody has changed this since the last update: what is "
    "here is older, put back from a copy or by version control. Run 'zsync update', "
    "which compares all of it."
)

_once_more = (
    "Nothing was committed. It is in conflict, and others have changed it once more: "
    "run 'zsync update' first."
)

_done = "The commit is done; 'zsync update' takes over what became of it."


class _Commit(NamedTuple):
    """A commit of what was ``modified``, by way of ``target``.

    ``target`` is the object at ``path`` on the server: the only one that is wanted, or
    the nearest folder that all of them are in, or are to be added to.  ``moved`` are
    the paths of what was moved, and the ids that they have had until now.
    """

    session: ChangingSession
    network: Network
    modified: list[str]
    moved: dict[str, str]
    target: str
    path: str
    states: States
    view: str
    rehearsal: bool
    #: What is reported of it, once the server has it.
    sent: list[Change]
    record: bytes | None = None


def commit(
    session: ChangingSession,
    network: Network,
    targets: Sequence[str],
    note: str,
    raise_on_conflicts: bool = False,
    dry_run: bool = False,
    strict: bool = False,
    alone: bool = False,
    record: bytes | None = None,
) -> OutOfDate | None:
    """Send the changes of ``targets``, and merge what the server made of them.

    They are of one working copy, as `together` returns them, and are stored in one
    transaction.  With ``dry_run`` the server undoes the commit, and so does the client;
    with ``strict`` it refuses what does not compile, with ``alone`` to commit where
    others have changed anything in the object.  It keeps a ``record`` with the
    transaction.

    Return the refusal, to be raised, if the state of the working copy was wrong: it is
    forgotten here, which an error would undo.
    """
    check_not_pinned(session, "commit")
    wanted = [fsutil.located(target) for target in targets]
    target = _common([_on_server(session, each) for each in targets])
    modified, target = _with_moves(session, wanted, fsutil.located(target))
    _check_missing(session, modified)
    path = locate(session, network, target)
    view = f"{REHEARSE_COMMIT if dry_run else COMMIT}?note={quoted_note(note)}"
    if raise_on_conflicts:
        view += "&raise=1"
    if strict:
        view += "&strict=1"
    if alone:
        view += "&alone=1"
    states = States(session.files, session.root)
    moved = {
        each: session.metadata.getentry(each).get("id", "")
        for each in modified
        if MOVED in session.metadata.getentry(each)
    }
    this = _Commit(
        session,
        network,
        modified,
        moved,
        target,
        path,
        states,
        view,
        dry_run,
        [],
        record,
    )
    state = states.get(path)
    if state is None:
        if wanted != [target]:
            raise _unsendable(wanted[0], target)
        _check_whole(this)
        _commit_all(this)
    else:
        try:
            _commit_changes(this, state)
        except OutOfDate as error:
            if error.advice != UPDATE_FIRST or not _misleads(this, state, error):
                raise
            error.advice = _forgotten
            session.restart()
            states.set(path, None)
            return error
    if dry_run:
        session.restart()
    return None


def _misleads(this: _Commit, state: str, error: OutOfDate) -> bool:
    """Were objects refused that nobody has changed since the state?

    Then files and originals here are older than it: somebody has put them back.
    """
    with fetch(this.network, this.path, state) as response:
        changed = Scope.of(response.archive)
    return changed is not None and not all(
        _tells(changed, _object_path(path)) for path in error.paths
    )


def _tells(changed: Scope, path: str) -> bool:
    """Is anything said of an object, of what is in it or of what it was in?"""
    if changed.touches(path) or changed.covers(path):
        return True
    while path := os.path.dirname(path):
        if changed.has(GONE, path) or changed.has(LIST, path):
            return True
    return False


def _object_path(path: str) -> str:
    """Return the path in an archive of the object that a path is a part of."""
    owner = fsutil.getowner(os.path.dirname(path))
    return path if owner is None else owner


def together(
    session: Session, network: Network, targets: Sequence[str]
) -> list[list[str]]:
    """Return ``targets``, which are of one working copy, by transaction.

    A server of 3.6.0 takes all of an object or nothing.  What was checked out from
    several places has several servers, or nothing in common there.
    """
    assert session.root is not None
    groups: dict[str, list[str]] = {}
    for target in _outermost(targets):
        place = os.path.relpath(fsutil.located(target), session.root)
        groups.setdefault(place.partition(os.sep)[0], []).append(target)
    states = States(session.files, session.root)
    found: list[list[str]] = []
    for group in groups.values():
        if len(group) > 1:
            common = _common([_on_server(session, each) for each in group])
            if states.get(locate(session, network, common)) is None:
                found += [[each] for each in group]
                continue
        found.append(group)
    return found


def _outermost(targets: Sequence[str]) -> list[str]:
    """Return the targets that are within no other, each once."""
    places: dict[str, str] = {}
    for target in targets:
        places.setdefault(fsutil.located(target), target)
    return [
        target
        for place, target in places.items()
        if places.keys().isdisjoint(_above(place))
    ]


def _above(path: str) -> Iterator[str]:
    """Yield the directories that an absolute path is in."""
    while path != (path := os.path.dirname(path)):
        yield path


def _common(targets: Sequence[str]) -> str:
    """Return the only one of ``targets``, or the nearest folder of all."""
    places = {fsutil.located(target) for target in targets}
    return targets[0] if len(places) == 1 else os.path.commonpath(places)


def _on_server(session: Session, target: str) -> str:
    """Return the object that a commit of ``target`` is sent to.

    A new object is sent to its folder, which takes it in.
    """
    owner = fsutil.getowner(os.path.dirname(target))
    if owner is not None:
        raise Error(
            f"its path on the server is unknown: {target!r}",
            path=target,
            advice="It is a part of an object, which is committed as a whole: "
            f"'zsync commit {escape(owner)}'.",
        )
    if session.entry(target).get("flag") != "added":
        return target
    folder = os.path.dirname(fsutil.located(target))
    entry = session.entry(folder)
    if entry.get("flag") == "added" and MOVED not in entry:
        raise _unsendable(target, folder)
    return folder


def _with_moves(
    session: ChangingSession, wanted: list[str], target: str
) -> tuple[list[str], str]:
    """Return what changed in all of ``wanted``, and the object to send that to.

    What was moved is committed at both of its places, or not at all; the folder that it
    was moved into goes with it, if that was moved as well.
    """
    known = list(wanted)
    modified = [path for each in known for path in _changed(session, each)]
    waiting = [*modified, *wanted]
    while waiting:
        path = waiting.pop()
        above = os.path.dirname(path)
        while _is_in(above, target):
            if session.other_place(above) is not None and not _is_any_in(above, known):
                waiting.append(above)
            above = os.path.dirname(above)
        other = session.other_place(path)
        if other is None:
            continue
        for each in (path, other):
            if not _is_any_in(each, known):
                known.append(each)
                new = list(_changed(session, each))
                modified += new
                waiting += new
            while not _is_in(os.path.dirname(each), target):
                target = os.path.dirname(target)
                waiting.append(each)
    _check_folders(session, known, target)
    return list(dict.fromkeys(modified)), target


def _changed(session: ChangingSession, path: str) -> Iterator[str]:
    return changed(session.files, session.metadata, path)


def _check_folders(session: ChangingSession, known: list[str], target: str) -> None:
    """Raise an error where what is to be sent is in a new folder that is not."""
    for each in known:
        folder = os.path.dirname(each)
        while _is_in(folder, target):
            is_new = session.metadata.getentry(folder).get("flag") == "added"
            if is_new and not _is_any_in(folder, known):
                raise _unsendable(each, folder)
            folder = os.path.dirname(folder)


def _check_missing(session: ChangingSession, modified: list[str]) -> None:
    """Raise an error where something is gone that nobody has removed."""
    missing = [path for path in modified if _is_missing(session, path)]
    if not missing:
        return
    first = missing[0]
    shown = escape(first)
    more = f" and {len(missing) - 1} more" if missing[1:] else ""
    is_added = session.entry(first).get("flag") == "added"
    raise WorkingCopyError(
        f"'{shown}' is missing{more}",
        path=first,
        advice="Nothing was committed. "
        + (
            f"It is to be added; 'zsync revert {shown}' forgets it."
            if is_added
            else "'zsync update' brings back what is missing, "
            f"'zsync remove {shown}' removes it on the server as well."
        ),
    )


def _is_missing(session: ChangingSession, path: str) -> bool:
    entry = session.entry(path)
    is_known = entry.get("flag") != "removed" and "conflict" not in entry
    return is_known and not session.files.exists(path)


def _is_any_in(path: str, directories: list[str]) -> bool:
    return any(_is_in(path, each) for each in directories)


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory + os.sep)


def _tell_copied(this: _Commit, found: list[str]) -> None:
    """Say that a server of 3.6.0 makes new objects of what was moved."""
    if found:
        count = (
            "1 object that was"
            if len(found) == 1
            else f"{len(found)} objects that were"
        )
        this.network.options.warn(
            f"warning: the server is one of 3.6.0, which cannot move: {count} moved "
            f"here, '{escape(found[0])}' first, become new objects there"
        )


def _unsendable(target: str, folder: str) -> Error:
    return Error(
        f"'{escape(target)}' cannot be committed without its folder",
        path=target,
        advice=f"Commit the folder: 'zsync commit {escape(folder)}'.",
    )


def _check_whole(this: _Commit) -> None:
    """Refuse to send all of a directory that is here in part only.

    The server would take what is left out here for new there.
    """
    target, session = this.target, this.session
    if not session.is_partial or not session.files.isdir(target):
        return
    if not session.left_out.may_lack(target):
        return
    shown = escape(os.path.relpath(target))
    known = this.states.told(this.path) is not None
    raise Error(
        f"can't commit '{shown}': the server compares all of it, and this working "
        "copy leaves out some",
        path=target,
        advice="'zsync update' first."
        if known
        else "Nothing was sent. Name the files that you changed, or bring the rest: "
        f"'zsync update --set-depth infinity {shown}'.",
    )


def _temporary() -> IO[bytes]:
    # Imported here: it takes as long as all else, where nothing is to be sent.
    import tempfile

    return tempfile.TemporaryFile()


def _commit_all(this: _Commit) -> None:
    """Commit to a server that wants all of the object."""
    session = this.session
    told = this.states.told(this.path)
    if told is None and this.moved:
        from zope.app.fssync.client.moving import forsake_all

        _tell_copied(this, forsake_all(session, this.target))
    this.sent.extend(sent_changes(session, this.modified))
    with _temporary() as sent:
        digest = Submission(session.metadata, session.files, this.target, session.root)(
            sent
        )
        if told is None:
            fp, headers = _send(this, this.view, sent)
            _take_over(this, fp, headers, sent)
            return
        # The server is none of 3.6.0.
        commit = this.states.commit_id(digest)
        own = [(STATE, everything(told))]
        fp, headers = _send(this, f"{this.view}&commit={commit}", sent, own)
        _take_over(this, fp, headers, sent, commit)
    _tell_faults(this.network, headers, this.target)


def _commit_changes(this: _Commit, state: str) -> None:
    """Commit to a server that knows archives of changes."""
    session = this.session
    if not this.modified:
        return
    this.sent.extend(sent_changes(session, this.modified))
    submission = ChangesSubmission(
        session.metadata, session.files, this.target, this.modified, session.root
    )
    submission.record = this.record
    with _temporary() as sent:
        commit = this.states.commit_id(submission(sent))
        own = [(STATE, state), SHORT]
        body = deflated(sent)
        if body is not None:
            own.append((CODING, DEFLATE))
        content = sent if body is None else io.BytesIO(body)
        fp, headers = _send(this, f"{this.view}&commit={commit}", content, own)
        _take_over(this, fp, headers, sent, commit)
    _tell_faults(this.network, headers, this.target)
    _tell_news(this.network, headers)


def _send(
    this: _Commit,
    view: str,
    content: IO[bytes],
    own: list[tuple[str, str]] | None = None,
) -> tuple[BinaryIO, Mapping[str, str]]:
    """Send an archive; an error says what to do about it."""
    if this.network.progress is not None:
        this.network.progress.objects("sending", None, len(this.sent))
    try:
        return this.network.httpreq(this.path, view, content, headers=own or ())
    except AccessDenied as error:
        refused = _refusal_advice(this.session, this.target, error.message)
        error.advice = refused or error.advice
        raise
    except (ProxyFailed, ServerUnreachable) as error:
        error.advice = error.advice or _unknown
        raise
    except ServerRefused as error:
        refused = _refusal_advice(this.session, this.target, error.message)
        error.msg = _shown_here(this, error)
        error.advice = (
            (compat36.rehearsal_advice(error) if this.rehearsal else None)
            or refused
            or error.advice
            or compat36.commit_advice(
                this.network, this.session.metadata, this.session.files, this.target
            )
        )
        raise
    except OutOfDate as error:
        error.msg = _shown_here(this, error)
        error.advice = (
            compat36.site_advice(this.network, error.paths)
            or _local_advice(this, error.paths)
            or error.advice
        )
        raise


def _shown_here(this: _Commit, error: Error) -> str:
    """Return what an error says, with the files to edit for parts of objects.

    Each file is named once, and none whose object is named for the same reason.
    """
    lines = error.msg.splitlines()
    found: dict[str, None] = {}
    for line in lines:
        path, separator, reason = line.partition(": ")
        local = _registered_at(this.session, this.target, path)
        shown = local and this.session.files.shown(local)
        if not shown or shown == local:
            found[line] = None
        elif f"{owner_and_part(path)[0]}{separator}{reason}" not in lines:
            found[f"{shown}{separator}{reason}"] = None
    return "\n".join(found)


def _refusal_advice(session: Session, target: str, message: str) -> str | None:
    """Return what to do where the server refuses the change of an object by name."""
    for line in message.splitlines():
        local = _registered_at(session, target, line.partition(": ")[0])
        if local is not None:
            return (
                "Nothing was committed. Change what the server refuses, or take it "
                f"back: 'zsync revert {escape(session.files.shown(local))}'."
            )
    return None


def _registered_at(session: Session, target: str, path: str) -> str | None:
    """Return the local path of a registered object that an archive calls ``path``."""
    with suppress(PathRefused, LimitExceeded):
        parts = paths.split_archive_path(path)
        local = join(os.path.dirname(target), *parts)
        if parts and session.metadata.getentry(local):
            return local
    return None


def _local_advice(this: _Commit, found: list[str]) -> str | None:
    """Return what to do where the refused paths need more than an update."""
    session, directory = this.session, os.path.dirname(this.target)
    for path in found:
        with suppress(PathRefused, LimitExceeded):
            local = join(directory, *paths.split_archive_path(path))
            entry = session.metadata.getentry(local)
            shown = escape(session.files.shown(local))
            if is_of_other_kind(entry):
                # Imported late: hardly any commit is refused.
                from zope.app.fssync.client.conflicts import kind_advice

                return f"Nothing was committed. {kind_advice(local)}"
            is_lost = bool(entry) and not session.files.exists(local)
            if is_lost and fsutil.ispart(local):
                return (
                    "Nothing was committed. A part of an object is lost; "
                    f"'zsync revert {shown}' brings it back."
                )
            if "conflict" in entry:
                if _is_newer_there(this, local, path):
                    return _once_more
                return (
                    "Nothing was committed. Look at the conflict, then "
                    f"'zsync resolve {shown}', or 'zsync revert {shown}'."
                )
    return None


def _is_newer_there(this: _Commit, local: str, path: str) -> bool:
    """Did others change what is in conflict once more since the update?"""
    state = this.states.get(this.path)
    if state is None:
        return False
    files, original = this.session.files, fsutil.getoriginal(local)
    owner = fsutil.getowner(os.path.dirname(local)) or local
    moved_from = this.session.other_place(local)
    if moved_from is not None:
        above = os.path.dirname(fsutil.located(this.target))
        path = os.path.relpath(moved_from, above)
    elif this.session.entry(owner).get("flag") == "added":
        return False
    # Imported late: hardly any commit is refused.
    from zope.fssync.mergesource import ArchiveSource

    with fetch(this.network, this.path, state) as response:
        there: IMergeSource = ArchiveSource(response.archive)
        kind = there.kind(path)
        if kind == "file" and files.isfile(original):
            with files.open(original) as old, there.open(path) as new:
                return not same_content(old, new)
        if kind is None:
            changed = Scope.of(response.archive)
            is_known = changed is None or _tells(changed, _object_path(path))
            if not is_known or response.missing.ask([path]):
                return False
        return kind == "file" or files.isfile(original)


def _take_over(
    this: _Commit,
    fp: BinaryIO,
    headers: Mapping[str, str],
    sent: IO[bytes],
    commit: str = "",
) -> None:
    """Merge the answer, and note the commit; an error says that it is done."""
    try:
        if headers.get(STORED) != NOTHING:
            for change in this.sent:
                this.session.reporter(change)
        this.session.transaction = headers.get(TRANSACTION)
        with receive(this.network, this.path, fp, headers) as response:
            _merge_answer(this, response, sent)
        if commit:
            stored = headers.get(STORED) != NOTHING
            committed = _committed(this) if stored else {}
            this.states.count_commit(this.path, commit, stored, committed)
            this.states.learn(_changes(this, headers, committed))
        this.session.has_received = True
    except Error as error:
        if not this.rehearsal:
            error.advice = _done
        raise
    except OSError as error:
        if this.rehearsal:
            raise
        where = f"{error.filename}: " if error.filename else ""
        raise Error(f"{where}{error.strerror or error}", advice=_done) from error


def _committed(this: _Commit) -> dict[str, str]:
    """Return by their paths on the server which transaction objects are as of now."""
    session, url = this.session, this.network.location
    transaction = (session.transaction or "").removeprefix("0x")
    if not transaction:
        return {}
    assert url is not None
    metadata, files, root = session.metadata, session.files, session.root
    found = {}
    for change in this.sent[-REMEMBERED_COMMITS:]:
        path = change.path.rstrip(os.sep)
        # Parts of an object have no place of their own, nor has what is removed.
        with suppress(Error):
            if metadata.getentry(path):
                found[address(metadata, files, root, url, path)] = transaction
    return found


def _changes(
    this: _Commit, headers: Mapping[str, str], committed: Mapping[str, str]
) -> dict[str, LastChange]:
    """Return by the same paths who has changed the objects now: the caller."""
    # Imported here: a commit of nothing needs neither.
    from urllib.parse import unquote

    from zope.app.fssync.client.transactionids import time_of

    transaction, user = this.session.transaction, headers.get(USER)
    if transaction is None or user is None or not committed:
        return {}
    try:
        last = LastChange(transaction, time_of(transaction), escape(unquote(user)))
    except (ValueError, OverflowError):
        return {}
    return dict.fromkeys(committed, last)


def _merge_answer(this: _Commit, response: Response, sent: IO[bytes]) -> None:
    """Merge the answer, or all of the object where that does not fit."""
    session = this.session
    head, tail = os.path.split(this.target)
    try:
        merged = merge(session, this.network, response, head, tail, sent)
    except Incomplete as error:
        if this.rehearsal:
            raise _unpredictable(this.target) from error
        session.restart()
        with fetch(this.network, this.path) as whole:
            merged = merge(session, this.network, whole, head, tail, sent)
    if this.moved:
        from zope.app.fssync.client.moving import settle

        for path, before in this.moved.items():
            settle(session, path, before)
    compat36.tell_unstored(this.network, session.files, merged.lines)
    for path in merged.returned:
        this.network.options.warn(
            f"warning: the server has {escape(path)} as it had it before: it did not "
            "take the change, or it means the same there"
        )


def _unpredictable(target: str) -> Error:
    return Error(
        f"the server would accept the commit of '{target}', but the local "
        "result cannot be predicted",
        path=target,
        advice="Nothing was changed, this was a rehearsal. Run 'zsync update' first.",
    )


def _tell_faults(network: Network, headers: Mapping[str, str], target: str) -> None:
    """Warn of what the server has taken and cannot compile.

    It names files by their path from the object that was committed.
    """
    text = headers.get(FAULTS)
    if not text:
        return
    # Imported here: most commits have no faults.
    import json

    above = os.path.dirname(target)
    try:
        faults = [
            f"{_below(above, place)}:{f'{line:d}:' if line else ''} {message}"
            for place, line, message in json.loads(text)
        ]
    except (AttributeError, ValueError, TypeError, RecursionError):
        faults = ["the server found faults, and this client cannot read which ones"]
    for fault in faults:
        network.options.warn(f"warning: {escape(fault)}")


def _below(above: str, place: str) -> str:
    path = os.path.join(above, place.lstrip("/"))
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _tell_news(network: Network, headers: Mapping[str, str]) -> None:
    """Hint at objects that others have changed."""
    count = headers.get(NEWS) or ""
    if _number.fullmatch(count):
        network.options.warn(
            f"hint: {count} {'object is' if count == '1' else 'objects are'} newer "
            "on the server; run 'zsync update'"
        )
