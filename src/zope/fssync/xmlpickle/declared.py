"""The attributes that a pickle may set: those that the class of an object declares.

Any other attribute could be one that framework code looks for, and gives a meaning.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from types import CodeType
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from zope.interface import implementedBy
from zope.interface.declarations import ProvidesClass
from zope.interface.interface import Method

from zope.fssync.errors import PickleRefused
from zope.fssync.messages import _

__all__ = ["check_names"]

#: Never set by any pickle: they decide what an object is and does.
NEVER = frozenset(
    (
        "__Security_checker__",
        "__class__",
        "__conform__",
        "__dict__",
        "__implemented__",
        "__of__",
        "__providedBy__",
        "__reduce__",
        "__reduce_ex__",
        "__slots__",
        "__weakref__",
    )
)

ANNOTATABLE = "zope.annotation.interfaces.IAttributeAnnotatable"

_assigned: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def check_names(
    kind: type, attributes: Mapping[Any, Any], declared_only: bool = False
) -> None:
    """Refuse attributes that a pickle may not set of instances of ``kind``.

    With ``declared_only`` all that the class does not declare.
    """
    if not NEVER.isdisjoint(attributes) or not isinstance(
        attributes.get("__provides__"), (ProvidesClass, type(None))
    ):
        raise PickleRefused(_("pickle sets an attribute that is no data"))
    # A class with a `__setstate__` of its own need not store its state by names.
    if declared_only and not _has_own_state(kind):
        undeclared = set(attributes) - _declared(kind)
        if undeclared:
            raise PickleRefused(
                _(
                    "pickle sets the attribute ${name}, which "
                    "${module}.${class} does not declare",
                    mapping={
                        "name": repr(min(undeclared, key=str)),
                        "module": kind.__module__,
                        "class": kind.__qualname__,
                    },
                ),
                advice=_("Give the class a default for it, if it is mere data."),
            )


def _has_own_state(kind: type) -> bool:
    setter = getattr(kind, "__setstate__", None)
    return isinstance(setter, FunctionType) and setter.__module__[:10] != "persistent"


def _declared(kind: type) -> set[str]:
    found = {"__provides__", *_class_names(kind)}
    for interface in implementedBy(kind).flattened():
        found.update(
            name
            for name, told in interface.namesAndDescriptions()
            if not isinstance(told, Method)
        )
        if interface.__identifier__ == ANNOTATABLE:
            found.add("__annotations__")
    return found


def _class_names(kind: type) -> frozenset[str]:
    found = _assigned.get(kind)
    if found is None:
        found = _assigned[kind] = frozenset(
            name for each in kind.__mro__[:-1] for name in _names_of(each)
        )
    return found


def _names_of(kind: type) -> Iterator[str]:
    """Iterate over the attributes that the body of a class names or assigns."""
    content = vars(kind)
    slots = content.get("__slots__", ())
    yield from (slots,) if isinstance(slots, str) else slots
    yield from content.get("__annotations__", ())
    for name, value in content.items():
        if isinstance(value, FunctionType):
            yield from _stored(value.__code__)
        elif not (name.startswith("__") or callable(value)):
            yield name


def _stored(code: CodeType) -> Iterable[str]:
    return (
        step.argval
        for step in dis.get_instructions(code)
        if step.opname == "STORE_ATTR"
    )
