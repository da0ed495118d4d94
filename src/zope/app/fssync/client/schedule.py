"""The verbs that register local changes, to be sent by the next commit."""

from __future__ import annotations

import os
from os.path import basename
from os.path import join

from zope.app.fssync.client.session import Session
from zope.app.fssync.client.workingcopy.naming import check_twin
from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import chunks

__all__ = ["LocalVerbs"]


class LocalVerbs(Session):
    """Adds, copies, removes, resolves, reverts and merges."""

    def add(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> None:
        """Register a file or directory, to be added by the next commit.

        A file that was to be removed, and was made anew, is not removed then.
        With a directory that was moved here by hand goes what is registered in it.
        A file in the Extra or Annotations of an object becomes a part of it that it
        has not told so far.
        """
        head, tail = fsutil.split(path)
        if fsutil.getowner(head) is not None:
            self._add_part(path, head, type, factory)
            return
        with self._session(head, "add", path):
            self._check_name(path, tail)
            if self._take_back_removal(path):
                self.reporter(f"M {path}")
                return
            check_twin(self.metadata, path)
            entry = self.basicadd(path, type, factory)
            parent = self.metadata.getentry(head)
            if not parent:
                raise Error(
                    "can't add '%s': its parent is not registered",
                    path,
                    path=path,
                    advice="Add the parent first.",
                )
            if "id" not in parent:
                raise Error("can't add '%s': its parent has no 'id' key", path)
            # The server composes the names of new objects.
            entry["id"] = f"{parent['id'].rstrip('/')}/{paths.nfc(tail)}"
            if self.files.isdir(path):
                # Known to have no children, rather than unknown.
                self.fsmerger.make_dir(path)
            self._tell_added(path)

    def _tell_added(self, path: str) -> None:
        """Report an addition, and add what was moved here with it."""
        if self.files.isdir(path):
            self.reporter(f"A {join(path, '')}")
            self._add_registered(path)
        else:
            self.reporter(f"A {path}")

    def _add_registered(self, directory: str) -> None:
        """Add what is registered in a directory: it was moved here by hand."""
        above = self.metadata.getentry(directory)["id"]
        for name in self.metadata.getnames(directory):
            path = join(directory, name)
            entry = self.metadata.getentry(path)
            if not self._make_new(path):
                continue
            # Moved by hand it is another object, and has the name that it has here.
            entry.pop("key", None)
            entry["id"] = f"{above.rstrip('/')}/{paths.nfc(name)}"
            for special in (fsutil.getextra(path), fsutil.getannotations(path)):
                for part in self.metadata.getnames(special):
                    self._make_new(join(special, part))
            self._tell_added(path)

    def _make_new(self, path: str) -> bool:
        """Let an object have never been sent; returns whether there is one."""
        self.fsmerger.merger.remove_original(path)
        entry = self.metadata.getentry(path)
        entry.pop("conflict", None)
        entry["flag"] = "added"
        if not self.files.exists(path):
            entry.clear()
        return bool(entry)

    def _take_back_removal(self, path: str) -> bool:
        entry = self.metadata.getentry(path)
        if entry.get("flag") != "removed" or not self.files.exists(path):
            return False
        original = fsutil.getoriginal(path)
        if not self.files.isfile(path) or not self.files.isfile(original):
            raise Error(
                "'%s' is to be removed",
                path,
                path=path,
                advice="Commit that first; what is there by now stays and can be "
                "added then.",
            )
        del entry["flag"]
        return True

    def _add_part(
        self, path: str, head: str, type: str | None, factory: str | None
    ) -> None:
        with self._session(head, "add", path):
            if not self.files.isfile(path):
                raise Error("can't add '%s': it is no file", path, path=path)
            owner = fsutil.getowner(head)
            if owner is None or not self.metadata.getentry(owner):
                raise Error(
                    "can't add '%s': what it belongs to is not registered",
                    path,
                    path=path,
                )
            self.basicadd(path, type, factory)
            self.reporter(f"A {path}")

    def _check_name(self, path: str, name: str) -> None:
        try:
            paths.check_name(name)
        except PathRefused as error:
            error.advice = "Give it another name."
            raise
        if paths.is_control(name):
            raise Error("can't add '%s': it is control data", path, path=path)

    def basicadd(
        self, path: str, type: str | None = None, factory: str | None = None
    ) -> dict[str, str]:
        """Register a file that need not have a path on the server."""
        kind = self.files.kind(path)
        if kind is None:
            raise Error("nothing known about '%s'", path, path=path)
        if kind == "other":
            raise Error(
                "can't add '%s': it is neither a file nor a directory", path, path=path
            )
        entry = self.metadata.getentry(path)
        if entry:
            raise Error("object '%s' is already registered", path, path=path)
        entry["flag"] = "added"
        if type:
            entry["type"] = type
        if factory:
            entry["factory"] = factory
        return entry

    def copy(self, src: str, dst: str | None = None, children: bool = True) -> None:
        """Copy a file or an object, and register the copy."""
        from zope.fssync.copier import FileCopier
        from zope.fssync.copier import ObjectCopier

        if not os.path.lexists(src):
            raise Error("%s does not exist", src, path=src)
        if not dst or os.path.isdir(dst):
            directory, name = dst or os.curdir, basename(os.path.abspath(src))
        else:
            directory, name = os.path.split(dst)
            directory = directory or os.curdir
        if not os.path.isdir(directory):
            raise Error("destination directory does not exist: %r", directory)
        # Shown as the person wrote it.
        target = join("" if directory == os.curdir else directory, name)
        if os.path.lexists(target):
            raise Error("'%s' already exists", target, path=target)
        if not self.metadata.getentry(directory):
            raise Error("nothing known about '%s'", directory, path=directory)
        with self._session(directory, "copy"):
            known = self.metadata.getentry(src)
            copier = ObjectCopier(self) if known else FileCopier(self)
            copier.copy(src, target, children)

    def mkdir(self, path: str) -> None:
        """Make a directory, and register it."""
        directory, name = os.path.split(path.rstrip(os.sep))
        directory = directory or os.curdir
        if not os.path.lexists(directory):
            raise Error("directory %r does not exist", directory, path=directory)
        if not os.path.isdir(directory):
            raise Error("%r is not a directory", directory, path=directory)
        if not self.metadata.getentry(directory):
            raise Error("know nothing about container for %r", path, path=path)
        if os.path.lexists(path):
            raise Error("%r already exists", path, path=path)
        with self._session(directory, "mkdir"):
            self._check_name(path, name)
            self.files.mkdir(path)
            self.add(path)

    def remove(self, path: str) -> None:
        """Register a file or directory to be removed by the next commit.

        What still exists is deleted too, if all of it is on the server.
        """
        with self._session(fsutil.split(path)[0], "remove", path):
            entry = self.metadata.getentry(path)
            if not entry:
                raise Error("nothing known about '%s'", path, path=path)
            if not entry.get("id"):
                raise Error("can't remove '%s': its zope path is unknown", path)
            if self.files.exists(path):
                self._delete(path)
            if entry.get("flag") == "added":
                entry.clear()
            else:
                entry["flag"] = "removed"
                entry.pop("conflict", None)
            self.reporter(f"R {path}")

    def _delete(self, path: str) -> None:
        if self.fsmerger.local_modifications(path):
            raise Error(
                "'%s' still exists and has changes that are not on the server",
                path,
                path=path,
                advice="Delete it yourself, or 'zsync revert' it first.",
            )
        if self.files.isdir(path):
            self.fsmerger.remove_tree(path)
        else:
            self.files.remove(path)

    def resolve(self, target: str) -> None:
        """Declare the conflicts in ``target`` to be resolved."""
        with self._session(target, "resolve"):
            entry = self.metadata.getentry(target)
            entry.pop("conflict", None)
            for path in self._registered(target):
                self.resolve(path)

    def revert(self, target: str) -> None:
        """Take back what was done to ``target`` since the last exchange."""
        with self._session(target, "revert"):
            entry = self._entry(target)
            flag = entry.get("flag")
            if flag == "added":
                entry.clear()
            elif not self._revert(target, entry):
                return
            if self.files.isdir(target):
                target = join(target, "")
            self.reporter(f"Reverted {target}")

    def _revert(self, target: str, entry: dict[str, str]) -> bool:
        """Restore what is registered; returns whether to mention ``target``."""
        marked = any([entry.pop("flag", None), entry.pop("conflict", None)])
        for path in self._registered(target):
            self.revert(path)
        if self.files.isdir(target):
            return True
        return self._revert_file(target, marked)

    def _revert_file(self, target: str, marked: bool) -> bool:
        original = fsutil.getoriginal(target)
        if self.files.isfile(original):
            if self.fsmerger.merger.cmpfile(target, original):
                return marked
            with self.files.open(original) as stream:
                self.files.write(target, chunks(stream))
        elif not self.files.exists(target) and not marked:
            raise WorkingCopyError(
                "can't revert '%s': its original is lost",
                target,
                path=target,
                advice="Run 'zsync update', which brings it back.",
            )
        return True

    def _registered(self, target: str) -> list[str]:
        """What is registered below ``target``, with its extras and annotations."""
        children = []
        if self.files.isdir(target):
            children = [join(target, n) for n in self.metadata.getnames(target)]
        for getwhat in (fsutil.getextra, fsutil.getannotations):
            special = getwhat(target)
            if self.files.isdir(special):
                names = self.metadata.getnames(special)
                children.extend(join(special, name) for name in names)
        return children

    def merge(self, args: list[str]) -> None:
        """Bring the changes of one working copy into another.

        ``args`` is the source, and the target unless that is the current
        directory.
        """
        from zope.app.fssync.client.transplant import merge

        source = self._single(args[0])
        target = self._single(args[1] if len(args) > 1 else os.curdir)
        for path, role in ((target, "Target"), (source, "Source")):
            if not self.metadata.getentry(path):
                raise Error(f"{role} must be a fssync checkout directory", path=path)
        source_id, target_id = self._id(source), self._id(target)
        if source_id != target_id:
            raise Error(f"Cannot merge from {source_id} to {target_id}")
        with self._session(target, "merge"):
            merge(os.path.abspath(source), os.path.abspath(target), self)
            self.conflicts.extend(self.fsmerger.conflicts)
