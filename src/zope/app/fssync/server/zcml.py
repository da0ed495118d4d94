"""ZCML directives: aliases of renamed classes, allowed globals, protected parts.

They only register values.
"""

from __future__ import annotations

from typing import Any

from zope.component.interfaces import IFactory
from zope.component.zcml import adapter
from zope.component.zcml import utility
from zope.configuration.exceptions import ConfigurationError
from zope.configuration.fields import GlobalInterface
from zope.configuration.fields import GlobalObject
from zope.interface import Interface
from zope.schema import ASCIILine
from zope.schema import Bool
from zope.schema import DottedName
from zope.schema import PythonIdentifier
from zope.schema import TextLine
from zope.security.checker import CheckerPublic
from zope.security.zcml import Permission

from zope.app.fssync.content.schema.adapter import FieldsSynchronizer
from zope.app.fssync.content.schema.adapter import with_schema
from zope.app.fssync.server.faults import IStrict
from zope.app.fssync.server.making import Offered
from zope.app.fssync.server.protection import IAnnotationPermission
from zope.app.fssync.server.protection import IInterfacePermission
from zope.app.fssync.server.registration import Described
from zope.app.fssync.server.registration import Registration
from zope.fssync import aliases
from zope.fssync import markers
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.interfaces import ITextEncoding
from zope.fssync.synchronizer import dottedname
from zope.fssync.xmlpickle.bytetext import ByteText

__all__ = [
    "IAliasDirective",
    "IAllowDirective",
    "IMarkerDirective",
    "IMovedDirective",
    "IOfferDirective",
    "IProtectDirective",
    "IStrictDirective",
    "ISynchronizerDirective",
    "ITextEncodingDirective",
    "alias",
    "allow",
    "marker",
    "moved",
    "offer",
    "protect",
    "strict",
    "synchronizer",
    "text_encoding",
]


class IAliasDirective(Interface):
    """Declare the new name of a class or a function."""

    old = DottedName(
        title="Old name", description="The name in pickles and entries.", min_dots=1
    )
    new = DottedName(
        title="New name", description="Where it can be imported.", min_dots=1
    )


class IMovedDirective(Interface):
    """Declare the new name of a module or a package, and of everything in it."""

    old = DottedName(title="Old name", description="The name in pickles and entries.")
    new = DottedName(title="New name", description="Where it can be imported.")


class IAllowDirective(Interface):
    """Allow pickles to name a class whose instances only hold data."""

    component = GlobalObject(
        title="Class", description="A class, function or interface."
    )


class IOfferDirective(Interface):
    """Let commits make objects of a class whose base is described."""

    class_ = GlobalObject(
        title="Class",
        description="It is derived from a class that has a synchronizer, or provides "
        "an interface that has one.",
    )
    title = TextLine(
        title="Title", description="For the list of what can be made.", required=False
    )


class IMarkerDirective(Interface):
    """Declare an interface as a marker: submissions may let objects provide it."""

    interface = GlobalInterface(
        title="Interface", description="An interface that gives no rights."
    )


class IProtectDirective(Interface):
    """Require a permission to write a part of objects."""

    permission = Permission(
        title="Permission",
        description="The permission that the caller needs.",
        required=True,
    )
    annotation = TextLine(
        title="Annotation", description="The key of an annotation.", required=False
    )
    interface = GlobalInterface(
        title="Interface",
        description="An interface that objects may come to provide, or its bases.",
        required=False,
    )


class ISynchronizerDirective(Interface):
    """Synchronize the objects of a class, or those that provide an interface."""

    for_ = GlobalObject(
        title="For",
        description="A class with those derived from it, or an interface.",
    )
    factory = GlobalObject(
        title="Factory",
        description="Makes the synchronizer; usually its class.  Only a schema does "
        "without one.",
        required=False,
    )
    permission = Permission(
        title="Permission",
        description="The permission to read the objects.  It can be left out where the "
        "factory names permissions of Zope.",
        required=False,
    )
    write = Permission(
        title="Permission to write",
        description="The permission to change the objects; without it that of the "
        "class of the synchronizer, or that of pickles.",
        required=False,
    )
    content_type = ASCIILine(
        title="Content type",
        description="That of the body: what is no text is not merged by lines.",
        required=False,
    )
    inherit = Bool(
        title="Inherit",
        description="Are objects of classes derived from a class meant as well?",
        default=True,
        required=False,
    )
    schema = GlobalInterface(
        title="Schema",
        description="Its fields are recorded as lines of text.",
        required=False,
    )
    body = PythonIdentifier(
        title="Body",
        description="The field of the schema that the file holds; without it that "
        "holds all fields.",
        required=False,
    )
    make = GlobalObject(
        title="Maker",
        description="Makes an object, called with its class, where that cannot be "
        "called without arguments.",
        required=False,
    )


class IStrictDirective(Interface):
    """Refuse sources with faults, as a script that does not compile."""


class ITextEncodingDirective(Interface):
    """Declare the encoding of byte strings of Python 2 that are text."""

    name = ASCIILine(title="Name", description="The name of the encoding: utf-8, say.")


def alias(_context: Any, old: str, new: str) -> None:
    """Handle ``fssync:alias``."""
    _context.action(("fssync:alias", old), aliases.register, (old, new))


def moved(_context: Any, old: str, new: str) -> None:
    """Handle ``fssync:moved``."""
    _context.action(("fssync:moved", old), aliases.register_module, (old, new))


def allow(_context: Any, component: Any) -> None:
    """Handle ``fssync:allow``."""
    name = f"{component.__module__}.{component.__name__}"
    utility(_context, provides=IAllowedGlobal, component=component, name=name)


def offer(_context: Any, class_: Any, title: str = "") -> None:
    """Handle ``fssync:offer``."""
    if not isinstance(class_, type):
        raise ConfigurationError(f"{dottedname(class_)} is no class")
    name = dottedname(class_)
    utility(_context, provides=IFactory, component=Offered(class_, title), name=name)


def marker(_context: Any, interface: Any) -> None:
    """Handle ``fssync:marker``."""
    if any(map(markers.is_vital, interface.__iro__)):
        raise ConfigurationError(
            f"{interface.__identifier__} is no mere marker: security, annotations, "
            "location or publication depend on it or on its bases"
        )
    name = dottedname(interface)
    utility(_context, provides=IMarker, component=interface, name=name)


def protect(
    _context: Any, permission: str, annotation: str | None = None, interface: Any = None
) -> None:
    """Handle ``fssync:protect``."""
    if (annotation is None) == (interface is None):
        raise ConfigurationError("protect needs either an annotation or an interface")
    if annotation is not None:
        kind, name = IAnnotationPermission, annotation
    else:
        kind, name = IInterfacePermission, dottedname(interface)
    utility(_context, provides=kind, component=permission, name=name)


def synchronizer(
    _context: Any,
    for_: Any,
    factory: Any = None,
    permission: str | None = None,
    write: str | None = None,
    content_type: str | None = None,
    inherit: bool = True,
    schema: Any = None,
    body: str | None = None,
    make: Any = None,
) -> None:
    """Handle ``fssync:synchronizer``."""
    if schema is not None:
        factory = _described(for_, factory, schema, body)
    elif factory is None or body is not None:
        raise ConfigurationError("name a factory, or a schema, which may have a body")
    if permission is None and not hasattr(factory, "permissions"):
        raise ConfigurationError(
            "say who may read the objects: permission= is missing, and "
            f"{dottedname(factory)} names no permissions"
        )
    reading = CheckerPublic if permission == "zope.Public" else permission
    registered = Registration(factory, reading, write, True, True, content_type)
    _register(_context, for_, Described(registered, inherit, make))
    part = getattr(factory, "part", None)
    if part is not None:
        beside = Registration(FieldsSynchronizer, reading, write, True, True)
        _register(_context, part, Described(beside, True))


def _register(_context: Any, for_: Any, described: Described) -> None:
    adapter(_context, [described], provides=ISynchronizer, for_=[for_])


def _described(for_: Any, factory: Any, schema: Any, body: str | None) -> Any:
    """Return a class of synchronizers for a schema."""
    make = with_schema if factory is None else getattr(factory, "with_schema", None)
    if make is None:
        raise ConfigurationError(f"{dottedname(factory)} takes no schema")
    try:
        return make(for_, schema, body)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


def strict(_context: Any) -> None:
    """Handle ``fssync:strict``."""
    utility(_context, provides=IStrict, component=True)


def text_encoding(_context: Any, name: str) -> None:
    """Handle ``fssync:textEncoding``."""
    ByteText(name)
    utility(_context, provides=ITextEncoding, component=name)
