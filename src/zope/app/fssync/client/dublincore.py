"""Dublin Core as zope.dublincore keeps it: an annotation, and its XML pickle.

The client has neither the class nor a reason to make instances of what a server
names.  So it knows the document around the mapping by heart, and reads and writes
nothing but the mapping: names with tuples of texts.
"""

from __future__ import annotations

from typing import NamedTuple

from zope.fssync import xmlpickle
from zope.fssync.errors import Error

__all__ = ["ANNOTATION", "NEW", "TYPE", "Document", "dumps", "loads"]

#: The key of the annotation, and the class of what is there.
ANNOTATION = "zope.app.dublincore.ZopeDublinCore"
TYPE = "zope.dublincore.annotatableadapter.ZDCAnnotationData"


class Document(NamedTuple):
    """The mapping, and what stands before it."""

    data: dict[str, tuple[str, ...]]
    head: bytes


_HEAD = b"""\
<?xml version="1.0" encoding="utf-8" ?>
<pickle>
  <initialized_object>
    <klass>
      <global name="__newobj__" module="copyreg"/>
    </klass>
    <arguments>
      <tuple>
        <global name="ZDCAnnotationData" module="zope.dublincore.annotatableadapter"/>
      </tuple>
    </arguments>
    <state>
      <dictionary>
        <item key="data">
"""
_TAIL = b"""\
        </item>
      </dictionary>
    </state>
  </initialized_object>
</pickle>
"""

#: That of an object which has none yet.
NEW = Document({}, _HEAD)


# Servers of Python 2 have the other name of the module.
_HEADS = (_HEAD, _HEAD.replace(b"copyreg", b"copy_reg"))

#: As deep as the mapping stands in the document, which decides how it is indented.
_OUTER = b"  <list>\n    <list>\n      <list>\n        <list>\n          <list>\n"


def loads(data: bytes) -> Document | None:
    """Return the document in ``data``, None where it is anything else."""
    head = next((each for each in _HEADS if data.startswith(each)), None)
    if head is None or not data.endswith(_TAIL):
        return None
    mapping = data[len(head) : -len(_TAIL)]
    try:
        found = xmlpickle.loads(b"<pickle>" + mapping + b"</pickle>")
    except Error:
        return None
    if type(found) is not dict or not all(map(_is_known, found.items())):
        return None
    return Document(found, head)


def _is_known(item: tuple[object, object]) -> bool:
    name, values = item
    return (
        type(name) is str
        and type(values) is tuple
        and all(type(value) is str for value in values)
    )


def dumps(document: Document) -> bytes:
    """Return the bytes that a server writes for a document."""
    written = xmlpickle.dumps([[[[[document.data]]]]])
    _, _, rest = written.partition(_OUTER)
    mapping, _, _ = rest.rpartition(b"          </list>\n")
    return document.head + mapping + _TAIL
