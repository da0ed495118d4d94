"""Explain how an object is synchronized, to callers who may read it."""

from __future__ import annotations

from functools import reduce
from typing import Any

from zope.fssync.messages import _
from zope.fssync.registry.synchronizers import explain

__all__ = ["explained"]


def explained(access: Any, obj: Any) -> dict[str, str]:
    """Return the synchronizer of an object, its registration, and permissions.

    ``access`` is the `IAccess` of the caller, who may read the object.
    """
    found = {
        f"permission-to-{what}": permission
        for what, permission in access.required(obj).items()
    }
    explanation = explain(access.inner(access.stored(obj)))
    if explanation is not None:
        found["synchronizer"] = explanation.factory
        found["because"] = explanation.reason
        found["passed-over"] = reduce(_both, explanation.skipped, "")
    return found


def _both(first: str, other: str) -> str:
    if not first:
        return other
    return _("${first}; ${other}", mapping={"first": first, "other": other})
