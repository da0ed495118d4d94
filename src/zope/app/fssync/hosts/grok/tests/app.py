"""An application of Grok that knows nothing of files."""

from __future__ import annotations

from typing import Any

import grok
from persistent.list import PersistentList
from zope.container.btree import BTreeContainer
from zope.interface import Interface
from zope.schema import Text

__all__ = ["Barn", "Herd", "Mammoth", "Notes", "Poem", "Shelf", "Zoo"]


class Zoo(grok.Application, grok.Container):
    """The application."""


class Herd(grok.Container):
    """A container with attributes."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title


class Shelf(grok.OrderedContainer):
    """A container with an order."""


class Barn(BTreeContainer):
    """A container of the toolkit, which Grok knows nothing of."""

    title = ""


class Mammoth(grok.Model):
    """A model that needs to be told what it is."""

    def __init__(self, name: str, size: float) -> None:
        self.name = name
        self.size = size
        self.food = PersistentList(["grass", "moss"])
        self.friend: Any = None


class INotes(Interface):
    """Notes about anything."""

    text = Text(title="The notes")


class Notes(grok.Annotation):
    """Notes about a mammoth."""

    grok.context(Mammoth)
    grok.provides(INotes)
    grok.name("zoo.notes")

    text = ""


class Poem(grok.Model):
    """A model for which the application has a synchronizer of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
