"""What a class has beyond the base that its synchronizer was written for.

The synchronizer of the base knows nothing of attributes that a derived class adds.
They are recorded as extras beside those of the synchronizer, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from typing import Any

from zope.component import queryUtility
from zope.interface import implementedBy
from zope.interface import providedBy
from zope.lifecycleevent import Attributes

from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IReservedAttributes
from zope.fssync.messages import _

__all__ = ["WrappedSynchronizer", "beyond", "inheriting", "set_data"]

#: Prefixes of names that are no data of the application.
_FOREIGN = ("__", "_v_", "_p_")


def inheriting(
    synchronizer: Any, obj: Any, base: type | None, target: Any = None
) -> Any:
    """Return a synchronizer that records what an object has beyond ``base``.

    ``obj`` is the bare object, ``target`` takes what is set and may check that.
    """
    if base is None or getattr(synchronizer, "complete", False):
        return synchronizer
    return _Inheriting(synchronizer, obj, base, obj if target is None else target)


def beyond(obj: Any, base: type) -> dict[str, Any]:
    """Return the attributes of an object that objects of a base do not have."""
    activate = getattr(obj, "_p_activate", None)
    if activate is not None:
        activate()
    known = _known(base)
    reserved = _reserved()
    return {
        name: value
        for name, value in sorted(getattr(obj, "__dict__", {}).items())
        if name not in known and not name.startswith(_FOREIGN) and not reserved(name)
    }


def set_data(
    obj: Any, wanted: Mapping[str, Any], present: Mapping[str, Any], target: Any
) -> Iterator[str]:
    """Set attributes of an object by ``target``, and yield the names of what changed.

    Raises `SynchronizationError` for names that are no mere data.
    """
    reserved = _reserved()
    for name, value in wanted.items():
        inherited = getattr(type(obj), name, None)
        if (
            name.startswith(_FOREIGN)
            or reserved(name)
            or callable(inherited)
            or hasattr(inherited, "__set__")
        ):
            raise SynchronizationError(
                _(
                    "${name} of the object is not mere data",
                    mapping={"name": repr(name)},
                )
            )
        if name not in present or present[name] != value:
            setattr(target, name, value)
            yield name


def _reserved() -> Callable[[str], bool]:
    found: Callable[[str], bool] = queryUtility(IReservedAttributes, default=_nothing)
    return found


def _nothing(name: str) -> bool:
    return False


@cache
def _known(base: type) -> frozenset[str]:
    """Return the names that belong to a class: in it, or in an object of it."""
    names = {name for each in base.__mro__ for name in vars(each)}
    for interface in implementedBy(base):
        names.update(interface.names(all=True))
    return frozenset(names | getattr(_sample(base), "__dict__", {}).keys())


def _sample(klass: Any) -> Any:
    try:
        return klass()
    except Exception:
        # Its attributes then are recorded twice, which is better than not at all.
        return None


class WrappedSynchronizer:
    """A synchronizer, and the extras of the object that it does not know of."""

    def __init__(self, inner: Any, obj: Any) -> None:
        self._inner = inner
        self._obj = obj

    @property
    def __providedBy__(self) -> Any:
        return providedBy(self._inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __getitem__(self, key: Any) -> Any:
        return self._inner[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._inner[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._inner[key]


class _Inheriting(WrappedSynchronizer):
    def __init__(self, inner: Any, obj: Any, base: type, target: Any) -> None:
        super().__init__(inner, obj)
        self._base = base
        self._target = target

    def extras(self) -> Any:
        """See `ISerializer`."""
        # Imported here: that module needs this one.
        from zope.fssync.reference import ReferringExtras

        added = beyond(self._obj, self._base)
        own = self._inner.extras()
        if not added and own is not None:
            return own
        return ReferringExtras({**added, **(own or {})}, self._obj)

    def setextras(self, extras: Mapping[str, Any]) -> Any:
        """See `IDeserializer`."""
        own = self._inner.extras() or {}
        mine = {n: v for n, v in extras.items() if n in own or not self._is_free(n)}
        others = {name: v for name, v in extras.items() if name not in mine}
        changed = list(self._set(others))
        description = self._inner.setextras(mine) if mine else None
        return description or (Attributes(None, *changed) if changed else None)

    def _is_free(self, name: str) -> bool:
        return name not in _known(self._base) and not name.startswith(_FOREIGN)

    def _set(self, extras: Mapping[str, Any]) -> Iterator[str]:
        present = beyond(self._obj, self._base)
        return set_data(self._obj, extras, present, self._target)
