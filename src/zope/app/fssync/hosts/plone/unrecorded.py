"""What Plone keeps with content that is no content: a change of it is none.

Scales of an image are made when somebody looks at it, and a lock is set when somebody
opens the form to edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from Acquisition import aq_base
from persistent import Persistent
from plone.dexterity.interfaces import IDexterityContent

from zope.app.fssync.hosts.ofs.tracer import equal

__all__ = ["is_kept_apart", "is_scale", "tells_nothing"]

#: The annotations that are no content.
ANNOTATIONS = frozenset(("plone.locking", "plone.scale"))

#: The attribute of an object with its locks.
LOCKS = "_dav_writelocks"


def is_scale(obj: Any) -> bool:
    """Return True for an object that holds the scales of an image."""
    return type(obj).__module__.startswith("plone.scale.")


def is_kept_apart(obj: Any, referrer: Any) -> bool:
    """Return True if ``referrer`` has an object as something that is no content."""
    if not type(obj).__module__.startswith(("persistent.", "Persistence.")):
        return False
    if IDexterityContent.providedBy(referrer):
        return vars(aq_base(referrer)).get(LOCKS) is obj
    return any(
        key in ANNOTATIONS and value is obj for key, value in _pairs(referrer).items()
    )


def tells_nothing(obj: Any, old_state: Callable[[], Any]) -> bool:
    """Return True if the record of an object only changed in what is no content.

    ``old_state`` returns what it had before, with its references resolved.
    """
    if is_scale(obj):
        return True
    if IDexterityContent.providedBy(obj):
        return _has_annotations_apart(obj) and _same_content(vars(obj), old_state())
    pairs = _pairs(obj)
    if pairs.keys().isdisjoint(ANNOTATIONS):
        return False
    old = _pairs_of_state(type(obj), old_state())
    return old is not None and ANNOTATIONS.issuperset(_changed(old, pairs))


def _changed(old: dict[Any, Any], new: dict[Any, Any]) -> set[Any]:
    """Return the keys of values that are not certainly the same."""
    return {
        key
        for key in old.keys() | new.keys()
        if key not in old or key not in new or not _same(old[key], new[key])
    }


def _same(old: Any, new: Any) -> bool:
    if equal(old, new):
        return True
    # Values such as a rich text do not define equality.
    kind = type(new)
    return (
        type(old) is kind
        and kind.__module__.startswith("plone.")
        and not isinstance(new, Persistent)
        and hasattr(new, "__dict__")
        and not _changed(vars(old), vars(new))
    )


def _has_annotations_apart(obj: Any) -> bool:
    """Return False for most objects: their former state need not be loaded."""
    attributes = vars(aq_base(obj))
    annotations = attributes.get("__annotations__")
    return LOCKS in attributes or (
        annotations is not None and ANNOTATIONS.issuperset(annotations)
    )


def _same_content(new: dict[str, Any], old: Any) -> bool:
    if not isinstance(old, dict):
        return False
    changed = _changed(_stored(old), _stored(new))
    annotations = new.get("__annotations__")
    if "__annotations__" in changed and not (
        old.get("__annotations__") is None
        and annotations is not None
        and ANNOTATIONS.issuperset(annotations)
    ):
        return False
    return changed <= {LOCKS, "__annotations__"}


def _stored(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in attributes.items() if name[:3] != "_v_"}


def _pairs(obj: Any) -> dict[Any, Any]:
    """Return what a tree has in its own record, or a bucket of one."""
    if not type(obj).__module__.startswith("BTrees.OOBTree"):
        return {}
    return _pairs_of_state(type(obj), obj.__getstate__()) or {}


def _pairs_of_state(kind: type, state: Any) -> dict[Any, Any] | None:
    """Return what is in the state of a tree or a bucket, None for a large tree."""
    if state is None:
        return {}
    if kind.__name__ == "OOBTree":
        # A tree with a few keys has its only bucket in its state.
        if len(state) != 1:
            return None
        ((state,),) = state
    elif kind.__name__ != "OOBucket":
        return None
    pairs = state[0]
    return dict(zip(pairs[::2], pairs[1::2], strict=True))
