"""Objects as plain values, so that two trees can be compared object by object."""

from __future__ import annotations

import re
from typing import Any

from zope.annotation.interfaces import IAnnotations
from zope.component.interfaces import ISite
from zope.dublincore.interfaces import IZopeDublinCore
from zope.interface import directlyProvidedBy
from zope.proxy import removeAllProxies

from zope.fssync import xmlpickle

__all__ = ["describe", "tree"]

DUBLIN_CORE = "zope.app.dublincore.ZopeDublinCore"

_time = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[-+]\d\d:\d\d")


def tree(obj: Any, path: str = "", dates: bool = False) -> dict[str, Any]:
    """Return the description of an object and of all below it, by path."""
    result = {path: describe(obj, dates)}
    if hasattr(obj, "items"):
        for name, item in obj.items():
            result.update(tree(item, f"{path}/{name}", dates))
    return result


def describe(obj: Any, dates: bool = False) -> dict[str, Any]:
    """Return what an object is, without its items.

    Moments are replaced by a word unless ``dates`` are wanted: the same done
    twice is done at two times.
    """
    bare = removeAllProxies(obj)
    kind = bare.__class__
    result: dict[str, Any] = {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "provides": sorted(i.__identifier__ for i in directlyProvidedBy(bare)),
    }
    if hasattr(bare, "contentType"):
        result["data"] = bare.data
        result["contentType"] = bare.contentType
    if ISite.providedBy(bare):
        manager = bare.getSiteManager()
        result["site manager"] = {
            "class": type(manager).__qualname__,
            "items": sorted(manager),
            "parent": manager.__parent__ is bare,
            "utilities": sorted(str(r) for r in manager.registeredUtilities()),
        }
    annotations = IAnnotations(bare, {})
    result["annotations"] = {
        key: _value(annotations[key], dates) for key in sorted(annotations)
    }
    if DUBLIN_CORE in annotations:
        core = IZopeDublinCore(bare)
        result["texts"] = [core.title, core.description, list(core.creators)]
    return result


def _value(value: Any, dates: bool) -> str:
    text = xmlpickle.dumps(value).decode()
    return text if dates else _time.sub("a moment", text)
