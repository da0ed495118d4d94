"""The names that security checkers allow always, without a loss of memory.

`Checker_check_int` of zope.security 8.4 loses two objects of some 45 bytes for each
name that it allows although it has no permission for it (``__class__``,
``__providedBy__``): some sixty of them a request, since each adaptation of an object
in a security proxy asks for such names.  It loses nothing for a name with a
permission.  `name_available` therefore gives these names the permission that they
have in effect, `CheckerPublic`, in all checkers that are registered.

It can go once `loses_names` is False for all supported releases of zope.security.
"""

from __future__ import annotations

import sys
from typing import Any

from zope.component import adapter
from zope.processlifetime import IDatabaseOpened
from zope.security.checker import Checker
from zope.security.checker import CheckerPublic
from zope.security.checker import _available_by_default
from zope.security.checker import _checkers
from zope.security.checker import _defaultChecker

__all__ = ["loses_names", "name_available", "named", "names_on_start"]

#: Checks of one name, enough that nothing else can be taken for their loss.
_CHECKS = 1000


def loses_names() -> bool:
    """Does zope.security lose memory with a name that is always available?"""
    checker = Checker({}, {})
    before = sys.getallocatedblocks()
    for _ in range(_CHECKS):
        checker.check_getattr(None, "__class__")
    return sys.getallocatedblocks() - before > _CHECKS // 2


def named(checker: Any) -> Any:
    """Return a checker that has a permission for each name that it allows always.

    It is the same checker.  What it checks by a function stays as it is.
    """
    permissions = getattr(checker, "get_permissions", None)
    if isinstance(permissions, dict):
        for name in _available_by_default:
            permissions.setdefault(name, CheckerPublic)
    return checker


def name_available() -> None:
    """Let all registered checkers name what they allow always."""
    if loses_names():
        for checker in [*_checkers.values(), _defaultChecker]:
            if isinstance(checker, Checker):
                named(checker)


@adapter(IDatabaseOpened)
def names_on_start(event: Any) -> None:
    """All ZCML has been executed: the checkers of the application are registered."""
    name_available()
