"""Base classes of synchronizers, generators, and the lookup by class."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.annotation.attribute import AttributeAnnotations
from zope.annotation.interfaces import IAnnotations
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.filerepresentation.interfaces import IDirectoryFactory
from zope.filerepresentation.interfaces import IFileFactory
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.interface.verify import verifyObject
from zope.testing.cleanup import cleanUp

from zope.fssync import interfaces
from zope.fssync import pickle
from zope.fssync import synchronizer
from zope.fssync.errors import MissingSynchronizer


class IMarker(Interface):
    """Marks an object."""


@implementer(IAttributeAnnotatable)
class Annotated:
    """Content with annotations."""


@pytest.fixture(autouse=True)
def registered():
    cleanUp()
    provideAdapter(pickle.XMLPickler)
    provideAdapter(pickle.XMLUnpickler)
    provideAdapter(AttributeAnnotations)
    provideAdapter(synchronizer.SynchronizableAnnotations)
    yield
    cleanUp()


@pytest.mark.parametrize(
    ("interface", "obj"),
    [
        (interfaces.ISynchronizer, synchronizer.Synchronizer(None)),
        (interfaces.IFileSynchronizer, synchronizer.FileSynchronizer(None)),
        (interfaces.IDefaultSynchronizer, synchronizer.DefaultSynchronizer(None)),
        (interfaces.IDirectorySynchronizer, synchronizer.DirectorySynchronizer({})),
        (interfaces.IFileGenerator, synchronizer.FileGenerator()),
        (interfaces.IDirectoryGenerator, synchronizer.DirectoryGenerator()),
    ],
)
def test_contracts_are_kept(interface, obj):
    assert verifyObject(interface, obj)


class TestLookup:
    def test_a_subclass_does_not_get_the_synchronizer_of_its_base(self):
        class Special(dict[str, int]):
            pass

        provideUtility(
            synchronizer.DirectorySynchronizer,
            interfaces.ISynchronizerFactory,
            "builtins.dict",
        )
        assert synchronizer.getSynchronizer({}) is not None
        assert synchronizer.getSynchronizer(Special()) is None
        with pytest.raises(MissingSynchronizer, match="Special"):
            synchronizer.getSynchronizer(Special(), raise_error=True)

    def test_the_unnamed_one_is_for_all_the_rest(self):
        provideUtility(
            synchronizer.DefaultSynchronizer, interfaces.ISynchronizerFactory
        )
        found = synchronizer.getSynchronizer(1)
        assert interfaces.IDefaultSynchronizer.providedBy(found)

    def test_old_names_of_classes_are_found(self):
        provideUtility(
            synchronizer.DirectorySynchronizer,
            interfaces.ISynchronizerFactory,
            "__builtin__.dict",
        )
        assert synchronizer.getSynchronizer({}) is not None


class TestMetadata:
    def test_interfaces_provided_already_need_not_be_registered(self):
        obj = Annotated()
        alsoProvides(obj, IMarker)
        name = synchronizer.dottedname(IMarker)
        synchronizer.Synchronizer(obj).setmetadata({"provides": name})

    def test_markers_are_added(self):
        provideUtility(IMarker, interfaces.IMarker, synchronizer.dottedname(IMarker))
        obj = Annotated()
        name = synchronizer.dottedname(IMarker)
        synchronizer.Synchronizer(obj).setmetadata({"provides": name})
        assert IMarker.providedBy(obj)


class TestAnnotations:
    def test_changes_are_stored_and_described(self):
        target = {"kept": [1], "changed": [1], "removed": [1]}
        changes = synchronizer.SynchronizableAnnotations(target)
        changes["kept"] = [1]
        changes["changed"] = [2]
        del changes["removed"]
        kept = target["kept"]
        description: Any = changes.modify(target)
        assert description.keys == ("changed", "removed")
        assert target == {"kept": [1], "changed": [2]}
        assert target["kept"] is kept

    def test_no_change_is_no_description(self):
        target = {"a": 1}
        assert synchronizer.SynchronizableAnnotations(target).modify(target) is None

    def test_annotations_are_those_of_the_object(self):
        obj = Annotated()
        IAnnotations(obj)["a"] = 1
        found = synchronizer.Synchronizer(obj)
        assert found.annotations() == {"a": 1}
        found.setannotations({"a": 2})
        assert IAnnotations(obj)["a"] == 2

    def test_objects_not_annotatable_have_none(self):
        assert synchronizer.Synchronizer(1).annotations() is None
        assert synchronizer.Synchronizer(1).setannotations({"a": 1}) is None


class TestGenerators:
    def test_a_container_without_factories_makes_nothing(self):
        assert synchronizer.FileGenerator().create({}, "a.txt", ".txt") is None
        assert synchronizer.DirectoryGenerator().create({}, "a") is None

    def test_the_factory_for_the_suffix_comes_first(self):
        def factory(answer):
            return lambda context: lambda name, type, data: (answer, name, type, data)

        provideAdapter(factory("any"), (dict,), IFileFactory)
        provideAdapter(factory("text"), (dict,), IFileFactory, ".txt")
        create = synchronizer.FileGenerator().create
        assert create({}, "a.txt", ".txt") == ("text", "a.txt", None, b"")
        assert create({}, "a.bin", ".bin")[0] == "any"

    def test_a_directory_is_made_by_its_factory(self):
        provideAdapter(lambda context: str.upper, (dict,), IDirectoryFactory)
        assert synchronizer.DirectoryGenerator().create({}, "a") == "A"

    def test_a_body_without_a_synchronizer_is_the_data(self):
        obj = Annotated()
        synchronizer.FileGenerator().load(obj, io.BytesIO(b"body"))
        assert vars(obj) == {"data": b"body"}


def test_a_pickle_is_not_loaded_into_an_object():
    with pytest.raises(NotImplementedError):
        synchronizer.DefaultSynchronizer([]).load(io.BytesIO())
