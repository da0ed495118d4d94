"""How instances of well-known classes are written: their names and arguments.

A form is registered for a class or function, and for the name that it has in
descriptions; `IValueForm` says what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from typing import Any

from zope.fssync.contracts import keeps
from zope.fssync.description.pickletree import ABSENT
from zope.fssync.description.pickletree import OBJECT
from zope.fssync.description.pickletree import AttributeName
from zope.fssync.description.pickletree import Global
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Native
from zope.fssync.description.pickletree import Table
from zope.fssync.messages import _

__all__ = ["Called", "Held", "form_named", "form_of", "register"]

NEWOBJ = Global("copyreg", "__newobj__")

_by_class: dict[Global, Any] = {}
_by_name: dict[str, Any] = {}


def register(form: Any) -> None:
    """Register an `IValueForm`; another one of its name or class is replaced."""
    _by_class[form.function] = form
    _by_name[form.name] = form


def form_of(instance: Instance) -> Any:
    """Return the form of an instance, or None."""
    function, arguments, _ = instance
    if function in (NEWOBJ, OBJECT):
        if not arguments or type(arguments[0]) is not Global:
            return None
        function = arguments[0]
    return _by_class.get(function)


def form_named(name: str) -> Any:
    """Return the form of a name, or None."""
    return _by_name.get(name)


@keeps("zope.fssync.description.interfaces.IValueForm")
class Called:
    """A class that is called with plain values, as ``Decimal("1.5")``."""

    def __init__(self, name: str, dotted: str) -> None:
        self.name = name
        module, _, attribute = dotted.rpartition(".")
        self.function = Global(module, attribute)

    def arguments(self, instance: Instance) -> tuple[Any, ...] | None:
        """See `IValueForm`."""
        if instance.function != self.function or instance.state is not ABSENT:
            return None
        return instance.arguments

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        return Instance(self.function, arguments)


class Held(Called):
    """A class without arguments, whose state holds one plain value.

    ``path`` are the keys of mappings, and zeros of tuples of one value, that lead
    to it.
    """

    def __init__(self, name: str, dotted: str, *path: str | int) -> None:
        super().__init__(name, dotted)
        self.path = path

    def arguments(self, instance: Instance) -> tuple[Any, ...] | None:
        """See `IValueForm`."""
        if instance[:2] != (NEWOBJ, (self.function,)):
            return None
        held = instance.state
        for step in self.path:
            values = held.pairs if type(held) is Table else held
            if type(values) is not tuple or len(values) != 1:
                return None
            (held,) = values
            if type(step) is str:
                key, held = held
                if key != step:
                    return None
        return self.shown(held)

    def shown(self, held: Any) -> tuple[Any, ...] | None:
        """Return the arguments that show what is held."""
        return (held,)

    def held(self, arguments: tuple[Any, ...]) -> Any:
        """Return what arguments stand for."""
        (value,) = arguments
        return value

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        state = self.held(arguments)
        for step in reversed(self.path):
            if type(step) is str:
                state = Table(((AttributeName(step), state),))
            else:
                state = (state,)
        return Instance(NEWOBJ, (self.function,), state)


class _UUID(Called):
    """A UUID: its text.  Its module is imported late: it takes as long as ours."""

    def arguments(self, instance: Instance) -> tuple[Any, ...] | None:
        """See `IValueForm`."""
        if instance[:2] != (OBJECT, (self.function,)):
            return None
        ((key, number),) = instance.state.pairs or ((None, None),)
        if key != "int" or type(number) is not int:
            return None
        from uuid import UUID

        return (str(UUID(int=number)),)

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        from uuid import UUID

        (text,) = arguments
        number = UUID(text).int
        return Instance(OBJECT, (self.function,), Table((("int", number),)))


class _DateTime(Held):
    """A DateTime of Zope: its moment, the time zone it is shown in, and if it has none.

    The moment is one of UTC.
    """

    def shown(self, held: Any) -> tuple[Any, ...] | None:
        """See `Held`."""
        if type(held) is not tuple or len(held) != 3 or type(held[0]) is not int:
            return None
        micros, is_naive, zone = held
        try:
            moment = EPOCH + timedelta(microseconds=micros)
        except OverflowError:
            return None
        return (moment.isoformat(), zone, *([True] if is_naive else []))

    def held(self, arguments: tuple[Any, ...]) -> Any:
        """See `Held`."""
        text, zone, *naive = arguments
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(_("a moment without its offset, +00:00 say"))
        micros = (moment - EPOCH) // timedelta(microseconds=1)
        return (micros, naive == [True], zone)

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        return Instance(NEWOBJ, (self.function,), self.held(arguments))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Tree(Held):
    """A BTree; its items are one tuple of keys and values, if there are any."""

    def __init__(self, name: str, is_mapping: bool) -> None:
        super().__init__(name, f"BTrees.{name[:2]}BTree.{name}", 0, 0, 0)
        self.is_mapping = is_mapping

    def arguments(self, instance: Instance) -> tuple[Any, ...] | None:
        """See `IValueForm`."""
        if instance == (NEWOBJ, (self.function,), ABSENT):
            return ()
        return super().arguments(instance)

    def shown(self, held: Any) -> tuple[Any, ...] | None:
        """See `Held`."""
        if type(held) is not tuple or not held:
            return None
        if not self.is_mapping:
            return (list(held),)
        if len(held) % 2:
            return None
        return (Table(tuple(zip(held[::2], held[1::2], strict=True))),)

    def held(self, arguments: tuple[Any, ...]) -> Any:
        """See `Held`."""
        (value,) = arguments
        if self.is_mapping and type(value) is Table:
            pairs = sorted(value.pairs, key=_first)
            return tuple(part for pair in pairs for part in pair)
        if not self.is_mapping and type(value) is list:
            return tuple(sorted(value))
        raise ValueError(
            _("${name} is made of something else", mapping={"name": self.name})
        )

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        if not arguments:
            return Instance(NEWOBJ, (self.function,))
        return super().instance(arguments)


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


class _Set(Called):
    """A set: a list of its members, in order."""

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        (members,) = arguments
        if len(set(map(type, members))) == 1 and type(members[0]) in _ORDERED:
            members = sorted(members)
        return super().instance((members,))


_ORDERED = (str, int, float, Native)


class _Moment(Called):
    """A date or time: its text, and its time zone if that has a name."""

    def __init__(self, kind: type, size: int, read: Callable[[bytes], Any]) -> None:
        super().__init__(kind.__name__, f"datetime.{kind.__name__}")
        self.kind: Any = kind
        self.size = size
        self.read = read

    def arguments(self, instance: Instance) -> tuple[Any, ...] | None:
        """See `IValueForm`."""
        found = super().arguments(instance)
        if not found or type(found[0]) is not bytes or len(found[0]) != self.size:
            return None
        moment = self.read(found[0])
        if len(found) > 1:
            offset = _offset(found[1])
            if offset is not None:
                return (moment.replace(tzinfo=offset).isoformat(),)
        return (moment.isoformat(), *found[1:])

    def instance(self, arguments: tuple[Any, ...]) -> Instance:
        """See `IValueForm`."""
        text, *zone = arguments
        moment = self.kind.fromisoformat(text)
        offset = None if self.kind is date else moment.tzinfo
        if offset is not None:
            if zone:
                raise ValueError(_("a time with two zones"))
            moment = moment.replace(tzinfo=None)
            delta = offset.utcoffset(None)
            seconds = (delta.days, delta.seconds, delta.microseconds)
            zone = [Instance(ZONE, (Instance(DELTA, seconds),))]
        return Instance(self.function, (moment.__reduce_ex__(2)[1][0], *zone))


ZONE = Global("datetime", "timezone")
DELTA = Global("datetime", "timedelta")


def _offset(zone: Any) -> timezone | None:
    """Return the time zone of a pickle, where it is a mere offset."""
    if type(zone) is not Instance or zone.function != ZONE or len(zone.arguments) != 1:
        return None
    (delta,) = zone.arguments
    if type(delta) is not Instance or delta.function != DELTA:
        return None
    offset = timedelta(*delta.arguments)
    return timezone(offset) if offset else UTC


def _datetime(data: bytes) -> datetime:
    year, rest = int.from_bytes(data[:2], "big"), data[2:]
    month, day, hour, minute, second = rest[:5]
    fraction = int.from_bytes(rest[5:], "big")
    return datetime(year, month, day, hour, minute, second, fraction)


def _date(data: bytes) -> date:
    return date(int.from_bytes(data[:2], "big"), data[2], data[3])


def _time(data: bytes) -> time:
    hour, minute, second = data[:3]
    return time(hour, minute, second, int.from_bytes(data[3:], "big"))


for _form in (
    _Moment(datetime, 10, _datetime),
    _Moment(date, 4, _date),
    _Moment(time, 6, _time),
    Called("timedelta", "datetime.timedelta"),
    Called("timezone", "datetime.timezone"),
    Called("ZoneInfo", "zoneinfo.ZoneInfo"),
    Called("pytz.UTC", "pytz._UTC"),
    Called("pytz.FixedOffset", "pytz.FixedOffset"),
    Called("pytz.timezone", "pytz._p"),
    Called("Decimal", "decimal.Decimal"),
    Called("Fraction", "fractions.Fraction"),
    Called("complex", "builtins.complex"),
    _Set("set", "builtins.set"),
    _Set("frozenset", "builtins.frozenset"),
    Held("PersistentList", "persistent.list.PersistentList", "data"),
    Held("PersistentMapping", "persistent.mapping.PersistentMapping", "data"),
    _Tree("OOBTree", True),
    _Tree("OIBTree", True),
    _Tree("IOBTree", True),
    _Tree("IIBTree", True),
    _Tree("LOBTree", True),
    _Tree("OOTreeSet", False),
    _Tree("IITreeSet", False),
    Held("Length", "BTrees.Length.Length"),
    _UUID("UUID", "uuid.UUID"),
    _DateTime("DateTime", "DateTime.DateTime.DateTime"),
):
    register(_form)
