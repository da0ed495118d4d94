"""A file of a part is read as properties, and written when one is set."""

from __future__ import annotations

import pytest

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.partfiles import DublinCore
from zope.app.fssync.client.partfiles import Items
from zope.app.fssync.client.partfiles import Part
from zope.app.fssync.client.partfiles import Property
from zope.app.fssync.client.partfiles import Value
from zope.app.fssync.client.partfiles import part_in
from zope.app.fssync.client.partfiles import values_of
from zope.fssync import xmlpickle
from zope.fssync.errors import Error
from zope.fssync.itemtext import Item

CORE = dublincore.dumps(dublincore.NEW._replace(data={"Title": ("A",)}))


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        (dublincore.ANNOTATION, CORE, DublinCore),
        (dublincore.ANNOTATION, b"no document", Part),
        ("contentType", xmlpickle.dumps("text/plain"), Value),
        ("grants", xmlpickle.dumps([1]), Part),
        ("settings", b"a = 1\n", Items),
        ("settings", b"no item (of\n", Part),
    ],
)
def test_the_form_of_a_part_is_that_of_its_file(
    name: str, data: bytes, kind: type[Part]
) -> None:
    part = part_in(f"co/{name}", data)
    assert type(part) is kind
    assert part.data == data


def test_setting_a_property_writes_the_file() -> None:
    part = part_in(f"co/{dublincore.ANNOTATION}", CORE)
    part.set("title", ["B"])
    (title,) = part_in(part.path, part.data).properties()
    assert (title.name, title.values) == ("title", ("B",))


def test_a_setting_cannot_be_deleted() -> None:
    part = part_in("co/settings", b"a = 1\n")
    with pytest.raises(Error, match="every such object has"):
        part.delete("a")


def test_values_become_items_and_back() -> None:
    item = Property("a", ("x\ny",), "p").item()
    assert item == Item("a", lines=("x", "y"), kind="text")
    assert values_of(item) == ("x\ny",)
    assert values_of(Item("a", "x")) == ("x",)
