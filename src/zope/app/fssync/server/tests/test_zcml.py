"""Directives fill tables, and refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template
from typing import Any

import pytest
from zope.component import getUtility
from zope.component import queryUtility
from zope.component.interfaces import IFactory
from zope.configuration import xmlconfig
from zope.configuration.exceptions import ConfigurationError
from zope.interface import Interface
from zope.schema import Text
from zope.testing.cleanup import cleanUp

from zope.app.fssync.server.faults import IStrict
from zope.app.fssync.server.protection import IAnnotationPermission
from zope.app.fssync.server.registration import registration
from zope.fssync import aliases
from zope.fssync.errors import Error
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ITextEncoding
from zope.fssync.registry.synchronizers import find
from zope.fssync.synchronizer import FileSynchronizer

HERE = __name__


class INote(Interface):
    """A note."""

    text = Text(title="Text")


class IPlain(Interface):
    """A mere marker."""


class Note:
    """An object."""

    text = "a"


class Notes(FileSynchronizer):
    """Synchronizes notes."""


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    cleanUp()
    yield
    cleanUp()


def configure(directive: str) -> None:
    xmlconfig.string(
        f"""
        <configure xmlns:fssync="http://namespaces.zope.org/fssync"
            xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
          <include package="zope.security" file="meta.zcml" />
          <include package="zope.security" file="permissions.zcml" />
          <include package="zope.app.security" file="standardpermissions.zcml" />
          <include package="zope.app.fssync" file="meta.zcml" />
          <fssync:{directive} />
        </configure>
        """
    )


def test_old_names_lead_to_new_ones() -> None:
    configure(f'alias old="old.place.Note" new="{HERE}.Note"')
    assert aliases.modern("old.place.Note") == f"{HERE}.Note"
    configure(f'moved old="older.place" new="{HERE}"')
    assert aliases.modern("older.place.Notes") == f"{HERE}.Notes"


def test_a_class_is_allowed_by_its_name() -> None:
    configure('allow component="string.Template"')
    assert getUtility(IAllowedGlobal, "string.Template") is Template


def test_a_class_is_offered_by_its_name() -> None:
    configure(f'offer class="{HERE}.Note" title="A note"')
    offered = getUtility(IFactory, f"{HERE}.Note")
    assert (type(offered()), offered.title) == (Note, "A note")
    with pytest.raises(ConfigurationError, match="is no class"):
        configure('offer class="os.system"')


def test_a_marker_is_a_mere_marker() -> None:
    configure(f'marker interface="{HERE}.IPlain"')
    assert getUtility(IMarker, f"{HERE}.IPlain") is IPlain
    with pytest.raises(ConfigurationError, match="is no mere marker"):
        configure('marker interface="zope.component.interfaces.ISite"')


def test_a_part_is_protected() -> None:
    configure('protect annotation="my.notes" permission="zope.ManageContent"')
    assert getUtility(IAnnotationPermission, "my.notes") == "zope.ManageContent"
    with pytest.raises(ConfigurationError, match="either an annotation or an interf"):
        configure('protect permission="zope.ManageContent"')


def synchronizer(more: str) -> Any:
    configure(f'synchronizer for="{HERE}.Note" {more}')
    found = find(Note())
    assert found is not None
    return registration(found.factory)


def test_a_synchronizer_has_permissions() -> None:
    found = synchronizer(
        f'factory="{HERE}.Notes" permission="zope.View" write="zope.ManageContent" '
        'content_type="text/html"'
    )
    assert (found.factory, found.permission) == (Notes, "zope.View")
    assert (found.write, found.content_type) == ("zope.ManageContent", "text/html")


def test_a_schema_needs_no_factory() -> None:
    found = synchronizer(f'schema="{HERE}.INote" body="text" permission="zope.View"')
    assert found.permission == "zope.View"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('permission="zope.View"', "name a factory, or a schema"),
        (f'factory="{HERE}.Notes"', "say who may read the objects"),
        (
            f'factory="{HERE}.Notes" body="text" permission="zope.View"',
            "name a factory, or a schema",
        ),
        (
            f'factory="{HERE}.Notes" schema="{HERE}.INote" permission="zope.View"',
            "takes no schema",
        ),
        (
            f'schema="{HERE}.INote" body="none" permission="zope.View"',
            "none",
        ),
    ],
)
def test_half_a_synchronizer_is_refused(more: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        synchronizer(more)


def test_a_site_may_be_strict() -> None:
    assert queryUtility(IStrict) is None
    configure("strict")
    assert queryUtility(IStrict) is True


def test_an_encoding_is_one_that_python_knows() -> None:
    configure('textEncoding name="latin-1"')
    assert getUtility(ITextEncoding) == "latin-1"
    with pytest.raises((ConfigurationError, Error), match="nosuch"):
        configure('textEncoding name="nosuch"')
