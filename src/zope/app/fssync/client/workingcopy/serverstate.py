"""The states of the server that a working copy was received in, `State`.

They are derived: without them the next update fetches everything.  They are valid
in the directory that they were written in.  In a copy of it they are what has been
seen: the next update fetches everything, and still finds out that the server went back.

A state alone does not describe the working copy: parts of an object may be newer,
and so are committed objects.  Their states are sent as well, since the server may
have been restored from a backup that has the state and not the rest.  A text that is
no state, or is one no longer, is sent as well: it says what has been seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import TypeGuard

from zope.app.fssync.client.workingcopy.compactchanges import CompactChanges
from zope.app.fssync.client.workingcopy.place import state_of
from zope.app.fssync.client.workingcopy.pristine import is_pristine
from zope.app.fssync.client.workingcopy.receivedfiles import Received
from zope.app.fssync.client.workingcopy.receivedfiles import are_older
from zope.app.fssync.client.workingcopy.receivedfiles import received_after
from zope.app.fssync.client.workingcopy.receivedfiles import seen
from zope.app.fssync.client.workingcopy.receivedfiles import within
from zope.fssync.errors import Error
from zope.fssync.files import blake2b
from zope.fssync.limits import REMEMBERED_CHANGES
from zope.fssync.limits import REMEMBERED_COMMITS
from zope.fssync.limits import REMEMBERED_CONTAINERS
from zope.fssync.limits import REMEMBERED_TYPES
from zope.fssync.limits import STATE_LENGTH
from zope.fssync.limits import STATE_SIZE
from zope.fssync.patterns import late
from zope.fssync.report import LastChange

if TYPE_CHECKING:
    from zope.fssync.fileinterfaces import IFileTree

__all__ = ["States"]


#: Stands for more parts than fit into a header: no server knows it.
_many = "many"

#: Before what is no state, and was seen.
_seen = "!"

_nonce = late(r"[0-9a-f]{16}")

#: The transaction in a state of a server of this release.
_transaction = late(r"!?4-([0-9a-f]{16})-")


class States:
    """The states of the objects of a working copy, by their paths on the server.

    ``nonce`` names the working copy, ``commits`` counts what it has committed.
    """

    def __init__(self, files: IFileTree, root: str) -> None:
        self._files = files
        self._root = root
        self._path = self.path(root)
        self._states: dict[str, str] = {}
        #: By the same paths the last thing that a state lacks; see `lack`.
        self._lacking: dict[str, str] = {}
        #: By the paths of objects the transaction that committed them, where that is
        #: newer than their state.
        self._committed: dict[str, str] = {}
        #: By the paths of objects who changed them last, as far as that is known.
        self._changes: dict[str, str] = {}
        #: By the paths of containers the types that the server made there when it was
        #: last asked: factory, kind and title of each.
        self._types: dict[str, list[tuple[str, ...]]] = {}
        self._received: Received = {}
        self.nonce = os.urandom(8).hex()
        self.commits = 0
        self._load()

    @staticmethod
    def path(root: str) -> str:
        """Return where the states of a working copy are."""
        return state_of(root)

    def _load(self) -> None:
        if not self._files.isfile(self._path):
            return
        try:
            with self._files.open(self._path) as stream:
                self._take(json.loads(stream.read(STATE_SIZE)))
        except (ValueError, RecursionError, Error):
            # A damaged file counts as no states.
            return

    def _take(self, data: object) -> None:
        # Others may have made the file, and what it says is sent.
        match data:
            case {
                "states": dict(states),
                "nonce": str(nonce),
                "commits": int(commits),
                "lacking": dict(lacking),
                "place": place,
                "received": list(received),
                **more,
            } if _nonce.fullmatch(nonce) and all(
                map(_is_state, [*states.values(), *lacking.values()])
            ):
                self._states, self._lacking = states, lacking
                self._committed = _transactions(more.get("committed"))
                self._changes = _marks(more.get("changes"))
                self._types = _types(more.get("types"))
                looks = (str(each).partition(" ") for each in received)
                self._received = {p: look for look, _, p in looks if is_pristine(p)}
                if place == self._place():
                    self.nonce, self.commits = nonce, commits
                else:
                    self._distrust()

    def _place(self) -> int:
        """Return what distinguishes a directory from its copies."""
        return os.lstat(os.path.dirname(self._path)).st_ino

    def get(self, path: str) -> str | None:
        """Return the state of the object at ``path``, or what it is part of.

        Behind it stands what is newer here: states of parts, and what it lacks.
        """
        text = self._said(path)
        return None if text is None or text.startswith(_seen) else text

    def told(self, path: str) -> str | None:
        """Return what has been seen of the object at ``path``, None if nothing was.

        For requests that bring all of it.
        """
        text = self._said(path)
        return text and " ".join(each.removeprefix(_seen) for each in text.split())

    def _said(self, path: str) -> str | None:
        while path not in self._states:
            if path in ("", "/"):
                return None
            path = path.rpartition("/")[0] or "/"
        state = self._states[path]
        newer = {v for k, v in self._states.items() if _is_within(k, path)}
        newer.add(self._lacking.get(path, state))
        text = " ".join([state, *sorted(newer - {state})])
        if len(text) <= STATE_LENGTH:
            return text
        return (
            f"{state} {_many} {text[len(state) + 1 : STATE_LENGTH].rpartition(' ')[0]}"
        )

    def set(self, path: str, state: str | None, seen: str | None = None) -> None:
        """Remember the state of an object, and forget those of its parts.

        ``seen`` is the last transaction, if the object has no state.
        """
        kept = {k: v for k, v in self._states.items() if not _is_within(k, path)}
        if _is_state(state):
            kept[path] = state
        else:
            # Without a state for a part the state of the whole is unknown.
            if not _is_state(seen):
                kept = dict(self._states)
            kept = {k: _mark(v) if _overlap(k, path) else v for k, v in kept.items()}
            if _is_state(seen):
                kept[path] = _mark(seen)
        lacking = {
            k: v
            for k, v in self._lacking.items()
            if k in kept and not (_is_state(state or seen) and _is_within(k, path))
        }
        committed = self._committed
        if _is_state(state):
            committed = {k: v for k, v in committed.items() if not _is_within(k, path)}
        new = (kept, lacking, committed)
        if new != (self._states, self._lacking, self._committed):
            self._states, self._lacking, self._committed = new
            self.save()

    def take(
        self,
        path: str,
        state: str | None,
        seen: str | None = None,
        resend: bool = False,
        back: bool = False,
    ) -> None:
        """Take over what came with an object.

        With ``resend`` some of the object was not taken over, and is sent again.  With
        ``back`` what the server has lost must not be forgotten then.
        """
        if not resend:
            self.set(path, state, seen)
        elif not back:
            self.lack(path, state or seen)

    def commit_id(self, digest: str) -> str:
        """Return the id of the next commit, if ``digest`` is what it sends.

        Sent once more it has the same id, until it is known to have been done.
        """
        content = blake2b(f"{digest} {self.commits}".encode(), digest_size=16)
        return f"{self.nonce}-{content.hexdigest()}"

    def count_commit(
        self,
        path: str,
        commit: str,
        stored: bool = True,
        committed: Mapping[str, str] | None = None,
    ) -> None:
        """Note that a commit of the object at ``path`` was done.

        It comes in place of the commit before, and beside the state that an update
        with conflicts brought: what that state holds is known here.  A commit that
        is not ``stored`` changed nothing, and the server will not know of it.
        ``committed`` has by their paths the transactions, in hexadecimal, that objects
        are as of now; only the last ones are kept.
        """
        self.commits += 1
        if committed:
            known = {k: v for k, v in self._committed.items() if k not in committed}
            known.update(committed)
            self._committed = dict(list(known.items())[-REMEMBERED_COMMITS:])
        for key in (each for each in self._states if stored and _overlap(each, path)):
            noted = self._lacking.get(key, "").split()
            kept = [each for each in noted if not each.startswith(f"{self.nonce}-")]
            self._lacking[key] = " ".join([*kept, commit])
        self.save()

    def transaction(self, path: str) -> str | None:
        """Return the transaction, in hexadecimal, that an object is known as of."""
        found = _transaction.match(self.told(path) or "")
        known = [self._committed.get(path), found and found[1]]
        return max((each for each in known if each), default=None)

    def last_change(self, path: str) -> LastChange | None:
        """Return who changed an object last, None where that is not known."""
        return LastChange.of_mark(self._changes.get(path, ""))

    def knows_changes(self) -> bool:
        """Return whether it is known of any object who changed it last."""
        return bool(self._changes)

    def learn(self, changes: Mapping[str, LastChange]) -> None:
        """Remember who changed objects last, of which only the last are kept."""
        if not changes:
            return
        kept = {k: v for k, v in self._changes.items() if k not in changes}
        kept.update((path, each.mark()) for path, each in changes.items())
        self._changes = dict(list(kept.items())[-REMEMBERED_CHANGES:])
        self.save()

    def forget_changes(self, path: str) -> None:
        """Forget who changed an object and those in it."""
        kept = {k: v for k, v in self._changes.items() if not _is_within(k, path)}
        if kept != self._changes:
            self._changes = kept
            self.save()

    def types(self, path: str) -> list[tuple[str, ...]]:
        """Return what the server made in a container when it was last asked."""
        return self._types.get(path, [])

    def learn_types(self, path: str, types: Iterable[tuple[str, ...]]) -> None:
        """Remember what the server makes in a container; only the last are kept."""
        known = {k: v for k, v in self._types.items() if k != path}
        known[path] = list(types)[:REMEMBERED_TYPES]
        known = dict(list(known.items())[-REMEMBERED_CONTAINERS:])
        if known != self._types:
            self._types = known
            self.save()

    def lack(self, path: str, newer: str | None) -> None:
        """Note that a part of the object is as new as a commit or a state."""
        if _is_state(newer):
            self._lacking |= {k: newer for k in self._states if _overlap(k, path)}
        self.save()

    def fit(self, directory: str) -> bool:
        """Return False if files in a directory here are older than the states.

        They were put back; see `receivedfiles`.
        """
        place = self._below_root(directory)
        found = (each for each in self._received.items() if within(each[0], place))
        return not are_older(self._root, found)

    def note_received(
        self, changes: CompactChanges, more: bool, whole: str | None = None
    ) -> None:
        """Note the files that ``changes`` write.

        With ``more`` they come from the server, all of the directory ``whole``.
        """
        if not self._states:
            # No server has said anything that files could be older than.
            return
        place = None if whole is None else self._below_root(whole)
        received = received_after(changes.tree, self._received, more, place)
        if received != self._received:
            self._received = received
            self.save()

    def forget_received(self) -> None:
        """Forget the files with pristine copies, which are to be written anew.

        If some were restored, which is not noticed later, distrust the states.
        """
        if not self.fit(self._root):
            self.distrust()
        if self._received:
            self._received = {}
            self.save()

    def distrust(self) -> None:
        """Let the next update bring all of each object."""
        self._distrust()
        self._received = seen(self._root, self._received)
        self.save()

    def _distrust(self) -> None:
        self._states = {k: _mark(v) for k, v in self._states.items()}

    def _below_root(self, directory: str) -> str:
        place = os.path.relpath(os.path.realpath(directory), self._root)
        return "" if place == os.curdir else place.replace(os.sep, "/")

    def move(self, places: dict[str, str]) -> None:
        """Find what is known by other paths: ``places`` has the new ones by the old.

        What is at no path of ``places``, and not below one, is forgotten.
        """

        def moved(known: dict[str, str]) -> dict[str, str]:
            return {
                _below(there, path[len(was.rstrip("/")) :]): v
                for path, v in known.items()
                for was, there in places.items()
                if _is_within(path, was)
            }

        self._states, self._lacking = moved(self._states), moved(self._lacking)
        self._committed = moved(self._committed)
        self._changes = moved(self._changes)
        # Another server may offer other types.
        self._types = {}
        self.save()

    def follow(self) -> None:
        """Stay valid where a conversion has moved the control data of the root."""
        path = self.path(self._root)
        if path != self._path and self._files.isfile(path):
            self._path = path
            self.save()

    def save(self) -> None:
        """Write what has changed."""
        data = {
            "states": self._states,
            "nonce": self.nonce,
            "commits": self.commits,
            "lacking": self._lacking,
            "committed": self._committed,
            "changes": self._changes,
            "types": self._types,
            "place": self._place(),
            "received": [f"{look} {path}" for path, look in self._received.items()],
        }
        text = json.dumps(data, indent=1, sort_keys=True)
        self._files.write(self._path, [text.encode("ascii"), b"\n"])


def _transactions(data: object) -> dict[str, str]:
    """Return what a file says of commits, which is nothing where others made it."""
    if not isinstance(data, dict):
        return {}
    return {k: v for k, v in data.items() if isinstance(v, str) and _nonce.fullmatch(v)}


def _marks(data: object) -> dict[str, str]:
    """Return what a file says of who changed objects, in the same way."""
    found = data if isinstance(data, dict) else {}
    return {k: v for k, v in found.items() if isinstance(v, str)}


def _types(data: object) -> dict[str, list[tuple[str, ...]]]:
    """Return what a file says of types, nothing where it has another form."""
    found = data if isinstance(data, dict) else {}
    try:
        known = {
            str(k): [tuple(map(str, each)) for each in v] for k, v in found.items()
        }
    except TypeError:
        return {}
    return {k: v for k, v in known.items() if all(len(each) == 3 for each in v)}


def _mark(text: str) -> str:
    return _seen + text.removeprefix(_seen)


def _below(path: str, rest: str) -> str:
    return (path.rstrip("/") + rest).rstrip("/") or "/"


def _is_within(path: str, other: str) -> bool:
    return path == other or path.startswith(other.rstrip("/") + "/")


def _overlap(path: str, other: str) -> bool:
    return _is_within(path, other) or _is_within(other, path)


def _is_state(state: object) -> TypeGuard[str]:
    return (
        isinstance(state, str)
        and len(state) <= STATE_LENGTH
        and state.isascii()
        and state.isprintable()
    )
