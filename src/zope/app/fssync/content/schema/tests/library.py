"""An application with schemas, which knows nothing of files."""

from __future__ import annotations

from typing import Any

import zope.schema
from persistent import Persistent
from zope.container.btree import BTreeContainer
from zope.container.contained import Contained
from zope.interface import Attribute
from zope.interface import Interface
from zope.interface import Invalid
from zope.interface import implementer
from zope.interface import invariant
from zope.schema.fieldproperty import createFieldProperties
from zope.schema.vocabulary import SimpleVocabulary

__all__ = ["Book", "Film", "IBook", "IFilm", "INote", "IShelf", "Note", "Shelf"]

GENRES = SimpleVocabulary.fromItems([("novel", 1), ("poems", 2)])


class IBook(Interface):
    """A book."""

    title = zope.schema.TextLine(title="Title", default="", max_length=20)
    text = zope.schema.SourceText(title="Text", default="")
    pages = zope.schema.Int(title="Pages", default=0, min=0)
    read = zope.schema.Int(title="Pages read", default=0)
    price = zope.schema.Decimal(title="Price", required=False)
    lent = zope.schema.Bool(title="Lent", default=False)
    genre = zope.schema.Choice(title="Genre", vocabulary=GENRES, required=False)
    tags = zope.schema.Set(
        title="Tags", value_type=zope.schema.TextLine(), required=False
    )
    published = zope.schema.Date(title="Published", required=False)
    notes = zope.schema.Dict(title="Notes", required=False)
    key = zope.schema.Password(title="Key", required=False)
    cover = Attribute("No field")

    @invariant
    def no_more_than_there_are(book: Any) -> None:
        if book.read > book.pages:
            raise Invalid("more pages read than there are")


@implementer(IBook)
class Book(Contained, Persistent):
    """A book, which wants a title."""

    createFieldProperties(IBook)

    def __init__(self, title: str) -> None:
        self.title = title
        self.shelfmark = "beyond the schema"


class INote(Interface):
    """A note."""

    subject = zope.schema.TextLine(title="Subject", default="")
    lines = zope.schema.Text(title="Lines", default="")
    when = zope.schema.Datetime(title="When", required=False)


@implementer(INote)
class Note(Contained, Persistent):
    """A note."""

    subject = ""
    lines = ""
    when = None


class IFilm(Interface):
    """A film, with its data in a blob."""

    data = zope.schema.Object(Interface, title="Data", required=False)
    still = zope.schema.Object(Interface, title="A picture", required=False)
    title = zope.schema.TextLine(title="Title", default="")


@implementer(IFilm)
class Film(Contained, Persistent):
    """A film."""

    data = None
    still = None
    title = ""


class IShelf(Interface):
    """A shelf."""

    place = zope.schema.TextLine(title="Place", default="")


@implementer(IShelf)
class Shelf(BTreeContainer):
    """A container."""

    place = ""
