"""A value that is refused is told with the name of its field."""

from __future__ import annotations

import pytest
from zope.interface import Invalid
from zope.schema.interfaces import TooLong

from zope.app.fssync.hosts.plone.sentences import naming
from zope.fssync.errors import SynchronizationError


class NoColour(Invalid):
    __doc__ = "That is no colour"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TooLong("blue", 3), "x: Value is too long (blue)"),
        (Invalid("Not today"), "x: Not today"),
        (NoColour(), "x: That is no colour"),
        (ValueError("no number"), "x: no number"),
    ],
)
def test_a_mistake_of_the_user_is_refused_by_name(error, told):
    with pytest.raises(SynchronizationError) as caught, naming("x"):
        raise error

    assert str(caught.value) == told


def test_a_fault_of_the_site_is_not_taken_for_a_mistake():
    with pytest.raises(ZeroDivisionError), naming("x"):
        raise ZeroDivisionError
