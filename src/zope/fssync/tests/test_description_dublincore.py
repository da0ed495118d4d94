"""The document of the Dublin Core is read and written as servers do, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.dublincore.annotatableadapter import DCkey
from zope.dublincore.annotatableadapter import ZDCAnnotationData

from zope.fssync import xmlpickle
from zope.fssync.description import dublincore
from zope.fssync.synchronizer import dottedname

names = st.text() | st.sampled_from(["Title", "Date.Created", "Creator"])
mappings = st.dictionaries(names, st.lists(st.text(), max_size=3).map(tuple))


def of_server(data: dict[str, tuple[str, ...]]) -> bytes:
    return xmlpickle.dumps(ZDCAnnotationData(data))


def test_the_names_are_those_of_the_package() -> None:
    assert DCkey == dublincore.ANNOTATION
    assert dottedname(ZDCAnnotationData) == dublincore.TYPE


@pytest.mark.slow
@given(mappings)
def test_the_bytes_are_those_of_a_server(data: dict[str, tuple[str, ...]]) -> None:
    written = of_server(data)
    assert dublincore.dumps(data) == written
    assert dublincore.loads(written) == data


def test_python_2_has_other_names() -> None:
    data = {"Title": ("a",), "Date.Created": ("b", "<c>")}
    written = dublincore.dumps(data, python2=True)
    assert b"copy_reg" in written
    assert b"<key> <unicode>Title</unicode> </key>" in written
    assert dublincore.loads(written, python2=True) == data
    assert dublincore.loads(written) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ZDCAnnotationData", b"Other"),
        (b"<unicode>a</unicode>", b"<int>1</int>"),
        (b"<unicode>a</unicode>", b'<global name="system" module="os"/>'),
        (b"<unicode>a</unicode>", b"<unicode>a</unicode></tuple><tuple>"),
        (b"<unicode>a</unicode>", b"<<<<<<< mine"),
        (b"tuple>\n              </item>", b"list>\n              </item>"),
        (b'<item key="Title">', b"<item><key> <int>1</int> </key>"),
        (b'<item key="data">', b'<item key="other">'),
        (b"<state>", b"<listitems/><state>"),
        (b"</pickle>\n", b"</pickle>\n<more/>"),
    ],
)
def test_any_other_document_is_left_alone(old: bytes, new: bytes) -> None:
    written = of_server({"Title": ("a",)})
    assert old in written
    assert dublincore.loads(written.replace(old, new)) is None
    assert dublincore.loads(xmlpickle.dumps({"Title": ("a",)})) is None
