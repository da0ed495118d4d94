"""How cookbooks become directories, recipes and menus files."""

from zope.interface import implementer

from kitchen.content import Menu
from kitchen.content import Nutrition
from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer


class RecipeSynchronizer(FileSynchronizer):
    """The text is the file, the rest are extras."""

    def dump(self, writeable):
        writeable.write(self.context.text.encode("utf-8"))

    def load(self, readable):
        self.context.text = readable.read().decode("utf-8")

    def extras(self):
        return Extras(servings=self.context.servings, nutrition=self.context.nutrition)

    def setextras(self, extras):
        if not isinstance(extras.get("servings", 1), int):
            raise SynchronizationError("servings is no whole number")
        if not isinstance(extras.get("nutrition", Nutrition()), Nutrition):
            raise SynchronizationError("nutrition is something else")
        return super().setextras(extras)


class MenuSynchronizer(FileSynchronizer):
    """The file has the name of a recipe on each line."""

    def dump(self, writeable):
        for recipe in self.context.recipes:
            writeable.write(f"{recipe.__name__}\n".encode())

    def load(self, readable):
        names = readable.read().decode("utf-8").split()

        def link():
            book = self.context.__parent__
            missing = [name for name in names if name not in book]
            if missing:
                raise SynchronizationError(f"no such recipe: {missing[0]}")
            self.context.recipes = tuple(book[name] for name in names)

        return link


@implementer(IObjectGenerator)
class MenuGenerator:
    """Makes menus, which cannot do without their book."""

    def create(self, context, name):
        context[name] = Menu(context)
        return context[name]


@implementer(ISourceCheck)
class RecipeCheck:
    """A recipe has at least one ingredient."""

    def __init__(self, recipe):
        self.recipe = recipe

    def faults(self):
        if "- " not in self.recipe.text:
            yield 1, "nothing to buy"


class CookbookSynchronizer(FolderSynchronizer):
    """A folder with a motto."""

    def extras(self):
        return Extras(motto=self.context.motto)
