"""What a task lets pickles bring in, and what it notes of them.

Applications make picklers and unpicklers by themselves, within `dump` and `load` of
their synchronizers: a task cannot hand them anything.  So its `PickleContext` stands
in the one context variable here.  The rule: a pickler reads it once, when it begins;
from there on it is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

if TYPE_CHECKING:
    from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = ["UNBOUND", "PickleContext", "current", "using"]


def _anything(kind: str, what: Any) -> None:
    """Let a pickle bring in whatever the application allows."""


class PickleContext(NamedTuple):
    """How pickles are read and written within a task."""

    #: Collects the paths of objects that pickles refer to: what is pickled changes
    #: when such an object gets another path.
    references: set[str] | None = None

    #: Collects the instances that are given a state, which may not be complete yet.
    instances: list[Any] | None = None

    #: Refuses what the sender of a pickle could not write without one.  Called with
    #: ``"class"`` and the `ISynchronizerFactory` of a class, and with
    #: ``"declaration"``, the class and the interfaces that an instance is to provide.
    admit: Callable[[str, Any], object] = _anything

    #: Decodes the byte strings of Python 2; None leaves them bytes.
    text: ByteText | None = None

    #: Attributes must be ones that the class of the instance declares.
    declared_only: bool = False

    #: Returns the reference that stands for a blob; without it none can be written.
    blob_reference: Callable[[Any], str] | None = None

    #: Returns the blob that a reference stands for; without it none can be read.
    blob_source: Callable[[str], Any] | None = None

    #: What is pickled is a part of an object.
    is_part: bool = False

    #: The object that it is a part of, for references to others in the tree.
    place: Any = None

    #: The blobs of a part are parts beside it, see `zope.fssync.parts`.
    blobs_beside: bool = False


#: That of a pickle which is read outside of a task.
UNBOUND = PickleContext()

_current: ContextVar[PickleContext] = ContextVar("_current", default=UNBOUND)


#: Return the context of the task that runs in this thread.
current: Callable[[], PickleContext] = _current.get


@contextmanager
def using(**changes: Any) -> Iterator[PickleContext]:
    """Change some fields of the context for a time."""
    context = current()._replace(**changes)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
