"""The working copy in which a promotion is merged.

It is kept until the promotion is committed: the next command goes on with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join
from typing import NamedTuple

from zope.app.fssync.client.hiddencopy import directory_for
from zope.app.fssync.client.hiddencopy import locked_place
from zope.app.fssync.client.hiddencopy import make_place
from zope.app.fssync.client.hiddencopy import remove_place
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotion import without_login
from zope.app.fssync.client.session import reading
from zope.fssync.errors import Locked
from zope.fssync.files import SaveFile
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT
from zope.fssync.terminal import escape

__all__ = ["Begun", "PromotionCopy"]


class Begun(NamedTuple):
    """A promotion that is merged and not committed, up to the state ``until``.

    ``is_new`` tells whether this command has begun it.
    """

    wanted: Wanted
    until: str
    is_new: bool = False


class PromotionCopy:
    """The directory of a promotion: a working copy of the second site, and a record."""

    def __init__(self, wanted: Wanted) -> None:
        sites = f"{without_login(wanted.source)} {without_login(wanted.target)}"
        name = hashlib.sha256(sites.encode()).hexdigest()[:16]
        self.path = join(directory_for("promote"), name)
        self.root = join(self.path, "copy")
        self._record = join(self.path, "promotion.json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the directory against other commands."""
        try:
            with locked_place(self.path, "promote"):
                yield
        except Locked as error:
            error.msg = error.msg.replace("working copy", "the promotion", 1)
            raise

    def make(self) -> None:
        """Make an empty directory."""
        self.remove()
        make_place(self.path)

    def begun(self) -> Begun | None:
        """Return the promotion that was merged here and not committed, or None."""
        try:
            with open_regular(self._record) as stream:
                found = json.loads(stream.read(DEFAULT.head_size))
        except FileNotFoundError:
            return None
        source, target = found["sites"]
        wanted = Wanted(
            source,
            target,
            tuple(found["paths"]),
            tuple(found["kinds"]),
            note=found["note"],
        )
        return Begun(wanted, found["until"])

    def note(self, wanted: Wanted, until: str) -> None:
        """Record the promotion."""
        found = {
            "sites": [without_login(wanted.source), without_login(wanted.target)],
            "paths": wanted.paths,
            "kinds": wanted.kinds,
            "note": wanted.note,
            "until": until,
        }
        with SaveFile(self._record, 0o600) as stream:
            stream.write(json.dumps(found).encode())

    def remove(self) -> None:
        """Remove the directory, if it exists."""
        remove_place(self.path)

    def advice(self) -> str:
        """Return the advice how to continue."""
        return (
            f"Resolve what is in conflict in {escape(self.root)}, by 'zsync resolve' "
            "there, then run the same command again."
        )

    @property
    def top(self) -> str:
        """The path of the promoted object in the working copy."""
        (top,) = reading(self.root).registered(self.root)
        return top
