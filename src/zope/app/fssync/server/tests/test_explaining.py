"""An explanation names the registration, and the permissions that the access says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import provideUtility
from zope.component.testing import setUp
from zope.component.testing import tearDown

from zope.app.fssync.server.explaining import explained
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import DefaultSynchronizer


class Thing:
    pass


class Access:
    """Lets everybody read, and wraps nothing."""

    def required(self, obj: Any) -> dict[str, str]:
        return {"read": "may.Read"}

    def stored(self, obj: Any) -> Any:
        return obj

    inner = stored


@pytest.fixture(autouse=True)
def registrations() -> Iterator[None]:
    """No registrations but those of the test."""
    setUp()
    yield
    tearDown()


def test_the_registration_is_named() -> None:
    provideUtility(DefaultSynchronizer, ISynchronizerFactory)
    assert explained(Access(), Thing()) == {
        "permission-to-read": "may.Read",
        "synchronizer": "zope.fssync.synchronizer.DefaultSynchronizer",
        "because": "since nothing describes the class",
        "passed-over": "",
    }


def test_without_a_registration_none_is_named() -> None:
    assert explained(Access(), Thing()) == {"permission-to-read": "may.Read"}
