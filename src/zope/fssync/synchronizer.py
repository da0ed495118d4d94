"""Synchronizers: how objects become files and directories, and back.

Base classes for synchronizers of applications, and the generators for files nobody
described.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from zope.annotation.interfaces import IAnnotations
from zope.component import adapter
from zope.component import queryAdapter
from zope.filerepresentation.interfaces import IDirectoryFactory
from zope.filerepresentation.interfaces import IFileFactory
from zope.interface import alsoProvides
from zope.interface import directlyProvidedBy
from zope.interface import implementedBy
from zope.interface import implementer
from zope.interface import implementer_only
from zope.interface import providedBy
from zope.interface.interface import InterfaceClass
from zope.lifecycleevent import Attributes
from zope.lifecycleevent import Sequence
from zope.lifecycleevent.interfaces import IModificationDescription

from zope.fssync import aliases
from zope.fssync import interfaces
from zope.fssync import markers
from zope.fssync.blobs import SCALARS
from zope.fssync.blobs import Numbers
from zope.fssync.errors import MissingSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.inheritance import inheriting
from zope.fssync.messages import _
from zope.fssync.pickle import blobs_of
from zope.fssync.picklecontext import current
from zope.fssync.picklecontext import using
from zope.fssync.registry import names
from zope.fssync.registry.synchronizers import find

__all__ = [
    "DefaultSynchronizer",
    "DirectoryGenerator",
    "DirectorySynchronizer",
    "Extras",
    "FileGenerator",
    "FileSynchronizer",
    "MissingSynchronizer",
    "StreamedBody",
    "SynchronizableAnnotations",
    "Synchronizer",
    "check_header",
    "dottedname",
    "getSynchronizer",
    "queryFactory",
]


def dottedname(klass: Any) -> str:
    """Return the name by which a class or an interface is registered."""
    return f"{klass.__module__}.{klass.__name__}"


@implementer(interfaces.ISynchronizableExtras)
class Extras(dict[str, Any]):
    """Attributes of an object that travel beside its body."""


# Not what dict implements too: an adapter provides one interface.
@adapter(IAnnotations)
@implementer_only(interfaces.ISynchronizableAnnotations)
class SynchronizableAnnotations(dict[str, Any]):
    """Annotations of an object, or changes to them.

    A deleted key is remembered: `modify` deletes it in the target too.
    """

    removed: frozenset[str] = frozenset()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.removed |= {key}

    def __getstate__(self) -> None:
        """Pickle what there is, not what there was."""

    def modify(self, target: Any) -> IModificationDescription | None:
        """See `ISynchronizableAnnotations`."""
        modified = []
        for key, value in self.items():
            old = target.get(key)
            if old is not value and _state(old) != _state(value):
                target[key] = value
                modified.append(key)
        for key in sorted(self.removed):
            if key in target and key not in self:
                del target[key]
                modified.append(key)
        return Sequence(IAnnotations, *modified) if modified else None


class StreamedBody:
    """Makes `dump` of the ``pieces`` and the ``length`` that a class gives.

    To be mixed in where `interfaces.IStreamedSerializer` is implemented.
    """

    def size(self) -> int | None:
        """See `IStreamedSerializer`."""
        # A subclass may write something else.
        written = type(self).dump is StreamedBody.dump
        return self.length() if written else None

    def length(self) -> int:
        """Return the number of bytes."""
        raise NotImplementedError

    def pieces(self) -> Iterator[bytes]:
        """See `IStreamedSerializer`."""
        raise NotImplementedError

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        for piece in self.pieces():
            writeable.write(piece)


def check_header(value: Any, what: str) -> None:
    """Refuse a value that is to be sent as a header and cannot be.

    Every request for its object would fail, or have headers that somebody else chose.
    """
    if not (isinstance(value, str) and value.isascii() and value.isprintable()):
        raise SynchronizationError(
            _("the ${what} is not a line of plain ASCII text", mapping={"what": what})
        )


def _state(value: Any) -> bytes:
    with using(blob_reference=Numbers()):
        found: bytes = interfaces.IPickler(value).dumps()
    return found


@implementer(interfaces.ISynchronizer)
class Synchronizer:
    """Reads and changes what objects have besides their body."""

    self_contained = False
    complete = False

    #: The content type of the body, where the registration says it.
    content_type: str | None = None

    def __init__(self, context: Any) -> None:
        self.context = context

    def getObject(self) -> Any:
        """See `ISerializer`."""
        return self.context

    def metadata(self) -> dict[str, str] | None:
        """See `ISerializer`."""
        result = {"factory": dottedname(self.context.__class__)}
        provided = directlyProvidedBy(self.context)
        if provided:
            result["provides"] = " ".join(map(dottedname, provided))
        if self.content_type and not self.content_type.startswith("text/"):
            result["binary"] = "true"
        return result

    def annotations(self) -> Any:
        """See `ISerializer`."""
        found = IAnnotations(self.context, None)
        if found is None:
            return None
        return interfaces.ISynchronizableAnnotations(found, None)

    def extras(self) -> Any:
        """See `ISerializer`."""
        return None

    def setmetadata(
        self, metadata: Mapping[str, str]
    ) -> IModificationDescription | None:
        """Add the interfaces the object does not yet provide."""
        wanted = metadata.get("provides", "").split()
        if wanted:
            provided = {dottedname(iface) for iface in providedBy(self.context).__iro__}
            for dotted in wanted:
                if aliases.modern(dotted) not in provided:
                    self.provide(names.interface(dotted))
        return None

    def provide(self, interface: InterfaceClass) -> None:
        """Let the object provide an interface that its entry names.

        Raises `NameRefused` unless the interface is a marker, see `markers`.
        """
        markers.check(providedBy(self.context), interface)
        alsoProvides(self.context, interface)

    def setannotations(
        self, annotations: Mapping[str, Any]
    ) -> IModificationDescription | None:
        """See `IDeserializer`."""
        target = IAnnotations(self.context, None)
        if target is None:
            return None
        changes = interfaces.ISynchronizableAnnotations(annotations, None)
        if changes is None:
            changes = SynchronizableAnnotations(annotations)
        return changes.modify(target)

    def setextras(self, extras: Mapping[str, Any]) -> IModificationDescription | None:
        """See `IDeserializer`."""
        declared = self.extras() or {}
        modified = []
        for key, value in extras.items():
            # Any other attribute, __class__ say, is no business of a submission.
            if key not in declared:
                raise SynchronizationError(
                    _(
                        "${class} has no extra attribute ${key}",
                        mapping={
                            "class": dottedname(self.context.__class__),
                            "key": repr(key),
                        },
                    )
                )
            if declared[key] != value:
                setattr(self.context, key, value)
                modified.append(key)
        return Attributes(None, *modified) if modified else None


@implementer(interfaces.IFileSynchronizer)
class FileSynchronizer(Synchronizer):
    """Base of synchronizers whose objects become files."""

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""

    def load(self, readable: Any) -> Any:
        """See `IFileDeserializer`."""


@implementer(interfaces.IDefaultSynchronizer)
class DefaultSynchronizer(FileSynchronizer):
    """Writes a whole object as a pickle, whatever its class is.

    The pickle holds the annotations where they are attributes of the object; for
    classes that keep them elsewhere register another synchronizer.
    """

    self_contained = True
    complete = True

    def metadata(self) -> dict[str, str] | None:
        """Name no factory: the pickle says how to make the object."""
        return None

    def annotations(self) -> None:
        """See `ISerializer`."""

    def extras(self) -> Extras | None:
        """Return the blobs in the object, which no pickle holds."""
        if current().is_part:
            return None
        found = blobs_of(self.context)
        return Extras(found) if found else None

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """Refuse blobs that the pickle does not name; the others are loaded."""
        for name in extras:
            raise SynchronizationError(
                _("the pickle refers to no ${name}", mapping={"name": name})
            )

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        pickler = interfaces.IPickler(self.context)
        context = current()
        if type(self.context) in SCALARS or (
            context.is_part and not context.blobs_beside
        ):
            pickler.dump(writeable)
            return
        with using(blob_reference=Numbers()):
            pickler.dump(writeable)

    def load(self, readable: Any) -> Any:
        """Refuse: an object is replaced by what its pickle holds."""
        raise NotImplementedError("a pickle makes a new object")


@implementer(interfaces.IDirectorySynchronizer)
class DirectorySynchronizer(Synchronizer):
    """Lists and changes the items of a mapping."""

    self_contained = True

    def __getitem__(self, key: str) -> Any:
        return self.context[key]

    def traverseName(self, name: str) -> Any:
        """See `IDirectorySynchronizer`."""
        return self[name]

    def iteritems(self) -> Iterable[tuple[str, Any]]:
        """See `IDirectorySerializer`."""
        # Not every view of a mapping may be used in a security proxy.
        yield from self.context.items()

    def update(self, items: Mapping[str, Any]) -> None:
        """Add several items."""
        for key, value in items.items():
            self[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self.context[key] = value

    def __delitem__(self, key: str) -> None:
        del self.context[key]


@implementer(interfaces.IFileGenerator)
class FileGenerator:
    """Makes the objects that the file factory of their container makes."""

    def content_type(self, name: str) -> str | None:
        """Return the content type for the factory; with None it guesses."""
        return None

    def create(self, context: Any, name: str, extension: str | None = None) -> Any:
        """See `IFileGenerator`."""
        for suffix in _suffixes(extension):
            factory = queryAdapter(context, IFileFactory, suffix)
            if factory is not None:
                return factory(name, self.content_type(name), b"")
        return None

    def load(self, obj: Any, readable: Any) -> Any:
        """Load by the synchronizer of the new object, else into its ``data``."""
        synchronizer = getSynchronizer(obj)
        if interfaces.IFileSynchronizer.providedBy(
            synchronizer
        ) and not interfaces.IDefaultSynchronizer.providedBy(synchronizer):
            return synchronizer.load(readable)
        obj.data = readable.read()
        return None


def _suffixes(extension: str | None) -> Iterator[str]:
    if extension:
        yield extension
    yield ""


@implementer(interfaces.IDirectoryGenerator)
class DirectoryGenerator:
    """Makes the objects that the directory factory of their container makes."""

    def create(self, context: Any, name: str) -> Any:
        """See `IDirectoryGenerator`."""
        factory = queryAdapter(context, IDirectoryFactory)
        return None if factory is None else factory(name)


def queryFactory(klass: type) -> Any:
    """Return the `ISynchronizerFactory` for the objects of a class, or None."""
    found = find(None, klass, implementedBy(klass))
    return None if found is None else found.factory


def getSynchronizer(obj: Any, raise_error: bool = False) -> Any:
    """Return the synchronizer of an object.

    None, or `MissingSynchronizer`, where not even the default one is registered.
    """
    found = find(obj)
    if found is not None:
        return inheriting(found.factory(obj), obj, found.base)
    if raise_error:
        raise MissingSynchronizer(
            _(
                "no synchronizer is registered for ${class}",
                mapping={"class": dottedname(obj.__class__)},
            )
        )
    return None
