"""Pickles as XML: stable text for objects, and objects from such text.

The document form is that of release 3.6.0 (Python 2); what it wrote is read, and
what we write has its layout.  The rules for text:

* ``str`` is written as ``<unicode>``, ``bytes`` always as
  ``<string encoding="base64">``;
* a ``<string>`` without encoding is ASCII text and read as ``str``, one with
  ``encoding="base64"`` is read as ``bytes``, ``<unicode>`` as ``str``;
* a dictionary key or attribute name that is ``str`` and matches
  ``[_a-zA-Z][_a-zA-Z0-9]{1,40}`` is written as ``<item key="...">``.

The same state gives the same text: dictionaries and sets are sorted, a BTree is
written as its sorted items whatever its buckets are, and only mutable objects are
shared (``id``, ``<reference>``), equal immutable values are repeated.

Two elements are new, below ``initialized_object`` between ``arguments`` and
``state``: ``<listitems>`` with values and ``<dictitems>`` with ``item`` elements,
which fill a list, deque or dict after it was made (`object.__reduce_ex__`).

Reader and writer are imported when one of them is used: descriptions have a form of
their own, and need neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.picklecontext import PickleContext

if TYPE_CHECKING:
    from zope.fssync.xmlpickle.reader import Reader
    from zope.fssync.xmlpickle.writer import PersistentId
    from zope.fssync.xmlpickle.writer import Writer

__all__ = ["Reader", "Writer", "canonical", "dumps", "loads"]

PersistentLoad = Callable[[str], object]


def __getattr__(name: str) -> object:
    if name == "Reader":
        from zope.fssync.xmlpickle.reader import Reader

        return Reader
    if name == "Writer":
        from zope.fssync.xmlpickle.writer import Writer

        return Writer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def dumps(
    obj: object,
    persistent_id: PersistentId | None = None,
    limits: Limits = DEFAULT,
) -> bytes:
    """Return ``obj`` as an XML pickle.

    ``persistent_id(obj)`` returns text that stands for an object, or None.
    """
    from zope.fssync.xmlpickle.writer import Writer

    return Writer(persistent_id, limits).dumps(obj)


def loads(
    data: bytes,
    persistent_load: PersistentLoad | None = None,
    limits: Limits = DEFAULT,
    context: PickleContext | None = None,
) -> Any:
    """Return the object that the XML pickle ``data`` holds.

    ``persistent_load(text)`` returns the object that a reference stands for.
    Without a ``context`` that of the running task counts.  Raises `PickleRefused` or
    `LimitExceeded`, or what ``persistent_load`` raises.
    """
    from zope.fssync.xmlpickle.reader import Reader

    return Reader(persistent_load, limits, context).loads(data)


def canonical(
    data: bytes,
    persistent_load: PersistentLoad | None = None,
    limits: Limits = DEFAULT,
    context: PickleContext | None = None,
) -> bytes:
    """Return ``data`` as we would write it.

    References to objects outside stay what they are.  Without
    ``persistent_load`` stand-ins take the place of those objects.
    """
    from zope.fssync.xmlpickle.reference import PersistentReferences

    references = PersistentReferences(persistent_load)
    obj = loads(data, references.load, limits, context)
    return dumps(obj, references.id, limits)
