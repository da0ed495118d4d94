"""Classes of an application are registered after its own registrations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import getUtility
from zope.component import provideUtility
from zope.configuration.config import ConfigurationMachine
from zope.testing.cleanup import cleanUp

from zope.app.fssync.hosts.grok.meta import PERMISSION
from zope.app.fssync.hosts.grok.meta import AnnotationGrokker
from zope.app.fssync.hosts.grok.meta import ContainerGrokker
from zope.app.fssync.hosts.grok.meta import ModelGrokker
from zope.app.fssync.hosts.grok.meta import SynchronizerGrokker
from zope.app.fssync.hosts.grok.tests.app import Mammoth
from zope.app.fssync.hosts.grok.tests.app import Notes
from zope.app.fssync.hosts.grok.tests.app import Poem
from zope.app.fssync.hosts.grok.tests.app import Shelf
from zope.app.fssync.hosts.grok.tests.synchronizers import PoemSynchronizer
from zope.app.fssync.server.registration import registration
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.registry.synchronizers import find
from zope.fssync.synchronizer import dottedname


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    cleanUp()
    yield
    cleanUp()


def grokked(grokker: Any, klass: type, **more: Any) -> None:
    config = ConfigurationMachine()
    assert grokker().execute(klass, config, **more)
    config.execute_actions()


def allowed(klass: type) -> Any:
    return getUtility(IAllowedGlobal, dottedname(klass))


@pytest.mark.parametrize(
    ("grokker", "klass"), [(ModelGrokker, Mammoth), (ContainerGrokker, Shelf)]
)
def test_an_entry_makes_an_empty_object(grokker: Any, klass: type) -> None:
    grokked(grokker, klass)
    assert type(allowed(klass)()) is klass


def test_a_pickle_may_name_an_annotation() -> None:
    grokked(AnnotationGrokker, Notes)
    assert allowed(Notes) is Notes


def test_permissions_of_an_application_stay() -> None:
    def make() -> Mammoth:
        return Mammoth("Manfred", 3.5)

    provideUtility(make, IAllowedGlobal, dottedname(Mammoth))
    grokked(ModelGrokker, Mammoth)
    assert allowed(Mammoth) is make


@pytest.mark.parametrize(
    ("said", "permission"), [(None, PERMISSION), ("zope.View", "zope.View")]
)
def test_a_synchronizer_has_a_permission(said: str | None, permission: str) -> None:
    grokked(SynchronizerGrokker, PoemSynchronizer, context=Poem, permission=said)
    found = find(Poem("a poem"))
    assert found is not None
    registered = registration(found.factory)
    assert registered.factory is PoemSynchronizer
    assert (registered.permission, registered.write) == (permission, permission)
