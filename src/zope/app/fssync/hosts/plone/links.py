"""The links in texts, which Plone keeps as relations: link integrity.

A text may link to an object that is made later in the same commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from plone.app.linkintegrity.handlers import modifiedContent
from plone.app.uuid.utils import uuidToObject
from plone.uuid.interfaces import IUUID

from zope.app.fssync.hosts.plone.site import in_site

__all__ = ["update_later"]

_link = re.compile(r"\b(?:href|src|resolveuid)\b", re.IGNORECASE)


def update_later(obj: Any, *texts: str) -> Callable[[], None] | None:
    """Return what updates the links of an object when all objects are there.

    None for texts without a link.
    """
    if not any(map(_link.search, texts)):
        return None

    def later() -> None:
        # A new object was in no place when its text was loaded.
        placed = uuidToObject(IUUID(obj, None), unrestricted=True)
        if placed is not None:
            with in_site(placed):
                modifiedContent(placed, None)

    return later
