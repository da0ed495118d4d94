"""Picklers and unpicklers that keep references to objects outside.

The object to write is the context of a pickler, the parent of what is read that of
an unpickler.  Adapters of these, `IPersistentIdGenerator` and
`IPersistentIdLoader`, decide what a reference is.  The ones here use paths: what
lies inside the written object is written with it, its parent is ``..``, so that
it can be read somewhere else, and all other objects are their path from the root.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Any
from typing import BinaryIO

from zope.component import adapter
from zope.component import queryUtility
from zope.interface import Interface
from zope.interface import implementer
from zope.location.interfaces import ILocation
from zope.location.location import inside
from zope.location.traversing import LocationPhysicallyLocatable

from zope.fssync import binarypickle
from zope.fssync import blobs
from zope.fssync import xmlpickle
from zope.fssync.cached import cached_property
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IPersistentIdGenerator
from zope.fssync.interfaces import IPersistentIdLoader
from zope.fssync.interfaces import IPickler
from zope.fssync.interfaces import IUnpickler
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import REMEMBERED_PART
from zope.fssync.limits import REMEMBERED_PARTS
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.picklecontext import current
from zope.fssync.picklecontext import using

__all__ = [
    "PARENT_MARKER",
    "PathPersistentIdGenerator",
    "PathPersistentLoader",
    "StandardPickler",
    "StandardUnpickler",
    "XMLPickler",
    "XMLUnpickler",
    "blobs_of",
    "canonical",
    "holds_blob",
    "watching_references",
]

#: Refers to the parent of the written object, whatever its path is.
PARENT_MARKER = ".."


@contextmanager
def watching_references() -> Iterator[set[str]]:
    """Collect the paths of objects that pickles refer to, for a time.

    A pickle changes when such an object gets another path.
    """
    found: set[str] = set()
    with using(references=found):
        yield found


def _root(obj: Any) -> Any:
    """Return the root above ``obj``, or None if it is not located below one."""
    if ILocation.providedBy(obj):
        try:
            return LocationPhysicallyLocatable(obj).getRoot()
        except TypeError:
            return None
    return None


def path_of(obj: Any) -> str:
    """Return the path of a located object, and note that a pickle refers to it."""
    path = str(LocationPhysicallyLocatable(obj).getPath())
    references = current().references
    if references is not None:
        references.add(path)
    return path


def is_item(obj: Any) -> bool:
    """Return whether an object is an item of what it says that it lies in."""
    try:
        return bool(obj.__parent__[obj.__name__] == obj)
    except (AttributeError, LookupError, TypeError):
        return False


@implementer(IPersistentIdGenerator)
@adapter(IPickler)
class PathPersistentIdGenerator:
    """Refers to located objects by their paths."""

    def __init__(self, pickler: Any) -> None:
        self.pickler = pickler
        self.location = pickler.context
        self._place = current().place

    @cached_property
    def parent(self) -> Any:
        """The parent of what is pickled, or of the object that it is a part of."""
        return self._origin[0]

    @cached_property
    def root(self) -> Any:
        """The root above it, or None."""
        return self._origin[1]

    @cached_property
    def _origin(self) -> tuple[Any, Any, bool]:
        """Parent and root; True if a part is pickled that knows nothing of its place.

        Hardly any pickle has a located object in it: it is found out for those.
        """
        parent = getattr(self.location, "__parent__", None)
        root = None if parent is not None else _root(self._place)
        if root is not None:
            return self._place, root, True
        return parent, _root(self.location), False

    def id(self, obj: Any) -> str | None:
        if not ILocation.providedBy(obj):
            return None
        if self.parent is None or inside(obj, self.location):
            return None
        if obj is self.parent:
            return PARENT_MARKER
        is_part = self._origin[2]
        if is_part and not is_item(obj):
            return None
        if self.root is not None and inside(obj, self.root):
            return path_of(obj)
        if obj.__parent__ is None:
            return None
        raise PickleRefused(
            _(
                "object ${object} lies outside of the tree and cannot be referred to",
                mapping={"object": repr(obj)},
            )
        )


@implementer(IPersistentIdLoader)
@adapter(IUnpickler)
class PathPersistentLoader:
    """Finds located objects by their paths."""

    def __init__(self, unpickler: Any) -> None:
        self.parent = unpickler.context
        self.root = _root(unpickler.context)

    def load(self, id: str) -> Any:
        if id == PARENT_MARKER:
            return self.parent
        depth = _limits().path_depth
        if id.count("/") > depth:
            raise LimitExceeded(
                _(
                    "reference of more than ${depth} components",
                    mapping={"depth": depth},
                )
            )
        if not id.startswith("/"):
            raise PickleRefused(
                _("unknown reference to an object: ${id}", mapping={"id": id})
            )
        if self.root is None:
            raise PickleRefused(
                _(
                    "reference ${id} cannot be followed: there is no root here",
                    mapping={"id": id},
                )
            )
        return self.root if id == "/" else self.traverse(id[1:])

    def traverse(self, path: str) -> Any:
        """Return the located object at a path from the root, without its slash."""
        # Imported here: most programs never follow a path.
        from zope.traversing.interfaces import ITraverser

        traverser = ITraverser(self.root, None)
        if traverser is None:
            raise PickleRefused(
                _(
                    "reference /${path} cannot be followed from here",
                    mapping={"path": path},
                )
            )
        try:
            found = traverser.traverse(path)
        except (LookupError, AttributeError) as error:
            raise PickleRefused(
                _("reference to a missing object: /${path}", mapping={"path": path}),
                advice=_("Commit that object first."),
            ) from error
        # Traversal also reaches attributes; those are not what paths are for.
        if not ILocation.providedBy(found):
            raise PickleRefused(
                _(
                    "reference to what is no located object: /${path}",
                    mapping={"path": path},
                )
            )
        return found


def _limits() -> Limits:
    found: Limits = queryUtility(ILimits, default=DEFAULT)
    return found


class _Pickler:
    def __init__(self, context: Any) -> None:
        self.context = context

    def _persistent_id(self) -> Callable[[Any], str | None] | None:
        generator = IPersistentIdGenerator(self, None)
        reference = current().blob_reference
        if generator is None:
            return reference and _only_blobs(reference)

        blob = None if reference is None else blobs.blob_class()

        def persistent_id(obj: Any) -> str | None:
            if blob is not None and reference and type(obj) is blob:
                return reference(obj)
            name = generator.id(obj)
            # Generators of release 3.6.0 return UTF-8.
            return name.decode() if isinstance(name, bytes) else name

        return persistent_id

    def dumps(self) -> bytes:
        stream = BytesIO()
        self.dump(stream)
        return stream.getvalue()

    def dump(self, writeable: Any) -> None:
        raise NotImplementedError


class _Unpickler:
    def __init__(self, context: Any) -> None:
        self.context = context

    def _persistent_load(self) -> Any:
        loader = IPersistentIdLoader(self, None)
        source = current().blob_source
        if loader is None:
            return source

        def persistent_load(id: str) -> Any:
            if not blobs.is_reference(id):
                return loader.load(id)
            if source is None:
                raise blobs.refusal()
            return source(id)

        return persistent_load

    def load(self, readable: Any) -> Any:
        return self.loads(_read(readable, _limits().pickle_size))

    def loads(self, pickle: bytes) -> Any:
        raise NotImplementedError


def _only_blobs(reference: Callable[[Any], str]) -> Callable[[Any], str | None]:
    blob = blobs.blob_class()

    def persistent_id(obj: Any) -> str | None:
        return reference(obj) if type(obj) is blob else None

    return persistent_id


def _read(readable: BinaryIO, limit: int) -> bytes:
    """Read all there is, but never much more than ``limit`` bytes."""
    pieces: list[bytes] = []
    left = limit + 1
    while left > 0:
        piece = readable.read(left)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        left -= len(piece)
    raise LimitExceeded(
        _("pickle is larger than ${limit} bytes", mapping={"limit": limit})
    )


@implementer(IPickler)
@adapter(Interface)
class StandardPickler(_Pickler):
    """Writes Python's own format, with dictionaries and sets in order."""

    def dump(self, writeable: Any) -> None:
        binarypickle.dump(self.context, writeable, self._persistent_id())


@implementer(IUnpickler)
@adapter(Interface)
class StandardUnpickler(_Unpickler):
    """Reads Python's own format."""

    def loads(self, pickle: bytes) -> Any:
        return binarypickle.load(pickle, self._persistent_load(), _limits())


@implementer(IPickler)
@adapter(Interface)
class XMLPickler(_Pickler):
    """Writes stable text, see `zope.fssync.xmlpickle`."""

    def dump(self, writeable: Any) -> None:
        writeable.write(self.dumps())

    def dumps(self) -> bytes:
        if type(self.context) is str and len(self.context) <= REMEMBERED_PART:
            return _text_of(self.context, _limits())
        return xmlpickle.dumps(self.context, self._persistent_id(), _limits())


@lru_cache(maxsize=REMEMBERED_PARTS)
def _text_of(text: str, limits: Limits) -> bytes:
    """Return the pickle of a text: many objects have the same content type."""
    return xmlpickle.dumps(text, None, limits)


@implementer(IUnpickler)
@adapter(Interface)
class XMLUnpickler(_Unpickler):
    """Reads the text of `XMLPickler` and of release 3.6.0."""

    def loads(self, pickle: bytes) -> Any:
        return xmlpickle.loads(pickle, self._persistent_load(), _limits())


def holds_blob(obj: Any) -> bool:
    """Return True if an object refers to a blob, which a pickle cannot hold."""
    return blobs.holds_blob(obj, _Outside(obj))


class _Outside:
    """Names what lies outside of an object; few objects have parts to ask about."""

    def __init__(self, obj: Any) -> None:
        self._obj = obj

    def __call__(self, part: Any) -> str | None:
        return None if self._ask is None else self._ask(part)

    @cached_property
    def _ask(self) -> Callable[[Any], str | None] | None:
        # Nothing is written, so no reference is.
        with using(references=None):
            return XMLPickler(self._obj)._persistent_id()


def blobs_of(obj: Any) -> dict[str, Any]:
    """Return the blobs that a pickle of ``obj`` leads to, by the names of extras."""
    if not holds_blob(obj):
        return {}
    numbers = blobs.Numbers()
    with using(blob_reference=numbers), watching_references():
        IPickler(obj).dumps()
    return numbers.found


def canonical(data: bytes, context: Any = None) -> bytes:
    """Return the XML pickle ``data`` as we would write it.

    Release 3.6.0 wrote the same state in other forms; the canonical forms of equal
    states are equal.  References are followed only where
    the ``context``, the parent of the pickled object, is given.
    """
    load = None if context is None else XMLUnpickler(context)._persistent_load()
    return xmlpickle.canonical(data, load, _limits())
