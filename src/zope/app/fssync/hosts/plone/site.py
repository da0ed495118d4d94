"""Find the site of an object, in which its types and settings are registered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from Acquisition import aq_base
from Acquisition import aq_chain
from zope.component.hooks import getSite
from zope.component.hooks import setSite
from zope.component.interfaces import ISite

__all__ = ["in_site", "site_of"]


def site_of(obj: Any) -> Any:
    """Return the closest site that an object is in, or is; None outside of sites."""
    return next((each for each in aq_chain(obj) if _is_site(each)), None)


def _is_site(obj: Any) -> bool:
    # To ask content for its interfaces takes long, and most of it can be no site.
    if not hasattr(type(aq_base(obj)), "getSiteManager"):
        return False
    return bool(ISite.providedBy(obj))


@contextmanager
def in_site(obj: Any) -> Iterator[None]:
    """Run a block with the registrations of the site of an object.

    A checkout of the root of Zope has objects of sites that the request did not
    traverse.
    """
    current, wanted = getSite(), site_of(obj)
    if wanted is None or aq_base(wanted) is aq_base(current):
        yield
        return
    setSite(wanted)
    try:
        yield
    finally:
        setSite(current)
