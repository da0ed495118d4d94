"""Python's own pickle format, written in a stable order and read safely.

It serves only `StandardPickler` and `StandardUnpickler`, which add-ons of release 3.6.0
may have registered: nothing of this package writes or reads this format.

A subclass of Python's unpickler that only restricts `find_class` is not enough:
a pickle may also change classes and objects that it merely refers to.  Every
opcode that calls or changes something is therefore checked here.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from typing import BinaryIO

from zope.fssync.blobs import refuse_blob
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import Limits
from zope.fssync.messages import _
from zope.fssync.picklecontext import PickleContext
from zope.fssync.picklecontext import current
from zope.fssync.registry.globals import find_global
from zope.fssync.xmlpickle import dumps as xml_dumps
from zope.fssync.xmlpickle.construct import NEWOBJ
from zope.fssync.xmlpickle.construct import call
from zope.fssync.xmlpickle.construct import describe
from zope.fssync.xmlpickle.construct import is_fresh
from zope.fssync.xmlpickle.construct import set_state
from zope.fssync.xmlpickle.ordering import sorted_items
from zope.fssync.xmlpickle.ordering import sorted_values
from zope.fssync.xmlpickle.sharing import KeyGauge
from zope.fssync.xmlpickle.sharing import TupleGauge

__all__ = ["dump", "load"]

#: The newest protocol that has no frames, so that it can be compared.
PROTOCOL = 3

# The implementations in Python, whose opcodes can be replaced.
_Pickler: Any = pickle._Pickler
_Unpickler: Any = pickle._Unpickler

_text = re.compile(rb"[\t\n\r -\x7e]*").fullmatch


def dump(
    obj: object,
    writeable: BinaryIO,
    persistent_id: Callable[[Any], str | None] | None = None,
) -> None:
    """Write ``obj``; the same state gives the same bytes."""
    pickler = _SortingPickler(writeable, PROTOCOL)
    if persistent_id is not None:
        pickler.persistent_id = persistent_id
    try:
        pickler.dump(obj)
    except Error:
        raise
    except RecursionError:
        raise LimitExceeded(_("object is nested too deeply for a pickle")) from None
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise PickleRefused(
            _(
                "an object of ${kind} cannot be written: ${reason}",
                mapping={"kind": describe(type(obj)), "reason": error},
            )
        ) from error


def load(
    data: bytes,
    persistent_load: Callable[[str], object] | None = None,
    limits: Limits = DEFAULT,
    context: PickleContext | None = None,
) -> Any:
    """Return the object in ``data``; raises `PickleRefused` for all but data."""
    unpickler = _CheckingUnpickler(BytesIO(data), limits, persistent_load, context)
    try:
        return unpickler.load()
    except Error:
        raise
    except (RecursionError, MemoryError):
        raise LimitExceeded(_("pickle is nested too deeply or too large")) from None
    except Exception as error:
        if error is unpickler.load_error:
            raise
        raise PickleRefused(
            _("malformed pickle: ${reason}", mapping={"reason": error})
        ) from error


class _SortingPickler(_Pickler):
    """Writes dictionaries and sets in order."""

    dispatch = dict(_Pickler.dispatch)

    def save_reduce(self, *args: Any, obj: Any = None, **more: Any) -> None:
        refuse_blob(type(obj))
        super().save_reduce(*args, obj=obj, **more)

    def save_dict(self, obj: dict[Any, Any]) -> None:
        self.write(pickle.EMPTY_DICT)
        self.memoize(obj)
        self._batch_setitems(sorted_items(obj, xml_dumps))

    def save_set(self, obj: Any) -> None:
        values = sorted_values(obj, xml_dumps)
        self.save_reduce(type(obj), (values,), obj=obj)

    dispatch[dict] = save_dict
    dispatch[set] = dispatch[frozenset] = save_set


class _CheckingUnpickler(_Unpickler):
    """Makes allowed objects, and changes only those that it made itself."""

    dispatch = dict(_Unpickler.dispatch)

    def __init__(
        self,
        file: BytesIO,
        limits: Limits,
        persistent_load: Callable[[str], object] | None,
        context: PickleContext | None,
    ) -> None:
        super().__init__(file)
        self._context = current() if context is None else context
        self.load_error: Exception | None = None
        self._loader = persistent_load
        self._limits = limits
        self._gauge = TupleGauge(limits, file.getbuffer().nbytes)
        self._keys = KeyGauge(limits)
        self._made: dict[int, object] = {}
        self._foreign: dict[int, object] = {}
        self._depths: dict[int, int] = {}

    def find_class(self, module: str, name: str) -> Any:
        return find_global(module, name, self._context)

    def persistent_load(self, pid: Any) -> Any:
        if type(pid) is not str or self._loader is None:
            raise PickleRefused(_("pickle refers to another object"))
        try:
            found = self._loader(pid)
        except Exception as error:
            self.load_error = error
            raise
        self._foreign[id(found)] = found
        return found

    def _decode_string(self, value: bytes) -> str | bytes:
        """Return text of Python 2 as the XML form reads it."""
        return value.decode("ascii") if _text(value) else value

    def _call(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        made = call(function, arguments, self._limits, self._context)
        if type(made) is frozenset:
            self._gauge.measure(made)
        if is_fresh(function, made) and id(made) not in self._foreign:
            self._made[id(made)] = made
        return made

    def _changeable(self, obj: Any) -> Any:
        if id(obj) in self._made or (
            type(obj) in (list, dict, set) and id(obj) not in self._foreign
        ):
            return obj
        raise PickleRefused(_("pickle changes an object it did not make"))

    def _instantiate(self, klass: Any, args: Any) -> None:
        arguments = tuple(args)
        if arguments or not isinstance(klass, type):
            self.append(self._call(klass, arguments))
        else:
            self.append(self._call(NEWOBJ, (klass,)))

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self._call(self.stack[-1], arguments)

    def load_newobj(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self._call(NEWOBJ, (self.stack[-1], *arguments))

    def load_build(self) -> None:
        state = self.stack.pop()
        set_state(self._changeable(self.stack[-1]), state, self._depths, self._context)

    def load_append(self) -> None:
        value = self.stack.pop()
        self._changeable(self.stack[-1]).append(value)

    def load_appends(self) -> None:
        values = self.pop_mark()
        self._changeable(self.stack[-1]).extend(values)

    def load_additems(self) -> None:
        values = self.pop_mark()
        target = self._changeable(self.stack[-1])
        for value in values:
            self._keys.count(target, value)
        target.update(values)

    def load_setitem(self) -> None:
        value = self.stack.pop()
        key = self.stack.pop()
        self._set_items([key, value])

    def load_setitems(self) -> None:
        self._set_items(self.pop_mark())

    def _set_items(self, values: list[Any]) -> None:
        target = self._changeable(self.stack[-1])
        if not isinstance(target, dict):
            raise PickleRefused(
                _("pickle sets items of ${kind}", mapping={"kind": describe(target)})
            )
        for index in range(0, len(values), 2):
            self._keys.count(target, values[index])
            target[values[index]] = values[index + 1]

    def load_tuple(self) -> None:
        self._tuple(tuple(self.pop_mark()))

    def load_tuple1(self) -> None:
        self._tuple(tuple(self._last(1)))

    def load_tuple2(self) -> None:
        self._tuple(tuple(self._last(2)))

    def load_tuple3(self) -> None:
        self._tuple(tuple(self._last(3)))

    def _last(self, count: int) -> list[Any]:
        values = self.stack[-count:]
        del self.stack[-count:]
        found: list[Any] = values
        return found

    def _tuple(self, value: tuple[Any, ...]) -> None:
        self._gauge.measure(value)
        self.append(value)

    def load_frozenset(self) -> None:
        self.append(self._call(frozenset, (self.pop_mark(),)))

    def load_get(self) -> None:
        _Unpickler.load_get(self)
        self._gauge.repeat(self.stack[-1])

    def load_binget(self) -> None:
        _Unpickler.load_binget(self)
        self._gauge.repeat(self.stack[-1])

    def load_long_binget(self) -> None:
        _Unpickler.load_long_binget(self)
        self._gauge.repeat(self.stack[-1])

    def load_dup(self) -> None:
        _Unpickler.load_dup(self)
        self._gauge.repeat(self.stack[-1])

    def refuse(self) -> None:
        raise PickleRefused(_("pickle has an opcode that is not allowed"))

    for _opcode, _method in (
        (pickle.ADDITEMS, load_additems),
        (pickle.APPEND, load_append),
        (pickle.APPENDS, load_appends),
        (pickle.BINGET, load_binget),
        (pickle.BUILD, load_build),
        (pickle.DUP, load_dup),
        (pickle.EXT1, refuse),
        (pickle.EXT2, refuse),
        (pickle.EXT4, refuse),
        (pickle.FROZENSET, load_frozenset),
        (pickle.GET, load_get),
        (pickle.LONG_BINGET, load_long_binget),
        (pickle.NEWOBJ, load_newobj),
        (pickle.NEWOBJ_EX, refuse),
        (pickle.REDUCE, load_reduce),
        (pickle.SETITEM, load_setitem),
        (pickle.SETITEMS, load_setitems),
        (pickle.TUPLE, load_tuple),
        (pickle.TUPLE1, load_tuple1),
        (pickle.TUPLE2, load_tuple2),
        (pickle.TUPLE3, load_tuple3),
    ):
        dispatch[_opcode[0]] = _method
