"""Which registration is taken for an object, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
import transaction
from ZODB import DB
from zope.component import getSiteManager
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.component.factory import Factory
from zope.component.globalregistry import base
from zope.component.interfaces import IFactory
from zope.component.persistentregistry import PersistentComponents
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import classImplements
from zope.interface import implementer
from zope.interface.registry import Components
from zope.testing.cleanup import cleanUp

from zope.fssync import interfaces
from zope.fssync.errors import NameRefused
from zope.fssync.errors import PickleRefused
from zope.fssync.registry import names
from zope.fssync.registry import synchronizers
from zope.fssync.registry.globals import find_global
from zope.fssync.registry.synchronizers import explain
from zope.fssync.registry.synchronizers import find
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer


@pytest.fixture(autouse=True)
def clean():
    cleanUp()
    provideUtility(DefaultSynchronizer, interfaces.ISynchronizerFactory)
    yield
    cleanUp()


class INote(Interface):
    """Something to be read."""


class IUrgent(Interface):
    """To be read now."""


@implementer(INote)
class Note:
    text = ""


class Memo(Note):
    """A note of a kind."""


class Card(Memo):
    """A memo of a kind."""


@implementer(interfaces.IOwnSynchronizer)
class Secret(Memo):
    """A memo for few."""


class ByName(FileSynchronizer):
    """Registered under the name of a class."""


class ByAdapter(FileSynchronizer):
    """Registered as an adapter."""


class Other(FileSynchronizer):
    """Registered as another adapter."""


class Final(FileSynchronizer):
    inherited = False


class General(FileSynchronizer):
    general = True


class Pickles(DefaultSynchronizer):
    """Writes pickles."""


def name(factory, klass):
    provideUtility(
        factory, interfaces.ISynchronizerFactory, name=f"{__name__}.{klass.__name__}"
    )


def adapt(factory, required):
    provideAdapter(factory, [required], interfaces.ISynchronizer)


def found(obj: Any) -> Any:
    assert getSynchronizer(obj) is not None
    return found_registration(obj).factory


def found_registration(obj: Any) -> Any:
    return find(obj)


def explained(obj: Any) -> Any:
    return explain(obj)


def test_the_exact_name_comes_first():
    name(ByName, Memo)
    adapt(ByAdapter, Memo)
    adapt(Other, INote)
    assert found(Memo()) is ByName
    assert explained(Memo()).how == synchronizers.NAME


@pytest.mark.parametrize("required", [Interface, INote, Note, Memo])
def test_an_adapter_for_a_class_or_an_interface_is_found(required):
    adapt(ByAdapter, required)
    assert found(Memo()) is ByAdapter
    expected = getattr(required, "__identifier__", None) or dottedname(required)
    assert explained(Memo())[:2] == (synchronizers.ADAPTER, expected)


def test_adapters_come_in_the_resolution_order_of_the_object():
    adapt(ByAdapter, INote)
    adapt(Other, Memo)
    assert found(Memo()) is Other
    assert found(Note()) is ByAdapter
    adapt(Final, IUrgent)
    urgent = Memo()
    alsoProvides(urgent, IUrgent)
    assert found(urgent) is Final


def test_an_adapter_comes_before_the_name_of_a_base():
    name(ByName, Note)
    assert found(Card()) is ByName
    adapt(ByAdapter, INote)
    assert found(Card()) is ByAdapter


def test_the_nearest_named_base_is_taken():
    name(ByName, Note)
    name(Other, Memo)
    assert found(Card()) is Other
    assert explained(Card())[:2] == (synchronizers.BASE, f"{__name__}.Memo")


def test_a_general_adapter_comes_after_the_name_of_a_base():
    adapt(General, INote)
    assert found(Note()) is found(Card()) is General
    name(ByName, Memo)
    assert found(Note()) is General
    assert found(Card()) is ByName
    own = type("Own", (), {})
    classImplements(own, INote, interfaces.IOwnSynchronizer)
    assert found(own()) is DefaultSynchronizer


@pytest.mark.parametrize("factory", [Final, Pickles])
def test_registrations_that_are_not_inherited_are_skipped_and_explained(factory):
    name(ByName, Note)
    name(factory, Memo)
    assert found(Card()) is ByName
    (skipped,) = explained(Card()).skipped
    assert skipped.startswith(f"{__name__}.{factory.__name__} for {__name__}.Memo: it ")


def test_an_adapter_for_a_base_may_refuse_as_well():
    adapt(Final, Memo)
    assert found(Memo()) is Final
    assert found(Card()) is DefaultSynchronizer


def test_a_class_refuses_to_inherit():
    name(ByName, Note)
    adapt(ByAdapter, Note)
    assert found(Secret()) is DefaultSynchronizer
    assert len(explained(Secret()).skipped) == 2
    name(Other, Secret)
    assert found(Secret()) is Other


def test_registered_names_are_those_of_classes():
    name(ByName, Note)
    adapt(ByAdapter, Memo)
    adapt(Other, INote)
    found = set(synchronizers.registered_names())
    assert found == {f"{__name__}.Note", f"{__name__}.Memo"}


def test_a_kind_of_dict_is_no_dict():
    provideUtility(ByName, interfaces.ISynchronizerFactory, name="builtins.dict")
    assert found({}) is ByName
    assert found(type("Kind", (dict,), {})()) is DefaultSynchronizer


def test_the_interface_is_called():
    adapt(ByAdapter, Note)
    name(ByName, Memo)
    assert type(interfaces.ISynchronizer(Note())) is ByAdapter
    assert type(interfaces.ISynchronizer(Memo())) is ByName
    assert type(interfaces.ISynchronizer(3)) is DefaultSynchronizer
    synchronizer = ByAdapter(Note())
    assert interfaces.ISynchronizer(synchronizer) is synchronizer
    assert interfaces.IDirectorySynchronizer(Note(), None) is None


def test_the_registrations_of_a_site_come_first():
    adapt(ByAdapter, INote)
    local = Components("local", (base,))
    local.registerAdapter(Other, [INote], interfaces.ISynchronizer)
    getSiteManager.sethook(lambda context=None: local)
    try:
        assert found(Memo()) is Other
    finally:
        getSiteManager.reset()
    assert found(Memo()) is ByAdapter


def test_a_registration_that_comes_later_is_found():
    adapt(ByAdapter, INote)
    assert found(Memo()) is ByAdapter
    adapt(Other, Memo)
    assert found(Memo()) is Other


@pytest.fixture
def sites():
    """The registrations of a site in a database, and those of the site above it."""
    with closing(DB(None)) as db:
        connection = db.open()
        upper, lower = PersistentComponents(), PersistentComponents()
        upper.__bases__, lower.__bases__ = (base,), (upper,)
        connection.root().update(upper=upper, lower=lower)
        transaction.commit()
        # As in any later request they are loaded.
        connection.cacheMinimize()
        getSiteManager.sethook(lambda context=None: lower)
        yield lower, upper
        getSiteManager.reset()
        transaction.abort()
        connection.close()


@pytest.mark.parametrize("above", [False, True])
def test_a_registration_in_the_place_of_one_that_was_aborted_is_found(sites, above):
    registrations = sites[above]
    registrations.registerAdapter(ByAdapter, [INote], interfaces.ISynchronizer)
    assert found(Memo()) is ByAdapter
    transaction.abort()
    registrations.registerAdapter(Other, [INote], interfaces.ISynchronizer)
    assert found(Memo()) is Other


def test_adapters_are_listed_once_until_a_registration_changes(monkeypatch):
    def listed():
        return sorted(name for name, _ in synchronizers.adapters())

    adapt(ByAdapter, INote)
    before = listed()
    monkeypatch.setattr(synchronizers, "_registered_in", None)
    assert listed() == before
    monkeypatch.undo()
    adapt(Other, Memo)
    assert len(listed()) == len(before) + 1
    base.unregisterAdapter(ByAdapter, [INote], interfaces.ISynchronizer)
    assert len(listed()) == len(before)


def test_markers_of_one_object_do_not_count_for_others():
    adapt(ByAdapter, INote)
    adapt(Other, IUrgent)
    assert found(Memo()) is ByAdapter
    urgent = Memo()
    alsoProvides(urgent, IUrgent)
    assert found(urgent) is Other
    assert found(Memo()) is ByAdapter


def test_kinds_are_remembered_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(synchronizers, "KNOWN_KINDS", 1)
    adapt(ByAdapter, INote)
    for klass in (Note, Memo, Card, Note):
        assert found(klass()) is ByAdapter


def test_a_registration_that_is_gone_is_not_found():
    adapt(ByAdapter, INote)
    assert found(Note()) is ByAdapter
    base.unregisterAdapter(ByAdapter, [INote], interfaces.ISynchronizer)
    assert found(Note()) is DefaultSynchronizer


def test_without_a_default_there_is_none():
    base.unregisterUtility(provided=interfaces.ISynchronizerFactory)
    assert find(Note()) is None
    assert explained(Note()) is None
    assert interfaces.ISynchronizer(Note(), None) is None


def test_an_explanation_is_a_sentence():
    adapt(ByAdapter, INote)
    assert str(explained(Note())) == (
        f"{__name__}.ByAdapter, the adapter for {__name__}.INote"
    )
    assert str(explained(3)) == (
        "zope.fssync.synchronizer.DefaultSynchronizer, "
        "since nothing describes the class"
    )


class TestNames:
    """What entries and pickles may name."""

    def test_the_class_of_an_adapter(self):
        adapt(ByAdapter, Note)
        assert names.factory(f"{__name__}.Note") is Note
        assert find_global(__name__, "Note") is Note

    def test_not_those_that_inherit_it(self):
        adapt(ByAdapter, Note)
        with pytest.raises(NameRefused):
            names.factory(f"{__name__}.Memo")
        with pytest.raises(PickleRefused):
            find_global(__name__, "Memo")

    def test_those_that_the_application_offers_to_make(self):
        adapt(ByAdapter, INote)
        provideUtility(Factory(Memo), IFactory, name=f"{__name__}.Memo")
        assert names.factory(f"{__name__}.Memo") is Memo
        with pytest.raises(NameRefused):
            names.factory(f"{__name__}.Note")

    def test_pickled_classes_are_made_if_offered_but_not_unpickled(self):
        provideUtility(Factory(Memo), IFactory, name=f"{__name__}.Memo")
        assert type(names.factory(f"{__name__}.Memo")()) is Memo
        with pytest.raises(PickleRefused):
            find_global(__name__, "Memo")
