"""Send a checkout while the objects are still being read.

They are read after the publisher has ended the request: the stream has a database
connection of its own, and sets up the caller of the request itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from typing import Any

from zope.app.fssync.protocol.headers import AGAIN
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import SEEN
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.protocol.headers import left_out
from zope.app.fssync.server import observing
from zope.app.fssync.server.announcing import announced
from zope.app.fssync.server.changes.clientstate import ClientState
from zope.app.fssync.server.sentstream import SentStream
from zope.fssync.limits import CHUNK
from zope.fssync.pickle import watching_references
from zope.fssync.repository import StreamRepository
from zope.fssync.snarf import ANSWER
from zope.fssync.sparse import Sparse
from zope.fssync.task import Checkout

__all__ = ["CheckoutStream"]

log = logging.getLogger(__name__)


def _let_others_run(worked: float) -> None:
    """Sleep after a number of seconds of work, if other large exchanges are running.

    Only one thread of a process runs at a time.  Large exchanges take turns, and leave
    every other turn to pages.
    """
    running = observing.large()
    if running > 1:
        time.sleep(worked * running)


class CheckoutStream(SentStream):
    """An archive of an object, as an iterator of bytes.

    ``detached`` is an `IDetached`; what ``sparse`` leaves out is not sent.  An error
    ends the iteration, so that the client misses the end of the archive.  An error in
    the first piece is raised by the constructor, and gets a response of its own.
    """

    def __init__(
        self, host: Any, detached: Any, name: str, sparse: Sparse | None = None
    ) -> None:
        super().__init__()
        self._detached = detached
        self._name = name
        with detached.active():
            self._access = access = host.access(reading=True)
            # Everything is sent, whatever state the client has.
            self._client_state = ClientState(detached.obj, host, access, NO_STATE)
            self._repository = StreamRepository(case_insensitive=True, enforce_nfd=True)
            #: The estimated number of objects, see `announcing`.
            self.announced = announced(host, detached.obj, sparse, access=access)
            self._database: Any = host.database(detached.obj)
            self._task = Checkout(
                access,
                self._repository,
                hooks=self._database,
                sparse=sparse,
            )
        self._references: set[str] = set()
        self._steps = self._task.steps(detached.obj, name)
        self._pieces = self._all()
        self._more = False
        try:
            self._more = self._read()
        except BaseException:
            # Nothing is sent yet: the caller can restart without the failed object.
            if not self.broken:
                self.close()
                raise

    @property
    def broken(self) -> bool:
        """True if an object failed whose entry is already written."""
        return bool(self._task.broken)

    @property
    def objects(self) -> int:  # type: ignore[override]
        """The number of objects that were read."""
        found: int = self._database.visited
        return found

    @property
    def withheld(self) -> int:  # type: ignore[override]
        """The number of objects that the caller may not see."""
        return len(self._task.withheld)

    def _release(self) -> None:
        self._repository.close()
        self._detached.close()

    def _all(self) -> Generator[bytes, None, None]:
        yield from self._repository.take()
        while self._more:
            began = time.thread_time()
            try:
                self._more = self._read()
            except Exception:
                log.exception("a checkout of %r broke off", self._name)
                raise
            yield from self._repository.take()
            _let_others_run(time.thread_time() - began)
        self.finished = True

    def _read(self) -> bool:
        """Read until there is enough to send; return whether there is more."""
        with self._detached.active(), watching_references() as references:
            for _ in self._steps:
                if self._task.broken:
                    self._end()
                    return False
                if self._repository.waiting() >= CHUNK:
                    break
            else:
                self._references |= references
                self._end()
                return False
            self._references |= references
        return True

    def _end(self) -> None:
        lines = [f"{name} {value}" for name, value in self._closing().items()]
        stream = self._repository.writeable(ANSWER)
        stream.write("".join(f"{line}\n" for line in lines).encode("ascii"))
        stream.close()

    def _closing(self) -> dict[str, str]:
        task = self._task
        if task.broken:
            return {AGAIN: "yes"}
        closing = {WITHHELD: str(len(task.withheld))}
        if task.unnamed or task.failed:
            closing[LEFT_OUT] = left_out((*task.unnamed, *task.failed))
        state, seen = (
            self._client_state.state(bool(self._references)),
            self._client_state.seen(),
        )
        if state is not None and not self._access.damaged and not task.failed:
            closing[STATE] = state
        elif seen is not None:
            closing[SEEN] = seen
        return closing
