"""The conversation between git and a remote helper, see gitremote-helpers(7)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import BinaryIO

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.git.clone import BRANCH
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.clone import Known
from zope.app.fssync.client.git.fetching import Fetch
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import UsageError

__all__ = ["Helper"]

_CAPABILITIES = ("fetch", "push", "option")


class Helper:
    """Answer the commands that git sends to the helper of one server.

    ``tell`` is called with messages for the user.
    """

    def __init__(
        self,
        clone: Clone,
        network: Network,
        given: BinaryIO,
        said: BinaryIO,
        tell: Callable[[str], object],
        progress: Callable[[int, int], object],
    ) -> None:
        self._clone = clone
        self._network = network
        self._given = given
        self._said = said
        self._tell = tell
        self._show = progress
        self._depth: int | None = None
        self._is_relative = False
        self._dry_run = False
        self._wants_progress = False
        self._known: Known | None = None

    def run(self) -> None:
        """Answer until git sends no more commands."""
        for line in self._lines():
            command, _, rest = line.partition(" ")
            if command == "capabilities":
                self._say(*_CAPABILITIES, "")
            elif command == "option":
                self._say(self._option(*rest.partition(" ")[::2]))
            elif command == "list":
                self._say(*self._references(), "")
            elif command == "fetch":
                # The command `list` has fetched everything.
                self._rest()
                self._say("")
            elif command == "push":
                wanted = [line, *self._rest()]
                self._say(*self._push(wanted), "")
            elif command:
                raise UsageError(f"git asks for '{command}', which is not known here")

    def _lines(self) -> Iterator[str]:
        for line in self._given:
            text = line.decode("utf-8", "surrogateescape").rstrip("\n")
            if not text:
                return
            yield text

    def _rest(self) -> list[str]:
        """Return the remaining lines of a batch."""
        return list(self._lines())

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._said.write(line.encode("utf-8", "surrogateescape") + b"\n")
        self._said.flush()

    def _option(self, name: str, value: str) -> str:
        if name == "depth" and value.isdigit():
            self._depth = int(value)
        elif name == "deepen-relative":
            self._is_relative = value == "true"
        elif name == "dry-run":
            self._dry_run = value == "true"
        elif name == "progress":
            self._wants_progress = value == "true"
        elif name not in ("verbosity", "cloning", "followtags"):
            return "unsupported"
        return "ok"

    def _progress(self, done: int, total: int) -> None:
        if self._wants_progress:
            self._show(done, total)

    def _references(self) -> list[str]:
        with self._clone.locked():
            fetch = Fetch(self._clone, self._network, self._depth, self._progress)
            self._known = fetch()
            if self._depth is not None and self._known.tip:
                self._deepen(self._known.tip, self._depth)
        if not self._known.tip:
            return []
        return [f"{self._known.tip} {BRANCH}", f"@{BRANCH} HEAD"]

    def _deepen(self, tip: str, depth: int) -> None:
        # Imported here: most often git fetches what is new.
        from zope.app.fssync.client.git.deepening import deepen

        where = self._clone, self._network
        deepen(*where, tip, depth, self._is_relative, self._progress)

    def _push(self, wanted: list[str]) -> Iterator[str]:
        for line in wanted:
            source, _, target = line.removeprefix("push ").partition(":")
            try:
                yield from self._push_one(source.removeprefix("+"), target)
            except OutOfDate as error:
                self._tell(str(error.message))
                yield f"error {target} fetch first"
            except Error as error:
                self._tell(error.message)
                if error.advice:
                    self._tell(f"hint: {error.advice}")
                yield f"error {target} {error.message.splitlines()[0]}"

    def _push_one(self, source: str, target: str) -> Iterator[str]:
        # Imported here: most often git only fetches.
        from zope.app.fssync.client.git.pushing import Push
        from zope.app.fssync.client.git.pushing import is_behind

        if target != BRANCH:
            raise Error("the server has one branch, main, and no tags")
        if not source:
            raise Error("the branch of the server cannot be deleted")
        commit = self._clone.git.commit_id(source)
        if commit is None:
            raise Error(f"'{source}' is no commit")
        with self._clone.locked():
            known = self._clone.known()
            if is_behind(self._clone, known.tip, commit):
                yield f"error {target} non-fast forward"
                return
            before = known.tip
            known = Push(self._clone, self._network, self._dry_run)(known, commit)
        if before == known.tip != commit and not self._dry_run:
            self._tell(
                "this changes no object; it is sent with the next commit that does"
            )
        yield f"ok {target}"
        if known.tip != commit and not self._dry_run:
            yield f"option new-oid {known.tip}"
