"""Which local name and which name of the other side mean the same object."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from os.path import join
from typing import TYPE_CHECKING

from zope.fssync import paths
from zope.fssync.fsutil import free_name

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree
    from zope.fssync.fileinterfaces import IMergeSource
    from zope.fssync.fileinterfaces import IWorkingMetadata

__all__ = ["NamePairs"]

#: Of a file that nobody has registered.
_new = {"flag": "added"}

Entries = Mapping[str, Mapping[str, str]]


class NamePairs:
    """Pairs the children of a local directory with those of a remote one.

    ``join_remote`` joins remote paths.  ``leaves_out(directory, key, is_directory)``
    says which remote objects are not to come here, ``stays(path)`` which local ones
    are kept though they are not on the server.
    """

    def __init__(
        self,
        metadata: IWorkingMetadata,
        files: IFileTree,
        remote: IMergeSource,
        *,
        join_remote: Callable[[str, str], str],
        leaves_out: Callable[[str, str, bool], bool] | None,
        stays: Callable[[str], bool],
    ) -> None:
        self._metadata = metadata
        self._files = files
        self._remote = remote
        self._join_remote = join_remote
        self._leaves_out = leaves_out
        self._stays = stays

    def pairs(self, localdir: str, remotedir: str) -> list[tuple[str, str]]:
        """The local and the remote name of each child, in order.

        Children are paired by the key of the object, which the two sides may
        spell differently (decomposed, numbered) as file names.
        """
        entries = self._metadata.getmanager(localdir).entries
        local = self._local_keys(localdir, entries)
        every = self._remote_keys(remotedir)
        wanted = every
        if self._leaves_out is not None:
            wanted = self._wanted(localdir, remotedir, entries, every)
        if local == wanted:
            return [(name, name) for name in sorted(local)]
        pairs, new = _by_key(local, wanted, entries)
        self._pair_what_is_only_here(localdir, entries, local, every, pairs, new)
        return sorted(pairs.items())

    def _pair_what_is_only_here(
        self,
        localdir: str,
        entries: Entries,
        local: Mapping[str, str],
        every: Mapping[str, str],
        pairs: dict[str, str],
        new: dict[str, str],
    ) -> None:
        """Give each name that is left on one side a name on the other."""
        stay, gone = set(map(paths.fold, pairs)), {}
        for name in local.keys() - pairs.keys():
            if name in new and not entries.get(name):
                # A file that nobody has registered is in the way.
                pairs[name] = name
                del new[name]
            else:
                # The name belongs to another object of the archive.  Servers name a
                # hidden object by its key.
                key = local[name]
                safe = key if paths.portable_name(key) == key else name
                pairs[name] = free_name(safe, every.__contains__)
                gone[paths.fold(name)] = join(localdir, name)

        def is_taken(name: str) -> bool:
            if name in pairs:
                return True
            # Another name may be the same one to the file system.
            form = paths.fold(name)
            taken = form in stay or (form in gone and self._stays(gone[form]))
            return taken and self._files.folds(localdir)

        for name, key in sorted(new.items()):
            pairs[free_name(self._files.file_name(name, key), is_taken)] = name

    def _local_keys(self, localdir: str, entries: Entries) -> dict[str, str]:
        """The keys of the children here, by name."""
        keys = {n: entry.get("key", n) for n, entry in entries.items() if entry}
        if self._files.isdir(localdir):
            for name in self._files.listdir(localdir):
                if name != paths.CONTROL:
                    keys.setdefault(name, name)
        return keys

    def _remote_keys(self, remotedir: str) -> dict[str, str]:
        """The keys of the children on the server, by name."""
        return {
            name: self._remote.getentry(self._join_remote(remotedir, name)).get(
                "key", name
            )
            for name in self._remote.getnames(remotedir)
        }

    def _wanted(
        self,
        localdir: str,
        remotedir: str,
        entries: Entries,
        remote: Mapping[str, str],
    ) -> dict[str, str]:
        """Return the remote names, without those of what is left out here."""
        assert self._leaves_out is not None
        known = set(_known_keys(entries))
        wanted = {}
        for name, key in remote.items():
            kind = self._remote.kind(self._join_remote(remotedir, name))
            if (
                key in known
                or paths.nfc(key) in known
                or not self._leaves_out(localdir, key, kind == "dir")
            ):
                wanted[name] = key
        return wanted


def _known_keys(entries: Entries) -> Iterator[str]:
    for name, entry in entries.items():
        if entry:
            key = entry.get("key", name)
            yield paths.nfc(key) if entry.get("flag") == "added" else key


def _by_key(
    local: Mapping[str, str], remote: Mapping[str, str], entries: Entries
) -> tuple[dict[str, str], dict[str, str]]:
    """Pair names of the same key; return those, and the remote keys that are left."""
    left = {key: name for name, key in remote.items()}
    pairs: dict[str, str] = {}
    for form in (str, paths.nfc):
        found = {form(key): key for key in left}
        for name, key in local.items():
            if form is not str and (entries.get(name) or _new).get("flag") != "added":
                # A key that the server has sent is compared as it is.
                continue
            if name not in pairs and form(key) in found:
                pairs[name] = left.pop(found.pop(form(key)))
    return pairs, {name: key for key, name in left.items()}
