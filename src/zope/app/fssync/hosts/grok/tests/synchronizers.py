"""How an application of Grok says what its files are to look like."""

from __future__ import annotations

from typing import Any

import grok

import zope.app.fssync.hosts.grok
from zope.app.fssync.hosts.grok.tests.app import Poem
from zope.fssync.synchronizer import FileSynchronizer

__all__ = ["PoemSynchronizer"]


class PoemSynchronizer(zope.app.fssync.hosts.grok.Synchronizer, FileSynchronizer):
    """A poem is a file of text."""

    grok.context(Poem)
    grok.require("zope.ManageContent")

    def dump(self, writeable: Any) -> None:
        writeable.write(self.context.text.encode("utf-8"))

    def load(self, readable: Any) -> None:
        self.context.text = readable.read().decode("utf-8")
