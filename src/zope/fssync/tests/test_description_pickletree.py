"""XML pickles as trees: what has one comes back byte for byte, without any class."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.fssync import xmlpickle
from zope.fssync.description.pickletree import Global
from zope.fssync.description.pickletree import Instance
from zope.fssync.description.pickletree import Native
from zope.fssync.description.pickletree import Table
from zope.fssync.description.pickletree import dumps
from zope.fssync.description.pickletree import loads

KEYS = st.text(max_size=5) | st.integers(-5, 5) | st.none() | st.binary(max_size=3)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 40), 1 << 40)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=10,
)

TODAY = b"""\
<?xml version="1.0" encoding="utf-8" ?>
<pickle>
  <initialized_object>
    <klass>
      <global name="Gone" module="copyreg"/>
    </klass>
    <arguments>
      <tuple>
        <global name="NotInstalled" module="anywhere"/>
      </tuple>
    </arguments>
    <state> <none/> </state>
  </initialized_object>
</pickle>
"""


@settings(max_examples=50)
@given(VALUES)
def test_plain_values_come_back(value: object) -> None:
    data = xmlpickle.dumps(value)
    assert dumps(loads(data)) == data


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.50"),
        {1, 2},
        datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC),
        datetime.timedelta(1),
    ],
)
def test_instances_come_back(value: object) -> None:
    data = xmlpickle.dumps(value)
    assert dumps(loads(data)) == data


def test_classes_are_names_only() -> None:
    tree = loads(TODAY)
    assert tree == Instance(
        Global("copyreg", "Gone"), (Global("anywhere", "NotInstalled"),), None
    )
    assert dumps(tree) == TODAY


def test_python2_has_other_names_of_modules_and_of_keys() -> None:
    data = TODAY.replace(b"copyreg", b"copy_reg")
    assert loads(data, python2=True) == loads(TODAY)
    assert dumps(loads(TODAY), python2=True) == data
    data = xmlpickle.dumps({"key": 1})
    assert loads(data, python2=True) == Table(((Native("key"), 1),))


@pytest.mark.parametrize(
    "body",
    [
        b"<list/>",
        b"<pickle></pickle>",
        b"<pickle><persistent> <unicode>/a</unicode> </persistent></pickle>",
        b"<pickle><persistent/></pickle>",
        b"<pickle><attribute name='a'><int>1</int></attribute><int>2</int></pickle>",
        b'<pickle><list id="o0"><reference id="o0"/></list></pickle>',
        b"<pickle><object><klass/></object></pickle>",
        b"<pickle><int>x</int></pickle>",
        b"<pickle><string encoding='x'>x</string></pickle>",
        b"<pickle><global/></pickle>",
        b"<pickle><dictionary><none/></dictionary></pickle>",
        b"<pickle><initialized_object/></pickle>",
        b"<pickle>" + b"<list>" * 1000,
        b"<pickle><none></pickle>",
        b"<pickle><int>" + b"9" * 5000 + b"</int></pickle>",
    ],
)
def test_invalid_tree_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="pickle"):
        dumps(loads(b'<?xml version="1.0" encoding="utf-8" ?>\n' + body))


def test_document_types_are_refused() -> None:
    data = b'<?xml version="1.0" encoding="utf-8" ?>\n<pickle>'
    with pytest.raises(ValueError, match="no XML pickle"):
        loads(b"<!DOCTYPE x []>" + data)
