"""Dotted names from outside resolve to what is registered, and to nothing else."""

from __future__ import annotations

import sys

import pytest
from zope.component import provideUtility
from zope.component import queryUtility
from zope.component.factory import Factory
from zope.component.interface import provideInterface
from zope.component.interfaces import IFactory
from zope.interface import Interface
from zope.testing.cleanup import cleanUp

from zope.fssync.errors import NameRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.registry import names
from zope.fssync.synchronizer import DirectorySynchronizer


@pytest.fixture(autouse=True)
def clean():
    cleanUp()
    yield
    cleanUp()


class IMarker(Interface):
    """To be provided."""


class TestFactory:
    @pytest.mark.parametrize("name", ["os.system", "builtins.eval", "", ".", "x..y"])
    def test_unregistered_names_are_refused(self, name):
        with pytest.raises(NameRefused):
            names.factory(name)

    def test_nothing_is_imported_to_find_out(self):
        assert "antigravity" not in sys.modules
        with pytest.raises(NameRefused):
            names.factory("antigravity.fly")
        assert "antigravity" not in sys.modules

    @pytest.mark.parametrize("name", ["builtins.dict", "__builtin__.dict"])
    def test_a_class_with_a_synchronizer_is_a_factory(self, name):
        provideUtility(DirectorySynchronizer, ISynchronizerFactory, "builtins.dict")
        assert names.factory(name) is dict

    def test_a_synchronizer_may_be_registered_under_the_old_name(self):
        provideUtility(DirectorySynchronizer, ISynchronizerFactory, "__builtin__.dict")
        assert names.factory("builtins.dict") is dict

    def test_a_callable_can_be_allowed(self):
        provideUtility(clean, IAllowedGlobal, "sample.make")
        assert names.factory("sample.make") is clean

    def test_a_factory_that_an_application_names_makes_objects(self):
        provideUtility(Factory(dict), IFactory, "library.book")
        assert names.factory("library.book")() == {}

    def test_objects_that_make_synchronizers_make_no_objects(self):
        provideUtility(DirectorySynchronizer, ISynchronizerFactory, "library")
        assert queryUtility(IFactory, name="library") is not None
        with pytest.raises(NameRefused):
            names.factory("library")

    def test_a_class_that_is_gone_is_refused(self):
        provideUtility(DirectorySynchronizer, ISynchronizerFactory, "gone.Away")
        with pytest.raises(NameRefused, match="cannot be imported"):
            names.factory("gone.Away")


class TestKeytype:
    @pytest.mark.parametrize(
        ("name", "type"),
        [
            ("builtins.str", str),
            ("__builtin__.str", str),
            ("__builtin__.unicode", str),
            ("builtins.int", int),
            ("__builtin__.long", int),
        ],
    )
    def test_keys_are_text_or_numbers(self, name, type):
        assert names.keytype(name) is type

    @pytest.mark.parametrize("name", ["os.system", "builtins.eval", "builtins.list"])
    def test_all_else_is_refused(self, name):
        with pytest.raises(NameRefused):
            names.keytype(name)

    def test_a_function_is_no_type(self):
        provideUtility(clean, IAllowedGlobal, "sample.make")
        with pytest.raises(NameRefused):
            names.keytype("sample.make")


class TestInterface:
    def test_a_registered_interface_is_found(self):
        provideInterface("", IMarker)
        assert names.interface(f"{__name__}.IMarker") is IMarker

    @pytest.mark.parametrize("name", [f"{__name__}.IMarker", "os.path", "x"])
    def test_any_other_is_refused(self, name):
        with pytest.raises(NameRefused, match="not allowed as an interface"):
            names.interface(name)
