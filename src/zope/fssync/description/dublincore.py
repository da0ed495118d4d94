"""The Dublin Core as zope.dublincore keeps it: an annotation, and its XML pickle.

Neither the class nor an instance of it is needed: what is around the mapping is known
by heart.  Every object of the toolkit has this annotation, and a document of others
than the usual elements is rare, so that it is read and written in pieces.
"""

from __future__ import annotations

from collections.abc import Mapping

from zope.fssync.description import pickletree
from zope.fssync.patterns import late
from zope.fssync.xmlpickle.text import identifier
from zope.fssync.xmlpickle.text import str_element

__all__ = ["ANNOTATION", "TYPE", "Elements", "dumps", "elements", "loads"]

#: The key of the annotation, and the class of what is there.
ANNOTATION = "zope.app.dublincore.ZopeDublinCore"
TYPE = "zope.dublincore.annotatableadapter.ZDCAnnotationData"

#: Elements by their names, each a tuple of texts.
Elements = Mapping[str, tuple[str, ...]]

_HEAD = """\
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
            <dictionary"""
_HEADS = {False: _HEAD, True: _HEAD.replace("copyreg", "copy_reg")}
_TAIL = """\
        </item>
      </dictionary>
    </state>
  </initialized_object>
</pickle>
"""
_EMPTY = " />\n"
_BEGIN = ">\n"
_END = "            </dictionary>\n"

_PAD = " " * 14
# A text that is escaped, or in a section, is left to the reader of all pickles.
_plain = "<unicode>([^<&]*)</unicode>"
_texts = late(_plain)
_item = late(
    rf"""{_PAD}<item(?: key="(\w+)">\n|>\n{_PAD}  <key> {_plain} </key>\n"""
    rf"""{_PAD}  <value>\n){_PAD}    <tuple(?: />|>\n"""
    rf"""((?:{_PAD}      <unicode>[^<&]*</unicode>\n)*){_PAD}    </tuple>)\n"""
    rf"""(?:{_PAD}  </value>\n)?{_PAD}</item>\n"""
)


def loads(data: bytes, python2: bool = False) -> dict[str, tuple[str, ...]] | None:
    """Return the elements in a pickle, None where it is anything else.

    With ``python2`` a release 3.6.0 wrote it.
    """
    found = elements(data, python2)
    if found is not None and dumps(found, python2) != data:
        return None
    return found


def elements(data: bytes, python2: bool) -> dict[str, tuple[str, ...]] | None:
    """Return elements that are all there is in a pickle, if `dumps` writes it so."""
    head = _HEADS[python2]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not (text.startswith(head) and text.endswith(_TAIL)):
        return None
    found = _plain_elements(text[len(head) : -len(_TAIL)])
    return _parsed(data, python2) if found is None else found


def _plain_elements(text: str) -> dict[str, tuple[str, ...]] | None:
    """Return the elements in a text where all are plain."""
    if text == _EMPTY:
        return {}
    found = {}
    place = len(_BEGIN)
    while (match := _item.match(text, place)) is not None:
        name, key, texts = match.groups()
        found[key if name is None else name] = tuple(_texts.findall(texts or ""))
        place = match.end()
    return found if text[place:] == _END else None


def _parsed(document: bytes, python2: bool) -> dict[str, tuple[str, ...]] | None:
    """Return the elements in any document of them."""
    try:
        instance = pickletree.loads(document, python2)
        ((_, data),) = instance.state.pairs
        pairs = data.pairs
    except (AttributeError, TypeError, ValueError):
        return None
    return dict(pairs) if all(map(_is_element, pairs)) else None


def _is_element(element: tuple[object, object]) -> bool:
    name, values = element
    return (
        type(name) is str
        and type(values) is tuple
        and all(type(value) is str for value in values)
    )


def dumps(wanted: Elements, python2: bool = False) -> bytes:
    """Return the bytes that a server writes for these elements."""
    head = _HEADS[python2]
    if not wanted:
        return (head + _EMPTY + _TAIL).encode("utf-8")
    out = [head, _BEGIN]
    for name in sorted(wanted):
        if not python2 and identifier(name):
            out.append(f'{_PAD}<item key="{name}">\n')
            out += _values(wanted[name])
        else:
            out.append(f"{_PAD}<item>\n{_PAD}  <key> {str_element(name)} </key>\n")
            out.append(f"{_PAD}  <value>\n")
            out += _values(wanted[name])
            out.append(f"{_PAD}  </value>\n")
        out.append(f"{_PAD}</item>\n")
    return "".join((*out, _END, _TAIL)).encode("utf-8")


def _values(values: tuple[str, ...]) -> list[str]:
    if not values:
        return [f"{_PAD}    <tuple />\n"]
    return [
        f"{_PAD}    <tuple>\n",
        *(f"{_PAD}      {str_element(value)}\n" for value in values),
        f"{_PAD}    </tuple>\n",
    ]
