"""Checkers lose no memory with names that are always available, and allow the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import ZODB
import zope.event
from zope.processlifetime import DatabaseOpened
from zope.security.checker import Checker
from zope.security.checker import CheckerPublic
from zope.security.checker import ProxyFactory
from zope.security.checker import _available_by_default
from zope.security.checker import _checkers
from zope.security.checker import defineChecker
from zope.security.checker import selectChecker
from zope.security.checker import undefineChecker
from zope.security.interfaces import ForbiddenAttribute
from zope.security.interfaces import IChecker
from zope.security.interfaces import Unauthorized
from zope.security.management import endInteraction
from zope.security.management import newInteraction
from zope.security.management import setSecurityPolicy
from zope.security.proxy import Proxy
from zope.security.proxy import removeSecurityProxy
from zope.security.simplepolicies import ParanoidSecurityPolicy

from zope.app.fssync.hosts.toolkit import checkers


class Thing:
    open = guarded = hidden = 1


def new_checker() -> Checker:
    return Checker({"open": CheckerPublic, "guarded": "zope.Guarded"}, {})


class Visitor:
    """Somebody who has no permission."""

    principal = interaction = None


@pytest.fixture
def checker() -> Iterator[Checker]:
    checker = new_checker()
    defineChecker(Thing, checker)
    before = setSecurityPolicy(ParanoidSecurityPolicy)
    newInteraction(Visitor())
    yield checker
    endInteraction()
    setSecurityPolicy(before)
    undefineChecker(Thing)


def answer(checker: Checker, name: str) -> type[Exception] | None:
    try:
        checker.check_getattr(Thing(), name)
    except (ForbiddenAttribute, Unauthorized) as error:
        return type(error)
    return None


def lost(checker: Any, name: str) -> int:
    before = sys.getallocatedblocks()
    for _ in range(1000):
        checker.check_getattr(None, name)
    return round((sys.getallocatedblocks() - before) / 1000)


def test_a_named_checker_loses_nothing() -> None:
    named = checkers.named(new_checker())
    assert [lost(named, name) for name in _available_by_default] == [0] * len(
        _available_by_default
    )


def test_a_named_checker_allows_what_it_allowed(checker: Checker) -> None:
    names = ["open", "guarded", "hidden", "__dict__", "__provides__", "__iter__"]
    names += _available_by_default
    before = [answer(checker, name) for name in names]
    assert before[1:4] == [Unauthorized, ForbiddenAttribute, ForbiddenAttribute]
    assert checkers.named(checker) is checker
    assert [answer(checker, name) for name in names] == before


def function() -> None:
    """What has neither interfaces nor a dictionary in a proxy."""


# A method of a class of this module; mypy warns of subclasses with another one.
METHOD = Visitor().__init__  # type: ignore[misc]


@pytest.mark.usefixtures("checker")
@pytest.mark.parametrize("obj", [function, METHOD, Thing, len])
def test_a_lossless_checker_allows_what_it_allowed(obj: Any) -> None:
    theirs = selectChecker(obj)
    ours = checkers.LosslessChecker(theirs)
    names = ["__call__", "__str__", "__dict__", "__provides__", "__iter__", "x", "_x"]
    for name in [*names, *checkers._available_by_default]:
        before, after = [outcome(Proxy(obj, each), name) for each in (theirs, ours)]
        assert after == before, name
    with pytest.raises(ForbiddenAttribute):
        Proxy(obj, ours).__name__ = "x"


def outcome(proxy: Any, name: str) -> tuple[type, type]:
    """Return what an attribute of a proxy is, and what guards it."""
    try:
        found = getattr(proxy, name)
    except (ForbiddenAttribute, AttributeError) as error:
        return type(error), type(error)
    return type(found), type(removeSecurityProxy(found))


@pytest.mark.usefixtures("checker")
@pytest.mark.parametrize("obj", [function, METHOD, Thing])
def test_asking_for_the_interfaces_of_what_is_called_keeps_nothing(
    obj: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, registered in _checkers.items():
        monkeypatch.setitem(_checkers, kind, registered)
    checkers.name_available()
    proxy = ProxyFactory(obj)
    before = sys.getallocatedblocks()
    for _ in range(1000):
        IChecker.providedBy(proxy)
    assert sys.getallocatedblocks() - before < 100


def test_a_permission_that_a_checker_asks_for_stays() -> None:
    strict = Checker({"__parent__": "zope.Guarded"}, {})
    assert checkers.named(strict).get_permissions["__parent__"] == "zope.Guarded"


def test_checkers_with_a_function_are_left_alone() -> None:
    def function(obj: Any) -> Any:
        return None

    assert checkers.named(function) is function


@pytest.mark.skipif(
    not checkers.loses_names(), reason="this zope.security loses nothing: remove it"
)
def test_checkers_are_named_when_the_database_is_opened(
    checker: Checker, configured_layer: Any
) -> None:
    assert "__class__" not in checker.get_permissions
    database = ZODB.DB(None)
    zope.event.notify(DatabaseOpened(database))
    database.close()
    assert checker.get_permissions["__class__"] is CheckerPublic
    assert type(selectChecker(METHOD)) is checkers.LosslessChecker
