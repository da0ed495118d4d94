"""Pickles of parts set the attributes that a class declares, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time

import pytest
from persistent import Persistent
from persistent.mapping import PersistentMapping
from zope.component import provideUtility
from zope.interface import Attribute
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import implementer

from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMarker
from zope.fssync.picklecontext import using
from zope.fssync.xmlpickle import dumps
from zope.fssync.xmlpickle import loads

pytestmark = pytest.mark.usefixtures("components")


class IPriced(Interface):
    price = Attribute("What it costs.")


class IMark(Interface):
    """A marker."""


class Plain:
    default = None

    def method(self):
        """Do nothing."""


class Slots:
    __slots__ = ("left", "right")


@dataclass
class Data:
    kcal: int


@implementer(IPriced)
class Described:
    """Declares its attribute by an interface."""


class Assigning(Persistent):
    def __init__(self, text):
        self.text = text
        self.__private = 1


class Extending(Assigning):
    """Declares what its base does."""


class Own:
    """Reads its state by itself."""

    def __setstate__(self, state):
        self.sum = sum(state.values())


@pytest.fixture
def components():
    from zope.testing.cleanup import cleanUp

    for kind in (Plain, Slots, Data, Described, Assigning, Extending, Own):
        name = f"{__name__}.{kind.__name__}"
        provideUtility(kind, IAllowedGlobal, name)
    yield
    cleanUp()


def made(kind, **attributes):
    obj = kind.__new__(kind)
    for name, value in attributes.items():
        setattr(obj, name, value)
    return obj


def loaded(obj, only=True):
    data = dumps(obj)
    with using(declared_only=only):
        return loads(data)


@pytest.mark.parametrize(
    "obj",
    [
        made(Plain, default=1),
        made(Slots, left=1, right=2),
        Data(210),
        made(Described, price=1),
        Assigning("a"),
        Extending("b"),
        PersistentMapping({"a": 1}),
        made(Own, a=1, b=2),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_declared_attributes_are_read(obj):
    assert type(loaded(obj)) is type(obj)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Plain, "method"),
        (Plain, "other"),
        (Plain, "__parent__"),
        (Data, "_byrow"),
        (Described, "_bycol"),
        (Assigning, "other"),
        (PersistentMapping, "_byrow"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_nothing_else_is_read(kind, name):
    obj = made(kind)
    vars(obj)[name] = 1
    with pytest.raises(PickleRefused, match=f"{name}'.*does not declare"):
        loaded({"deep": [obj]})
    assert vars(loaded(obj, only=False))[name] == 1


@pytest.mark.parametrize("name", ["__class__", "__conform__", "__providedBy__"])
@pytest.mark.parametrize("only", [False, True])
def test_attributes_come_from_the_class_of_an_object(name, only):
    obj = made(Plain)
    vars(obj)[name] = 1
    with pytest.raises(PickleRefused, match="no data"):
        loaded(obj, only)


def test_declarations_are_those_of_instances():
    obj = made(Plain)
    provideUtility(IMark, IMarker, f"{__name__}.IMark")
    provideUtility(IMark, IAllowedGlobal, f"{__name__}.IMark")
    alsoProvides(obj, IMark)
    assert IMark.providedBy(loaded(obj))
    vars(obj)["__provides__"] = Plain
    with pytest.raises(PickleRefused, match="no data"):
        loaded(obj, only=False)


def cost(data):
    """Return the seconds of the processor that reading takes."""
    start = process_time()
    loads(data)
    return process_time() - start


@pytest.mark.slow
def test_the_cost_grows_with_the_size():
    """Classes are looked into once, not for each of their instances."""
    few = dumps([Data(number) for number in range(500)])
    many = dumps([Data(number) for number in range(2000)])
    with using(declared_only=True):
        loads(few)
        once = min(cost(few) for _ in range(3))
        more = min(cost(many) for _ in range(3))
    assert more < once * 12
