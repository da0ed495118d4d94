"""Page templates of zope.app.zptpage become files with their source."""

from __future__ import annotations

import re
from typing import Any

from zope.interface import implementer

from zope.app.fssync.content.checks import Faults
from zope.app.fssync.content.checks import template_fault
from zope.app.fssync.content.source import SourceSynchronizer
from zope.fssync.interfaces import ISourceCheck

__all__ = ["ZPTPageAdapter", "ZPTPageCheck"]

#: What a template that does not compile has before its source.
_diagnostics = re.compile("<!-- Page Template Diagnostics.*?-->\n?", re.DOTALL)


class ZPTPageAdapter(SourceSynchronizer):
    """Synchronizes a page template."""

    self_contained = True

    def source(self) -> str:
        """See `SourceSynchronizer`: without the errors of its compiler."""
        text = super().source()
        match = _diagnostics.match(text)
        return text if match is None else text[match.end() :]


@implementer(ISourceCheck)
class ZPTPageCheck:
    """Checks a page template: it is compiled, and not run."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def faults(self) -> Faults:
        """See `ISourceCheck`."""
        self.page._cook_check()
        # The first line says that there are some.
        for text in self.page._v_errors[1:]:
            yield template_fault(text)
