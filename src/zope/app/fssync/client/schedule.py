"""Register local changes for the next commit: add, copy, mkdir, remove and others.

The verbs need no server, and work in a session that is open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from os.path import basename
from os.path import join

from zope.app.fssync.client.session import ChangingSession
from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.naming import check_twin
from zope.app.fssync.client.workingcopy.place import ROOT_ADVICE
from zope.app.fssync.client.workingcopy.place import is_root
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync import report
from zope.fssync.descriptionnames import is_description
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.fsutil import free_name
from zope.fssync.metadata import MOVED
from zope.fssync.metadata import MOVED_TO
from zope.fssync.report import Change
from zope.fssync.report import is_of_other_kind
from zope.fssync.terminal import escape

__all__ = [
    "Registrar",
    "add",
    "basicadd",
    "check_entries",
    "check_free",
    "check_kind",
    "check_name",
    "check_whole",
    "copy",
    "copy_target",
    "forget",
    "free_beside",
    "make_new",
    "mkdir",
    "mkdir_parent",
    "registered",
    "remove",
    "revert",
    "revert_entry",
    "set_aside",
]


# Add


def add(
    session: ChangingSession,
    path: str,
    type: str | None = None,
    factory: str | None = None,
) -> None:
    """Register a file or directory, to be added by the next commit.

    The removal of a file that is scheduled for it, and exists again, is cancelled.  A
    directory that was moved here without zsync is added with its registered objects.
    """
    head, tail = fsutil.split(path)
    if fsutil.getowner(head) is not None:
        _add_part(session, path, head, type, factory)
        return
    check_name(path, tail)
    check_free(session, path)
    if _keep_removed(session, path):
        session.reporter(Change(report.MODIFIED, path, "M"))
        return
    check_twin(session.metadata, path)
    entry = basicadd(session, path, type, factory)
    parent = session.metadata.getentry(_folder(path))
    if not parent:
        raise Error(
            f"can't add '{path}': its parent is not registered",
            path=path,
            advice=container_advice(_folder(path))
            or "Add the parent first, or use --parents.",
        )
    if "id" not in parent:
        raise Error(f"can't add '{path}': its parent has no 'id' key")
    check_entries(session, head, f"can't add '{path}'")
    # The server composes the names of new objects.
    entry["id"] = f"{parent['id'].rstrip('/')}/{paths.nfc(tail)}"
    if session.is_partial:
        # What others make by this name meanwhile is not to be overlooked.
        session.left_out.want(session, path)
    if session.files.isdir(path):
        # Known to have no children, rather than unknown.
        session.fsmerger.make_dir(path)
    _report_added(session, path)


def _folder(path: str) -> str:
    """Return the directory that ``path`` is in: a link to it has no entry."""
    return os.path.dirname(fsutil.located(path))


def _report_added(session: ChangingSession, path: str) -> None:
    """Report an addition, and add the registered objects in a directory."""
    if session.files.isdir(path):
        session.reporter(Change(report.ADDED, join(path, ""), "A"))
        _add_registered(session, path)
    else:
        session.reporter(Change(report.ADDED, path, "A"))


def _add_registered(session: ChangingSession, directory: str) -> None:
    """Add the registered objects in a directory that was moved here without zsync."""
    above = session.metadata.getentry(directory)["id"]
    for name in session.metadata.getnames(directory):
        path = join(directory, name)
        entry = session.metadata.getentry(path)
        if not make_new(session, path):
            continue
        # An object that was moved by hand is a new one, named as its file.
        entry.pop("key", None)
        entry["id"] = f"{above.rstrip('/')}/{paths.nfc(name)}"
        for special in (fsutil.getextra(path), fsutil.getannotations(path)):
            for part in session.metadata.getnames(special):
                make_new(session, join(special, part))
        _report_added(session, path)


def make_new(session: ChangingSession, path: str) -> bool:
    """Make an object a new one, without its originals; return False without object."""
    session.fsmerger.merger.remove_original(path)
    entry = session.metadata.getentry(path)
    entry.pop("conflict", None)
    entry["flag"] = "added"
    if not session.files.exists(path):
        entry.clear()
    return bool(entry)


def _keep_removed(session: ChangingSession, path: str) -> bool:
    """Cancel the removal of a file that exists; return False if there is none."""
    entry = session.metadata.getentry(path)
    if entry.get("flag") != "removed" or not session.files.exists(path):
        return False
    original = fsutil.getoriginal(path)
    if not session.files.isfile(path) or not session.files.isfile(original):
        raise Error(
            f"'{path}' is scheduled for removal",
            path=path,
            advice="Commit the removal first, then add the new file.",
        )
    del entry["flag"]
    return True


def _add_part(
    session: ChangingSession,
    path: str,
    head: str,
    type: str | None,
    factory: str | None,
) -> None:
    """Register a file as one of the extras or annotations of an object."""
    if not session.files.isfile(path):
        raise Error(f"can't add '{path}': it is no file", path=path)
    owner = fsutil.getowner(head)
    if owner is None or not session.metadata.getentry(owner):
        raise Error(
            f"can't add '{path}': what it belongs to is not registered", path=path
        )
    basicadd(session, path, type, factory)
    session.reporter(Change(report.ADDED, path, "A"))


def check_name(path: str, name: str) -> None:
    try:
        paths.check_name(name)
    except PathRefused as error:
        error.advice = (
            "It is control data of the working copy; leave it as it is."
            if paths.is_control(name)
            else "Give it another name."
        )
        raise
    if paths.is_control(name):
        raise Error(f"can't add '{path}': it is control data", path=path)


def check_free(session: Session, path: str) -> None:
    """Refuse the name of a description, which an object cannot have."""
    directory, name = fsutil.split(path)
    if is_description(name) and session.files.is_described(directory):
        raise Error(
            f"can't add '{path}': it is the name of a description",
            path=path,
            advice="What is described is sent with the object: add and name that. "
            "For an object of your own choose another name.",
        )


def check_entries(session: ChangingSession, directory: str, what: str) -> None:
    """Refuse to register anything in a directory that is to be removed, or is lost.

    A directory whose entries are lost would count as complete then, and its registered
    objects would never be restored.
    """
    entry = session.metadata.getentry(directory)
    if entry.get("flag") == "removed":
        raise Error(
            f"{what}: its folder is scheduled for removal",
            path=directory,
            advice="Commit the removal first, or take it back: "
            f"'zsync revert {escape(directory)}'.",
        )
    is_new = entry.get("flag") == "added" and MOVED not in entry
    if not is_new and session.has_lost_entries(directory):
        raise WorkingCopyError(
            f"{what}: the entries of its folder are lost",
            path=directory,
            advice="The folder was deleted and made anew. Run 'zsync update', which "
            "brings back what was in it, then try again.",
        )


def basicadd(
    session: Session, path: str, type: str | None = None, factory: str | None = None
) -> dict[str, str]:
    """Register a file that need not have a path on the server."""
    kind = session.files.kind(path)
    if kind is None:
        raise Error(f"nothing known about '{path}'", path=path)
    if kind == "other":
        raise Error(
            f"can't add '{path}': it is neither a file nor a directory", path=path
        )
    entry = session.metadata.getentry(path)
    if entry:
        raise Error(f"object '{path}' is already registered", path=path)
    entry["flag"] = "added"
    if type:
        entry["type"] = type
    if factory:
        entry["factory"] = factory
    return entry


# Copy and mkdir


class Registrar:
    """Register copies for the copiers of `zope.fssync.copier`."""

    def __init__(self, session: ChangingSession) -> None:
        self._session = session
        self.metadata = session.metadata
        self.files = session.files
        self.fsmerger = session.fsmerger
        self.reporter = session.reporter

    def add(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> None:
        add(self._session, path, type, factory)

    def basicadd(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> dict[str, str]:
        return basicadd(self._session, path, type, factory)


def copy_target(session: Session, src: str, dst: str | None) -> str:
    """Return the path of the copy of ``src``, written as the user wrote ``dst``."""
    if not os.path.lexists(src):
        raise Error(f"{src} does not exist", path=src)
    if not dst or os.path.isdir(dst):
        directory, name = dst or os.curdir, basename(os.path.abspath(src))
    else:
        directory, name = os.path.split(dst)
        directory = directory or os.curdir
    if not os.path.isdir(directory):
        raise Error(f"destination directory does not exist: {directory!r}")
    target = join("" if directory == os.curdir else directory, name)
    if os.path.lexists(target):
        raise Error(f"'{target}' already exists", path=target)
    if not session.metadata.getentry(_folder(target)):
        raise Error(
            f"nothing known about '{directory}'",
            path=directory,
            advice=container_advice(directory),
        )
    return target


def copy(session: ChangingSession, src: str, target: str, children: bool) -> None:
    """Copy a file or an object, and register the copy."""
    from zope.fssync.copier import FileCopier
    from zope.fssync.copier import ObjectCopier

    # The type of a part is none of an object, nor the other way round.
    known = session.metadata.getentry(src) and (
        fsutil.ispart(src) == fsutil.ispart(target)
    )
    if known and session.inside(src) is not None:
        _check_kinds(session, src, children)
    copier = (ObjectCopier if known else FileCopier)(Registrar(session))
    copier.copy(src, target, children)


def check_kind(session: ChangingSession, path: str, verb: str) -> None:
    """Refuse a file in place of a received directory, or the reverse.

    Another directory in its place is refused as well.
    """
    entry, kind = session.metadata.getentry(path), session.files.kind(path)
    is_new = entry.get("flag") == "added" and MOVED not in entry
    if kind is None or is_new:
        return
    was_file = session.files.isfile(fsutil.getoriginal(path))
    if kind == "dir" and not was_file and session.has_lost_entries(path):
        raise _lost(path, "entries are", verb)
    if was_file != (kind == "file"):
        raise Error(
            f"can't {verb} '{escape(path)}': it is of another kind than what was sent, "
            "or its original is lost",
            path=path,
            advice="Run 'zsync update' first.",
        )


def _check_kinds(session: ChangingSession, path: str, children: bool) -> None:
    """Refuse to copy an object of another kind, or one that contains such an object."""
    check_kind(session, path, "copy")
    if children and session.files.isdir(path):
        for name in session.metadata.getnames(path):
            each = join(path, name)
            if session.metadata.getentry(each).get("flag") != "removed":
                _check_kinds(session, each, children)


def container_advice(directory: str) -> str | None:
    """Return the advice for a directory outside of the checked out objects."""
    if is_root(directory):
        return ROOT_ADVICE
    try:
        WorkingCopy.find(directory)
    except Error as error:
        return error.advice
    return None


def mkdir_parent(session: Session, path: str) -> str:
    """Return the directory in which ``path`` can be made."""
    directory = os.path.dirname(path.rstrip(os.sep)) or os.curdir
    folder = _folder(path)
    if not session.files.exists(folder):
        raise Error(f"directory {directory!r} does not exist", path=directory)
    if not session.files.isdir(folder):
        raise Error(f"{directory!r} is not a directory", path=directory)
    if session.files.exists(path.rstrip(os.sep)):
        raise Error(f"{path!r} already exists", path=path)
    if not session.metadata.getentry(folder):
        raise Error(
            f"know nothing about container for {path!r}",
            path=path,
            advice=container_advice(folder)
            or f"'zsync add -N {escape(directory)}' registers it.",
        )
    return directory


def mkdir(session: ChangingSession, path: str) -> None:
    """Make a directory, and register it."""
    check_name(path, basename(path.rstrip(os.sep)))
    check_free(session, path)
    session.files.mkdir(path)
    add(session, path)


# Remove and revert


def remove(
    session: ChangingSession, path: str, force: bool = False, keep_local: bool = False
) -> None:
    """Schedule a file or directory for removal by the next commit.

    Delete the files as well, if all of them are on the server, or with ``force``.
    With ``keep_local`` they are kept as unregistered files.
    """
    entry = session.metadata.getentry(path)
    if not entry:
        raise Error(f"nothing known about '{path}'", path=path)
    if not fsutil.ispart(path) and not entry.get("id"):
        raise Error(f"can't remove '{path}': its zope path is unknown")
    _refuse_moved_away(session, path)
    if not force:
        check_whole(session, path, "remove", " --force")
    shown = join(path, "") if session.files.isdir(path) else path
    if session.files.exists(path):
        if keep_local:
            _unregister_below(session, path)
        else:
            _delete(session, path, force)
    if MOVED in entry:
        _remove_moved(session, path)
    elif entry.get("flag") == "added":
        forget(session, path)
    else:
        entry["flag"] = "removed"
        if entry.pop("conflict", None):
            session.fsmerger.merger.forget_sides(path)
    # 3.6.0 reports a directory like a file.
    session.reporter(Change.of_line(f"R {path}", report.REMOVED, shown))


def check_whole(
    session: ChangingSession,
    path: str,
    verb: str,
    option: str = "",
    named: str | None = None,
) -> None:
    """Refuse to change a directory on the server that is incomplete here."""
    entry = session.metadata.getentry(path)
    if (
        not session.is_partial
        or entry.get("flag") == "added"
        or not session.files.isdir(path)
        or not session.left_out.may_lack(path)
    ):
        return
    shown = escape(named or path)
    force = f", or 'zsync {verb}{option} {shown}'" if option else ""
    raise Error(
        f"can't {verb} '{shown}': this working copy may leave out some of it",
        path=path,
        advice="Nothing was changed. Bring the rest first: "
        f"'zsync update --set-depth infinity {shown}'{force}.",
    )


def _remove_moved(session: ChangingSession, path: str) -> None:
    """Remove a moved object at its old path."""
    entry = session.metadata.getentry(path)
    parts = paths.split_archive_path(entry[MOVED])
    session.metadata.getentry(join(session.root, *parts)).pop(MOVED_TO, None)
    for what in (paths.ORIGINAL, paths.EXTRA, paths.ANNOTATIONS):
        session.fsmerger.removal.remove_special(path, what)
    entry.clear()


def _refuse_moved_away(session: ChangingSession, path: str) -> None:
    """Refuse to remove a directory with objects moved into or out of it."""
    for each in registered(session, path):
        marks = session.metadata.getentry(each).keys() & {MOVED, MOVED_TO}
        if marks:
            raise Error(
                f"can't remove '{path}': '{each}' was moved, and that is not committed",
                path=path,
                advice=f"Commit that first, or 'zsync revert {escape(each)}'.",
            )
        _refuse_moved_away(session, each)


def _unregister_below(session: ChangingSession, path: str) -> None:
    """Remove the control data in a directory, and nothing else."""
    if not session.files.isdir(path):
        return
    for name in session.metadata.getnames(path):
        _unregister_below(session, join(path, name))
    session.metadata.forget(path)
    control = join(path, paths.CONTROL)
    if session.files.isdir(control):
        session.files.rmtree(control)


def _delete(session: ChangingSession, path: str, force: bool = False) -> None:
    """Delete the registered files; others, as backup files, stay."""
    edited = None if force else next(_changed(session, path), None)
    if edited is not None:
        owner = fsutil.getowner(os.path.dirname(edited))
        named = owner or edited
        what = "changes of metadata" if owner else "changes"
        raise Error(
            f"'{named}' still exists and has {what} that are not on the server",
            path=named,
            advice=_removal_advice(session, named),
        )
    if session.files.isdir(path):
        session.fsmerger.removal.remove_registered(path)
    else:
        session.files.remove(path)


def _removal_advice(session: ChangingSession, path: str) -> str:
    known = session.files.isfile(fsutil.getoriginal(path))
    if known or {"conflict", "flag"} & session.metadata.getentry(path).keys():
        first = f"'zsync revert {escape(path)}'"
    else:
        first = f"'zsync update {escape(path)}'"
    return (
        f"{first} first, or use --force to lose the changes, --keep-local to keep "
        "the file."
    )


def _changed(session: ChangingSession, path: str) -> Iterator[str]:
    """Yield the changed registered objects at and below ``path``."""
    flag = session.metadata.getentry(path).get("flag")
    original = fsutil.getoriginal(path)
    if MOVED in session.metadata.getentry(path):
        flag = None
    is_there = session.files.isfile(path) and flag != "removed"
    is_edited = is_there and not session.same_content(path, original)
    if is_edited or flag == "added" or _is_misplaced(session, path):
        yield path
    for each in registered(session, path):
        yield from _changed(session, each)


def _is_misplaced(session: Session, path: str) -> bool:
    """Return True if a file or directory of another kind replaces an object."""
    entry, kind = session.metadata.getentry(path), session.files.kind(path)
    if is_of_other_kind(entry):
        return True
    was_file = session.files.isfile(fsutil.getoriginal(path))
    if entry.get("flag") == "removed":
        # What was made anew, and what others made of the object meanwhile.
        return "conflict" in entry and bool(kind) and was_file != (kind == "file")
    return was_file and "flag" not in entry and kind not in (None, "file")


def revert(session: ChangingSession, target: str) -> None:
    """Undo the local changes of ``target``, and report each path.

    A file or directory in place of an object of another kind is renamed.
    """
    if fsutil.located(target) in session.relocated:
        return
    entry = session.entry(target)
    revert_entry(session, target)
    if {MOVED, MOVED_TO} & entry.keys():
        _revert_move(session, target)
        return
    if _is_misplaced(session, target):
        if is_of_other_kind(entry):
            _give_up_parts(session, target)
        set_aside(session, target)
    elif entry.get("flag") == "added":
        forget(session, target)
    elif not _revert(session, target, entry):
        return
    shown = join(target, "") if session.files.isdir(target) else target
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def revert_entry(session: ChangingSession, target: str) -> None:
    """Undo changes of the entry, as of the type, in a description."""
    entry = session.metadata.getentry(target)
    if entry.get("flag") == "added" and MOVED not in entry:
        # All of it goes.
        return
    before = session.files.drop_edits(target)
    for name, value in before.items():
        if value is None:
            entry.pop(name, None)
        else:
            entry[name] = value
    if not before:
        return
    shown = session.files.description_of(target)
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def _revert_move(session: ChangingSession, target: str) -> None:
    """Undo the changes of a moved object, and move it back."""
    # Imported late: moving imports this module.
    from zope.app.fssync.client.moving import cancel

    entry = session.metadata.getentry(target)
    new = target if MOVED in entry else session.other_place(target)
    assert new is not None
    entry = session.metadata.getentry(new)
    _revert(session, new, entry)
    old = cancel(session, fsutil.located(new))
    shown = old if new == target else target
    session.reporter(Change(report.REVERTED, shown, "Reverted"))


def set_aside(session: ChangingSession, target: str) -> None:
    """Rename a file or directory, so that an update can restore the object."""
    head, name = fsutil.split(target)
    free = basename(free_beside(session, head, f"{name}.mine"))
    entry = session.metadata.getentry(target)
    for mark in ("flag", "conflict"):
        entry.pop(mark, None)
    _forget_parts(session, target)
    session.files.tree.rename(target, free)
    line = f"Renamed {target} to {free}; 'zsync update' brings the server's"
    session.reporter(Change.of_line(line, report.RENAMED, target, free))


def _give_up_parts(session: ChangingSession, target: str) -> None:
    """Forget the parts of an object that is not the server's object any more.

    They would be merged with those of the server's object.
    """
    for what in (paths.EXTRA, paths.ANNOTATIONS):
        session.fsmerger.removal.remove_special(target, what)


def free_beside(session: Session, directory: str, name: str) -> str:
    """Return the path of a free name in a directory, similar to ``name``."""
    taken = {*session.files.listdir(directory), *session.metadata.getnames(directory)}
    return join(directory, free_name(name, taken.__contains__))


def forget(session: ChangingSession, path: str) -> None:
    """Unregister an added object; delete the file if it is a part."""
    _forget_parts(session, path)
    session.metadata.getentry(path).clear()
    if fsutil.ispart(path) and session.files.isfile(path):
        session.files.remove(path)


def _forget_parts(session: ChangingSession, path: str) -> None:
    """Forget the extras and annotations added with an object."""
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        special = getwhat(path)
        for name in session.metadata.getnames(special):
            part = join(special, name)
            if session.metadata.getentry(part).get("flag") == "added":
                forget(session, part)
        if session.files.isdir(special) and not session.metadata.getnames(special):
            session.fsmerger.removal.remove_special(
                path, basename(fsutil.split(special)[0])
            )


def _revert(session: ChangingSession, target: str, entry: dict[str, str]) -> bool:
    """Restore a registered object; return True if ``target`` is to be reported."""
    marked = any([entry.pop("flag", None), entry.pop("conflict", None)])
    if marked:
        session.fsmerger.merger.forget_sides(target)
    for path in registered(session, target):
        if session.metadata.getentry(path):
            revert(session, path)
    if session.files.isdir(target):
        if session.has_lost_entries(target) and not marked:
            raise _lost(target, "entries are")
        return marked
    return _revert_file(session, target, marked)


def _revert_file(session: ChangingSession, target: str, marked: bool) -> bool:
    original = fsutil.getoriginal(target)
    if session.files.isfile(original):
        if session.same_content(target, original):
            return marked
        session.fsmerger.merger.restore_original(target)
    elif not marked:
        raise _lost(target, "original is")
    return True


def _lost(target: str, what: str, verb: str = "revert") -> Error:
    return WorkingCopyError(
        f"can't {verb} '{target}': its {what} lost",
        path=target,
        advice="Run 'zsync update', which brings it back.",
    )


def registered(session: Session, target: str) -> list[str]:
    """Return the registered paths below ``target``, also of extras and annotations."""
    children = []
    if session.files.isdir(target):
        children = [join(target, name) for name in session.metadata.getnames(target)]
    for getwhat in (fsutil.getextra, fsutil.getannotations):
        special = getwhat(target)
        if session.files.isdir(special):
            names = session.metadata.getnames(special)
            children.extend(join(special, name) for name in names)
    return children
