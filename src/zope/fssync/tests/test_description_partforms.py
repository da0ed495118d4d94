"""The forms of extras and annotations."""

from __future__ import annotations

from typing import Any

import pytest
from persistent.mapping import PersistentMapping
from zope.dublincore.annotatableadapter import ZDCAnnotationData

from zope.fssync import xmlpickle
from zope.fssync.description.lines import TextItem
from zope.fssync.description.partforms import ItemError
from zope.fssync.description.partforms import ItemsForm
from zope.fssync.description.partforms import known
from zope.fssync.description.partforms import named_form

PROPERTIES = """\
alt (string) = ""
tags (lines)
    one
    "  two"
title (string) = Größe
""".encode()


def core(**elements: tuple[str, ...]) -> bytes:
    data = ZDCAnnotationData()
    data.update(elements)
    return xmlpickle.dumps(data)


def test_items_keep_their_order() -> None:
    form = ItemsForm()
    items = form.items(PROPERTIES, False)
    assert items is not None
    assert [item.key for item in items] == ["alt", "tags", "title"]
    assert form.content(items, False) == PROPERTIES
    assert form.content(items[::-1], False).startswith(b"title")
    assert form.items(b"  no item", False) is None


def test_dublin_core_has_an_item_for_each_element() -> None:
    form = known("Annotations/zope.app.dublincore.ZopeDublinCore").form  # type: ignore[union-attr]
    data = core(Title=("A — B",), Subject=("one", "two"), Rights=())
    items = form.items(data, False)
    assert items == [
        TextItem("Rights", ""),
        TextItem("Subject", "", ("one", "two")),
        TextItem("Title", "= A — B"),
    ]
    assert form.content(items, False) == data
    with pytest.raises(ItemError):
        form.content([TextItem("Title", "(string) = x")], False)


@pytest.mark.parametrize(
    "data",
    [
        core(Title=(1,)),  # type: ignore[arg-type]
        core(Title="text"),  # type: ignore[arg-type]
        xmlpickle.dumps({"Title": ("x",)}),
        xmlpickle.dumps(PersistentMapping()),
        b"text",
    ],
)
def test_other_parts_than_dublin_core_have_no_items(data: bytes) -> None:
    assert named_form("dublincore").items(data, False) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dict", {"b": [1], "a": None, "": 0.5}),
        ("PersistentMapping", PersistentMapping(a="b")),
    ],
)
def test_mappings_have_an_item_for_each_key(name: str, value: Any) -> None:
    form = named_form(name)
    data = xmlpickle.dumps(value)
    items = form.items(data, False)
    assert [item.key for item in items] == sorted(value)
    assert form.content(items[::-1], False) == data
    with pytest.raises(ItemError):
        form.content([TextItem("a", "")], False)
    with pytest.raises(ItemError):
        form.content([TextItem("a", "= [1")], False)


@pytest.mark.parametrize("value", [{1: 2}, {}, [1], PersistentMapping({1: 2})])
def test_mappings_without_texts_as_keys_have_no_items(value: Any) -> None:
    data = xmlpickle.dumps(value)
    assert named_form("dict").items(data, False) is None
    assert named_form("PersistentMapping").items(data, False) is None
