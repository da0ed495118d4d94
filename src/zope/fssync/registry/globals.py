"""The gate for the globals that pickles name.

A name is decided upon before anything is imported: it is plain data (`PLAIN`), a
registered interface, or the application allowed it by registering an
`IAllowedGlobal` utility or a synchronizer for it.  All else is refused, and what
is allowed is never more than a class that holds data, a function that makes plain
data, or an interface.
"""

from __future__ import annotations

import importlib
from types import BuiltinFunctionType
from types import FunctionType
from typing import Any

from zope.component import queryUtility
from zope.interface.interface import InterfaceClass
from zope.interface.interfaces import IInterface

from zope.fssync.aliases import modern
from zope.fssync.aliases import old_names
from zope.fssync.blobs import BLOB
from zope.fssync.blobs import refusal
from zope.fssync.blobs import refuse_blob
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.messages import _
from zope.fssync.picklecontext import PickleContext
from zope.fssync.picklecontext import current
from zope.fssync.registry.synchronizers import registered_class

__all__ = ["PLAIN", "find_global"]

_BTREES = tuple(
    f"BTrees.{family}BTree.{family}{kind}"
    for family in (
        *("OO", "OI", "OL", "OU", "OQ", "IO", "II", "IF", "IU", "LO", "LL", "LF"),
        *("LQ", "UO", "UI", "UU", "UF", "QO", "QL", "QQ", "QF", "fs"),
    )
    for kind in ("BTree", "Bucket", "TreeSet", "Set")
)

#: Names that are allowed everywhere.  Calls of them are checked once more in
#: `zope.fssync.xmlpickle.construct`.
PLAIN = frozenset(
    (
        "BTrees.Length.Length",
        "builtins.Ellipsis",
        "builtins.NotImplemented",
        "builtins.bool",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.complex",
        "builtins.dict",
        "builtins.float",
        "builtins.frozenset",
        "builtins.int",
        "builtins.list",
        "builtins.object",
        "builtins.range",
        "builtins.set",
        "builtins.slice",
        "builtins.str",
        "builtins.tuple",
        "_codecs.encode",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.UserDict",
        "collections.UserList",
        "collections.defaultdict",
        "collections.deque",
        "copyreg.__newobj__",
        "copyreg.__newobj_ex__",
        "copyreg._reconstructor",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "persistent.list.PersistentList",
        "persistent.mapping.PersistentMapping",
        "pytz.FixedOffset",
        "pytz._FixedOffset",
        "pytz._UTC",
        "pytz._p",
        "pytz.utc",
        "uuid.UUID",
        "zope.component.globalregistry.GAR",
        "zope.component.globalregistry.base",
        "zope.i18nmessageid.message.Message",
        "zope.interface.declarations.Provides",
        "zope.interface.declarations.implementedBy",
        "zoneinfo.ZoneInfo",
        *_BTREES,
    )
)

_plain: dict[tuple[str, str], object] = {}


def find_global(module: str, name: str, context: PickleContext | None = None) -> object:
    """Return the object that a pickle calls ``name`` in ``module``.

    Raises `PickleRefused` before anything is imported, unless it is allowed.
    """
    try:
        return _plain[module, name]
    except KeyError:
        pass
    dotted = f"{module}.{name}"
    today = modern(dotted)
    if today in PLAIN:
        found = _plain[module, name] = _import(today)
        return found
    return _registered(dotted, today, current() if context is None else context)


def _registered(dotted: str, today: str, context: PickleContext) -> object:
    if today == BLOB:
        # A site that allows the class need not know that its bytes are elsewhere.
        raise refusal()
    found = _allowed(dotted, today, context)
    if isinstance(found, type):
        refuse_blob(found)
    return found


def _allowed(dotted: str, today: str, context: PickleContext) -> object:
    names = dict.fromkeys((dotted, today, *old_names(today)))
    for candidate in names:
        utility = queryUtility(IAllowedGlobal, name=candidate)
        if utility is not None:
            # A security proxy lies to isinstance; the bare object is imported then.
            if issubclass(type(utility), _KINDS):
                return utility
            return _import_first(today, dotted)
        factory = queryUtility(ISynchronizerFactory, name=candidate)
        if factory is not None and not IExclusive.providedBy(factory):
            context.admit("class", factory)
            return _import_class(today, dotted)
    described = registered_class(dotted)
    if described is not None and not IExclusive.providedBy(described[1]):
        context.admit("class", described[1])
        return described[0]
    for candidate in names:
        interface = queryUtility(IInterface, name=candidate)
        if issubclass(type(interface), InterfaceClass):
            return interface
    raise PickleRefused(
        _(
            "pickle names ${dotted}, which is not allowed here",
            mapping={"dotted": dotted},
        ),
        advice=(
            _(
                "If its instances are mere data, allow it in ZCML: <utility "
                'component="${today}" name="${today}" '
                'provides="zope.fssync.interfaces.IAllowedGlobal" />',
                mapping={"today": today},
            )
        ),
    )


_KINDS = (type, FunctionType, BuiltinFunctionType, InterfaceClass)


def _import_class(today: str, dotted: str) -> object:
    found = _import_first(today, dotted)
    if not isinstance(found, type):
        raise PickleRefused(
            _(
                "pickle names ${dotted}, which is not a class",
                mapping={"dotted": dotted},
            )
        )
    return found


def _import_first(today: str, dotted: str) -> object:
    if today == dotted:
        return _import(today)
    try:
        return _import(today)
    except PickleRefused:
        return _import(dotted)


def _unusable(dotted: str) -> PickleRefused:
    # The reason is for the server's log, since it names files of the server.
    return PickleRefused(_("${dotted} cannot be imported", mapping={"dotted": dotted}))


def _import(dotted: str) -> object:
    """Import the object ``dotted``, of which it is known that it is allowed."""
    parts = dotted.split(".")
    for end in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:end])
        try:
            found: Any = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and (
                name == error.name or name.startswith(error.name + ".")
            ):
                continue
            raise _unusable(dotted) from error
        except Exception as error:
            raise _unusable(dotted) from error
        for part in parts[end:]:
            found = getattr(found, part, None)
        if found is not None:
            return found
        break
    raise PickleRefused(
        _("${dotted} is gone", mapping={"dotted": dotted}),
        advice=_("Install its package, or name its successor in zope.fssync.aliases."),
    )
