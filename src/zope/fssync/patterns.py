"""Regular expressions that are compiled when they are first used.

To compile one takes as long as to import a module, and a command uses few of them.
"""

from __future__ import annotations

import re
from typing import Any
from typing import AnyStr
from typing import cast

__all__ = ["late"]


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is not compiled yet."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))


class _Late:
    def __init__(self, pattern: Any, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # Called for each method once: it is an attribute from then on.
        value = getattr(re.compile(*self._source), name)
        setattr(self, name, value)
        return value
