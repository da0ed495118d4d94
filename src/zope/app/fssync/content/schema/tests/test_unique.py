"""Unique elements are looked for without comparing each with each."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyObject
from zope.schema import Field
from zope.schema import Int
from zope.schema import List
from zope.schema import Set
from zope.schema import TextLine
from zope.schema.interfaces import ICollection
from zope.schema.interfaces import NotUnique
from zope.schema.interfaces import WrongContainedType

from zope.app.fssync.content.schema.unique import check_unique
from zope.app.fssync.content.schema.unique import gathered
from zope.app.fssync.content.schema.unique import lenient
from zope.app.fssync.content.schema.unique import validate
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import COMPARED_ELEMENTS

NAMES = List(__name__="names", value_type=TextLine(), unique=True)
ANY = List(__name__="any", value_type=Field(), unique=True)


def test_equal_elements_are_refused_as_by_the_field():
    for field, value in ((NAMES, ["a", "b", "a"]), (ANY, [[1], [2], [1]])):
        with pytest.raises(NotUnique) as caught:
            validate(field, value)
        assert (caught.value.field, caught.value.value) == (field, value)
    validate(NAMES, ["a", "b"])
    validate(ANY, [[1], [2]])
    validate(List(value_type=TextLine()), ["a", "a"])
    validate(Int(), 1)


def test_other_faults_are_told_by_the_field():
    with pytest.raises(WrongContainedType):
        validate(NAMES, ["a", 1])


def test_a_field_stays_as_it_is():
    verifyObject(ICollection, lenient(NAMES))
    assert not lenient(NAMES).unique
    assert NAMES.unique
    assert lenient(ANY).context is ANY.context
    plain = List(value_type=TextLine())
    assert lenient(plain) is plain


def test_nothing_is_unique():
    check_unique(NAMES, None)
    check_unique(NAMES, [])


def test_elements_without_a_hash_are_few():
    validate(ANY, [[n] for n in range(COMPARED_ELEMENTS)])
    with pytest.raises(LimitExceeded, match="'any' has more than"):
        validate(ANY, [[n] for n in range(COMPARED_ELEMENTS + 1)])


def test_a_set_is_gathered_of_few_with_one_hash():
    crowd = [number * ((1 << 61) - 1) for number in range(1000)]
    assert gathered(list, crowd) == crowd
    assert gathered(set, crowd[:10]) == set(crowd[:10])
    with pytest.raises(LimitExceeded, match="same hash"):
        gathered(set, crowd)
    with pytest.raises(LimitExceeded, match="same hash"):
        validate(List(value_type=Int(), unique=True), crowd)
    validate(Set(value_type=TextLine()), gathered(set, "abc"))
