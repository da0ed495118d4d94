"""Work around a memory leak in the security checkers of zope.security.

`Checker_check_int` of zope.security 8.4 leaks two objects of some 45 bytes for each
check of a name that is always available without a permission (``__class__``,
``__providedBy__``), and three for a name with two underscores that is forbidden.  It
does not leak for names with a permission.

The first happens some sixty times in a request, since each adaptation of an object in a
security proxy reads such names: `named` gives them the permission that they have in
effect, `CheckerPublic`.  The second happens where somebody asks for the interfaces of a
function, a method or a class, as the publisher does with each page for somebody who has
not logged in: these have neither ``__provides__`` nor ``__dict__`` in a proxy.
`LosslessChecker` refuses such names in Python.  `name_available` does both, in all
registered checkers.

Remove this when `loses_names` is False for all supported releases of zope.security.
"""

from __future__ import annotations

import sys
from typing import Any

from zope.component import adapter
from zope.processlifetime import IDatabaseOpened
from zope.security.checker import Checker
from zope.security.checker import CheckerPublic
from zope.security.checker import _available_by_default
from zope.security.checker import _callableChecker
from zope.security.checker import _checkers
from zope.security.checker import _defaultChecker
from zope.security.checker import _typeChecker
from zope.security.interfaces import ForbiddenAttribute

__all__ = [
    "LosslessChecker",
    "loses_names",
    "name_available",
    "named",
    "names_on_start",
]

#: The number of checks of one name: enough to distinguish a leak from noise.
_CHECKS = 1000


def loses_names() -> bool:
    """Return True if zope.security leaks memory for names that are always available."""
    checker = Checker({}, {})
    before = sys.getallocatedblocks()
    for _ in range(_CHECKS):
        checker.check_getattr(None, "__class__")
    return sys.getallocatedblocks() - before > _CHECKS // 2


def named(checker: Any) -> Any:
    """Give a checker a permission for each name that is always available; return it.

    A checker with a permission function is not changed.
    """
    permissions = getattr(checker, "get_permissions", None)
    if isinstance(permissions, dict):
        for name in _available_by_default:
            permissions.setdefault(name, CheckerPublic)
    return checker


class LosslessChecker(Checker):
    """A checker that refuses names without a permission in Python."""

    def __init__(self, checker: Any) -> None:
        super().__init__(named(checker).get_permissions, checker.set_permissions)

    def check(self, obj: Any, name: str) -> None:
        if name in self.get_permissions:
            super().check(obj, name)
        elif name != "__iter__" or hasattr(obj, name):
            raise ForbiddenAttribute(name, obj)

    # A proxy calls the method `__setitem__` of a checker that has one.
    check_getattr = __setitem__ = check


def name_available() -> None:
    """Make all registered checkers lose no names."""
    if not loses_names():
        return
    for checker in [*_checkers.values(), _defaultChecker]:
        if isinstance(checker, Checker):
            named(checker)
    for kind, checker in list(_checkers.items()):
        if checker in (_callableChecker, _typeChecker):
            _checkers[kind] = LosslessChecker(checker)


@adapter(IDatabaseOpened)
def names_on_start(event: Any) -> None:
    """Call `name_available` when all ZCML has been executed."""
    name_available()
