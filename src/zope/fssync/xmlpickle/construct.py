"""Makes the instances that pickles describe, and refuses to do more than that.

Every class and function here came through `zope.fssync.registry.globals`; its
arguments and its state did not.  Arguments that make a constructor run long or
allocate at will are refused, and only what a class made is given a state or items.
"""

from __future__ import annotations

import copyreg
import re
import sys
from collections import Counter
from collections import deque
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Set
from types import BuiltinFunctionType
from types import FunctionType
from typing import Any

from zope.interface.interface import InterfaceClass
from zope.interface.interface import Specification

from zope.fssync.errors import PickleRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import TREE_DEPTH
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.picklecontext import UNBOUND
from zope.fssync.picklecontext import PickleContext
from zope.fssync.xmlpickle.declared import check_names
from zope.fssync.xmlpickle.sharing import check_hashes

__all__ = [
    "NEWOBJ",
    "RECONSTRUCTOR",
    "add_items",
    "add_values",
    "call",
    "describe",
    "is_fresh",
    "set_state",
]

#: What `object.__reduce_ex__` calls, and what 3.6.0 has called instead.
NEWOBJ: Any = copyreg.__newobj__  # type: ignore[attr-defined]
NEWOBJ_EX: Any = copyreg.__newobj_ex__  # type: ignore[attr-defined]
RECONSTRUCTOR: Any = copyreg._reconstructor  # type: ignore[attr-defined]

_FUNCTIONS = (FunctionType, BuiltinFunctionType)
_BASES = (object, dict, list, tuple, set, frozenset, str, bytes, int, float, complex)
_SCALARS = (str, bytes, int, float, bool)
_TEXT_OR_NUMBER = (str, int, float, bytes, bytearray)
_fraction = re.compile(r"-?[0-9]+(/[0-9]+)?").fullmatch


def call(
    function: Any,
    arguments: tuple[Any, ...],
    limits: Limits = DEFAULT,
    context: PickleContext = UNBOUND,
) -> Any:
    """Return ``function(*arguments)`` for an allowed class or function."""
    if function is NEWOBJ:
        kind = arguments[0] if arguments else None
        _check_keys(kind, arguments[1:], limits)
        return _new(*arguments)
    _check_keys(function, arguments, limits)
    if not isinstance(function, (type, *_FUNCTIONS)):
        raise PickleRefused(
            _(
                "pickle calls ${kind}, which is no class",
                mapping={"kind": describe(function)},
            )
        )
    dotted = f"{function.__module__}.{function.__qualname__}"
    if dotted in _DECLARATIONS:
        return _declaration(context, function, *arguments)
    check = _CHECKS.get(dotted)
    if check is not None:
        return check(function, *arguments)
    _check_arguments(function, arguments)
    return function(*arguments)


def _check_keys(kind: Any, arguments: tuple[Any, ...], limits: Limits) -> None:
    """Refuse a set or a mapping of too many keys with the same hash."""
    if not isinstance(kind, type) or not issubclass(kind, (Set, Mapping)):
        return
    for values in arguments:
        if type(values) in (list, tuple):
            if issubclass(kind, Mapping) and kind is not Counter:
                pairs = [each for each in values if type(each) in (list, tuple)]
                values = [each[0] for each in pairs if each]
            check_hashes(values, limits)


def describe(obj: Any) -> str:
    """Return what to call ``obj`` in a message.

    Never its repr: that of lists which contain others twice has no end.
    """
    named = obj if isinstance(obj, (type, *_FUNCTIONS)) else type(obj)
    return f"{named.__module__}.{named.__qualname__}"


def is_fresh(function: Any, obj: Any) -> bool:
    """Return True if ``obj``, the result of ``function``, is a new instance."""
    return (
        isinstance(function, type) or function in (NEWOBJ, NEWOBJ_EX, RECONSTRUCTOR)
    ) and not isinstance(obj, (type, InterfaceClass, *_FUNCTIONS))


def set_state(
    obj: Any, state: Any, depths: dict[int, int], context: PickleContext = UNBOUND
) -> None:
    """Give the new instance ``obj`` its state.

    ``depths`` remembers the parts of BTrees that are complete.
    """
    kind = type(obj)
    if context.instances is not None:
        context.instances.append(obj)
    for attributes in state if type(state) is tuple else (state,):
        if type(attributes) is dict:
            check_names(kind, attributes, context.declared_only)
    if kind.__module__.startswith("BTrees.") and kind.__name__ != "Length":
        _set_btree_state(obj, state, depths)
        return
    extra = None
    if type(state) is tuple and len(state) == 2 and type(state[1]) is dict:
        extra = state[1]
        for name in extra:
            if type(name) is not str or name in _FORBIDDEN or name[:3] == "_p_":
                raise PickleRefused(_("pickle sets an attribute that is no data"))
    setter = getattr(kind, "__setstate__", None)
    if setter is not None:
        setter(obj, state)
        return
    if extra is not None:
        state = state[0]
    if state:
        attributes = obj.__dict__
        for name, value in state.items():
            attributes[sys.intern(name)] = value
    if extra:
        for name, value in extra.items():
            setattr(obj, name, value)


_FORBIDDEN = frozenset(("__class__", "__dict__", "__weakref__"))


def add_values(obj: Any, values: list[Any]) -> None:
    """Append ``values`` to a new list or deque."""
    if not isinstance(obj, (list, deque)):
        raise PickleRefused(
            _("pickle appends to ${kind}", mapping={"kind": describe(type(obj))})
        )
    obj.extend(values)


def add_items(obj: Any, items: list[tuple[Any, Any]], limits: Limits = DEFAULT) -> None:
    """Set ``items`` in a new dict."""
    if not isinstance(obj, dict):
        raise PickleRefused(
            _("pickle sets items of ${kind}", mapping={"kind": describe(type(obj))})
        )
    check_hashes((key for key, _ in items), limits)
    for key, value in items:
        obj[key] = value


# Checked constructors


def _new(kind: Any, *arguments: Any, **named: Any) -> Any:
    if not isinstance(kind, type) or issubclass(kind, type):
        raise PickleRefused(
            _("pickle makes an instance of ${kind}", mapping={"kind": describe(kind)})
        )
    if arguments:
        _check_arguments(kind, arguments)
    return kind.__new__(kind, *arguments, **named)


def _check_arguments(function: Any, arguments: tuple[Any, ...]) -> None:
    for argument in arguments:
        if type(argument) is range:
            raise PickleRefused(
                _(
                    "pickle makes ${kind} from a range",
                    mapping={"kind": describe(function)},
                )
            )
    if isinstance(function, type) and issubclass(function, _TEXT_OR_NUMBER):
        if issubclass(function, (bytes, bytearray)):
            _refuse_size(function, arguments)
        elif arguments and type(arguments[0]) not in _SCALARS:
            raise PickleRefused(
                _(
                    "pickle makes ${kind} from an object",
                    mapping={"kind": describe(function)},
                )
            )


def _newobj(function: Any, kind: Any, *arguments: Any) -> Any:
    return _new(kind, *arguments)


def _newobj_ex(function: Any, kind: Any, arguments: Any, named: Any) -> Any:
    return _new(kind, *arguments, **named)


def _reconstruct(function: Any, kind: Any, base: Any, state: Any) -> Any:
    if base not in _BASES or not isinstance(kind, type) or not issubclass(kind, base):
        raise PickleRefused(
            _("pickle makes an instance of ${kind}", mapping={"kind": describe(kind)})
        )
    if base is object:
        return object.__new__(kind)
    if not isinstance(state, base):
        raise PickleRefused(
            _(
                "pickle makes ${kind} from another type",
                mapping={"kind": describe(kind)},
            )
        )
    obj = base.__new__(kind, state)
    if base.__init__ is not object.__init__:
        base.__init__(obj, state)
    return obj


def _refuse_size(kind: Any, arguments: tuple[Any, ...]) -> None:
    if arguments and type(arguments[0]) not in (str, bytes, bytearray, list):
        raise PickleRefused(
            _("pickle makes ${kind} from an object", mapping={"kind": describe(kind)})
        )


def _fraction_new(function: Any, *arguments: Any) -> Any:
    if any(
        not (type(argument) is int or (type(argument) is str and _fraction(argument)))
        for argument in arguments
    ):
        raise PickleRefused(_("pickle makes a Fraction from an object"))
    return function(*arguments)


def _encode(function: Any, text: Any, encoding: Any = "latin1", *rest: Any) -> bytes:
    if type(text) is not str or encoding not in ("latin1", "latin-1"):
        raise PickleRefused(_("pickle encodes what is no Latin-1 text"))
    return text.encode("latin-1")


def _default_dict(function: Any, factory: Any = None, *rest: Any) -> Any:
    if factory is not None and not isinstance(factory, type):
        raise PickleRefused(
            _(
                "pickle calls ${kind} for missing keys",
                mapping={"kind": describe(factory)},
            )
        )
    return function(factory, *rest)


def _global_registry(function: Any, components: Any, name: Any) -> Any:
    module = sys.modules["zope.component.globalregistry"]
    if components is not module.base or name not in ("adapters", "utilities"):
        raise PickleRefused(_("pickle names a part of a registry"))
    return function(components, name)


def _declaration(
    context: PickleContext, function: Any, kind: Any, *interfaces: Any
) -> Any:
    if not isinstance(kind, type):
        raise PickleRefused(
            _("pickle declares interfaces of ${kind}", mapping={"kind": describe(kind)})
        )
    for interface in interfaces:
        if not isinstance(interface, Specification):
            raise PickleRefused(
                _("pickle declares ${kind}", mapping={"kind": describe(interface)})
            )
    if interfaces:
        context.admit("declaration", (kind, *interfaces))
    return function(kind, *interfaces)


_CHECKS: dict[str, Callable[..., Any]] = {
    "_codecs.encode": _encode,
    "collections.defaultdict": _default_dict,
    "copyreg.__newobj__": _newobj,
    "copyreg.__newobj_ex__": _newobj_ex,
    "copyreg._reconstructor": _reconstruct,
    "fractions.Fraction": _fraction_new,
    "zope.component.globalregistry.GAR": _global_registry,
}

_DECLARATIONS = frozenset(
    (
        "zope.interface.declarations.Provides",
        "zope.interface.declarations.implementedBy",
    )
)


# BTrees trust the state they are given: a bucket that follows itself never ends.


def _set_btree_state(obj: Any, state: Any, depths: dict[int, int]) -> None:
    kind = type(obj)
    tree = kind.__name__.endswith(("BTree", "TreeSet"))
    if state is not None:
        if type(state) is not tuple or not 1 <= len(state) <= 2:
            raise _bad_btree(kind)
        if not tree:
            _check_parts(state[1:], (kind,), depths)
        elif len(state) == 1:
            _fill_tree(obj, state)
            depths[id(obj)] = 1
            return
        else:
            if type(state[0]) is not tuple or len(state[0]) % 2 == 0:
                raise _bad_btree(kind)
            depth = _check_parts(
                (*state[0][::2], state[1]), (kind, kind._bucket_type), depths
            )
            depths[id(obj)] = depth + 1
            obj.__setstate__(state)
            return
    obj.__setstate__(state)
    depths[id(obj)] = 1


def _check_parts(
    parts: tuple[Any, ...], kinds: tuple[type, ...], depths: dict[int, int]
) -> int:
    depth = 0
    for part in parts:
        known = depths.get(id(part))
        if type(part) not in kinds or known is None or known > TREE_DEPTH:
            raise _bad_btree(type(part))
        depth = max(depth, known)
    return depth


def _fill_tree(obj: Any, state: Any) -> None:
    """Fill a tree from the form that has all items in one bucket."""
    try:
        (((items,),),) = state
    except (TypeError, ValueError):
        raise _bad_btree(type(obj)) from None
    if type(items) is not tuple:
        raise _bad_btree(type(obj))
    # Built anew: the order of keys was another one in Python 2.
    if type(obj).__name__.endswith("TreeSet"):
        obj.update(items)
    else:
        obj.update(list(zip(items[::2], items[1::2], strict=True)))


def _bad_btree(kind: type) -> PickleRefused:
    return PickleRefused(
        _(
            "pickle has a damaged state of a BTree: ${kind}",
            mapping={"kind": describe(kind)},
        )
    )
