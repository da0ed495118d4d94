"""Cookbooks with recipes and menus."""

from dataclasses import dataclass

from persistent import Persistent
from zope.annotation.interfaces import IAttributeAnnotatable
from zope.container.btree import BTreeContainer
from zope.container.contained import Contained
from zope.interface import Interface
from zope.interface import implementer
from zope.schema import Int
from zope.schema import Text
from zope.schema import TextLine


class IVegetarian(Interface):
    """Marks recipes without meat."""


@dataclass
class Nutrition:
    """What one serving amounts to."""

    kcal: int = 0


@implementer(IAttributeAnnotatable)
class Recipe(Persistent, Contained):
    """How a dish is made."""

    text = ""
    servings = 4
    nutrition = Nutrition()


class Menu(Persistent, Contained):
    """Recipes of one book, in the order they are served."""

    def __init__(self, book):
        self.title = f"A menu from {book.__name__}"
        self.recipes = ()


class Cookbook(BTreeContainer):
    """A folder for recipes and menus."""

    motto = ""


class Stew(Recipe):
    """A recipe that takes time."""

    hours = 3


class IWine(Interface):
    """What to drink with it."""

    label = TextLine(title="Label", default="")
    year = Int(title="Year", min=1900, required=False)
    notes = Text(title="Notes", default="")


@implementer(IWine)
class Wine(Persistent, Contained):
    """What to drink with it."""

    label = notes = ""
    year = None
