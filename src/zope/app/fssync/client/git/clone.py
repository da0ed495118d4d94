"""The state that a clone keeps of a server, in ``zsync`` of its git directory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client.git.plumbing import Git
from zope.app.fssync.client.workingcopy.lock import Lock
from zope.fssync.errors import Locked
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import SaveFile
from zope.fssync.files import Tree
from zope.fssync.files import make_directories
from zope.fssync.files import open_regular
from zope.fssync.limits import STATE_SIZE

__all__ = ["BRANCH", "Clone", "Known"]

#: The only branch that a server has.
BRANCH = "refs/heads/main"


class Known(NamedTuple):
    """The result of the last fetch: its last commit and the transaction of that.

    ``state`` is the state token of a server whose history cannot be read, else "".
    ``for_git`` has the paths of the files that only git needs, as ``.gitignore``;
    ``shared`` has folded paths that differ from those of several objects in case only.
    """

    url: str = ""
    tip: str = ""
    transaction: str = ""
    state: str = ""
    for_git: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


class Clone:
    """A git repository and the state that it keeps of its remote ``name``."""

    def __init__(self, git: Git, name: str, url: str) -> None:
        self.git = git
        self.url = url
        if "://" in name or name in ("", ".", "..") or name.startswith("/"):
            from hashlib import sha256

            name = sha256(url.encode()).hexdigest()[:16]
        self.directory = join(git.directory, "zsync", *name.split("/"))
        #: The ref that keeps the fetched commits, even if branches are deleted.
        self.reference = f"refs/zsync/{name}/main"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the clone against other commands."""
        make_directories(self.directory)
        try:
            with Lock(join(self.directory, "lock"), "git"):
                yield
        except Locked as error:
            error.msg = error.msg.replace("working copy", "the clone", 1)
            raise

    @property
    def _path(self) -> str:
        return join(self.directory, "state.json")

    def known(self) -> Known:
        """Return the result of the last fetch; an empty one if the URL has changed."""
        if not Tree().isfile(self._path):
            return Known(self.url)
        try:
            with open_regular(self._path) as stream:
                known = Known(**json.loads(stream.read(STATE_SIZE)))
                known = known._replace(
                    for_git=tuple(known.for_git), shared=tuple(known.shared)
                )
        except (ValueError, TypeError) as error:
            raise WorkingCopyError(
                f"damaged: {self._path}",
                path=self._path,
                advice="Delete it; the next fetch reads the whole history again.",
            ) from error
        if known.url != self.url or self.git.commit_id(known.tip) is None:
            return Known(self.url)
        return known

    def first_commits(self, tip: str) -> list[str]:
        """Return the commits without parents from which a commit comes."""
        return self.git.line("rev-list", "--max-parents=0", tip).split()

    @property
    def _shallow(self) -> str:
        return self.git.line("rev-parse", "--git-path", "shallow")

    def shallow(self) -> list[str]:
        """Return the commits before which git expects more on the server."""
        if not Tree().isfile(self._shallow):
            return []
        with open_regular(self._shallow) as stream:
            return stream.read(STATE_SIZE).decode("ascii").split()

    def set_shallow(self, commits: Iterable[str]) -> None:
        """Store those commits."""
        lines = "".join(f"{each}\n" for each in commits)
        if lines:
            with SaveFile(self._shallow) as stream:
                stream.write(lines.encode("ascii"))
        elif Tree().isfile(self._shallow):
            Tree().remove(self._shallow)

    def keep(self, known: Known) -> None:
        """Store the result of a fetch whose commits are written."""
        self.git.run("update-ref", self.reference, known.tip)
        with SaveFile(self._path) as stream:
            stream.write(json.dumps(known._asdict(), indent=1).encode("ascii"))
