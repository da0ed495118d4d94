"""What makes an object, beside its content."""

from zope.fssync.description import ASIDE
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load


def test_descriptions_are_equal_where_they_say_the_same() -> None:
    part = Part({"keytype": "builtins.str", "type": "Picture"}, ASIDE)
    one = Description({"keytype": "builtins.str", "type": "File"}, {"Extra/a": part})
    assert load(dump(one)) == one
    assert load(dump(one)).parts["Extra/a"].data is ASIDE
