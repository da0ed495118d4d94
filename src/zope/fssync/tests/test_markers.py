"""An interface comes with a submission only if the application declared it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zope.annotation.interfaces import IAnnotations
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import directlyProvides
from zope.interface import implementer
from zope.interface import providedBy
from zope.securitypolicy.interfaces import IPrincipalRoleMap
from zope.testing.cleanup import cleanUp

from zope.fssync import markers
from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import IMarker


class IOfTheClass(Interface):
    pass


class IDeclared(Interface):
    pass


class IOther(Interface):
    pass


class IVital(IAnnotations):
    pass


@implementer(IOfTheClass)
class Item:
    pass


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    for interface in (IDeclared, IVital):
        provideUtility(interface, IMarker, name=interface.__identifier__)
    yield
    cleanUp()


def check(interface: type[Interface], obj: object | None = None) -> None:
    markers.check(providedBy(obj or Item()), interface)  # type: ignore[arg-type]


def test_a_declared_marker_is_taken() -> None:
    check(IDeclared)


def test_another_is_refused_with_what_to_write() -> None:
    with pytest.raises(NameRefused) as caught:
        check(IOther)
    assert "<fssync:marker" in str(caught.value.advice)
    markers.check(providedBy(Item()), IOther, declared=True)


def test_no_declaration_makes_a_vital_interface_a_marker() -> None:
    with pytest.raises(NameRefused, match=r"depend on zope\.annotation"):
        check(IVital)
    with pytest.raises(NameRefused, match=r"zope\.securitypolicy"):
        check(IPrincipalRoleMap)


def test_nor_what_an_adapter_of_security_is_for() -> None:
    provideAdapter(lambda obj: None, (IDeclared,), IPrincipalRoleMap)
    with pytest.raises(NameRefused, match="IDeclared"):
        check(IDeclared)


def test_markers_that_were_there_may_stay() -> None:
    old = Item()
    directlyProvides(old, IOther)
    with markers.keeping(providedBy(old)):
        check(IOther)
    with pytest.raises(NameRefused):
        check(IOther)


def test_markers_of_an_object_are_told_from_those_of_its_class() -> None:
    obj = Item()
    alsoProvides(obj, IOther)
    assert list(markers.direct(obj)) == [IOther]
    assert list(markers.direct(Item())) == []
