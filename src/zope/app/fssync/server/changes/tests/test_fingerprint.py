"""Another registration or another permission is another condition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import getGlobalSiteManager
from zope.security.checker import NamesChecker
from zope.security.checker import defineChecker
from zope.security.checker import undefineChecker
from zope.testing.cleanup import cleanUp

from zope.app.fssync.server.changes.fingerprint import conditions
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import FileSynchronizer


class Notes(FileSynchronizer):
    """Synchronizes notes."""


class Others(FileSynchronizer):
    """Synchronizes other notes."""


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    cleanUp()
    yield
    cleanUp()


def register(factory: Any, name: str = "a.Note") -> None:
    registry = getGlobalSiteManager()
    registry.registerUtility(factory, ISynchronizerFactory, name)


def shown() -> str:
    return json.dumps(conditions())


def test_conditions_are_the_same_each_time() -> None:
    register(Notes)
    assert shown() == shown()


def test_a_registration_more_or_another_one_is_told() -> None:
    none = shown()
    register(Notes)
    one = shown()
    register(Notes, "b.Note")
    two = shown()
    register(Others)
    assert len({none, one, two, shown()}) == 4


def test_the_order_of_registrations_is_not() -> None:
    for name in ("a.Note", "b.Note"):
        register(Notes, name)
    before = shown()
    cleanUp()
    for name in ("b.Note", "a.Note"):
        register(Notes, name)
    assert shown() == before


def test_a_user_who_may_do_what_is_told() -> None:
    register(Notes)
    before = shown()
    defineChecker(Notes, NamesChecker(["dump"], "zope.View"))
    reading = shown()
    undefineChecker(Notes)
    defineChecker(Notes, NamesChecker(["dump"], "zope.ManageContent"))
    assert len({before, reading, shown()}) == 3
