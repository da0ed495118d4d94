"""Whatever has a schema is a file or a directory, by one directive."""

from __future__ import annotations

import datetime
import decimal

import pytest
from ZODB.blob import Blob
from zope.component import getSiteManager
from zope.component.factory import Factory
from zope.component.globalregistry import base
from zope.component.interfaces import IFactory
from zope.configuration import xmlconfig
from zope.configuration.exceptions import ConfigurationError
from zope.interface.verify import verifyObject
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.site.folder import Folder

import zope.app.fssync
from zope.app.fssync.content.schema.adapter import SchemaSynchronizer
from zope.app.fssync.content.schema.adapter import with_schema
from zope.app.fssync.content.schema.tests.library import Book
from zope.app.fssync.content.schema.tests.library import Film
from zope.app.fssync.content.schema.tests.library import IBook
from zope.app.fssync.content.schema.tests.library import IShelf
from zope.app.fssync.content.schema.tests.library import Note
from zope.app.fssync.content.schema.tests.library import Shelf
from zope.app.fssync.testing.registrations import adapters_undone
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import ISynchronizer

MODULE = "zope.app.fssync.content.schema.tests.library"

ZCML = """
<configure xmlns:fssync="http://namespaces.zope.org/fssync">
  <fssync:synchronizer
      for="{0}.IBook" schema="{0}.IBook" body="text"
      permission="zope.View" write="zope.ManageContent" />
  <fssync:synchronizer
      for="{0}.Note" schema="{0}.INote"
      permission="zope.View" write="zope.ManageContent" />
  <fssync:synchronizer
      for="{0}.Film" schema="{0}.IFilm" body="data"
      permission="zope.View" write="zope.ManageContent" />
  <fssync:synchronizer
      for="{0}.Shelf" schema="{0}.IShelf"
      permission="zope.View" write="zope.ManageContent" />
</configure>
"""


@pytest.fixture
def registered():
    context = xmlconfig.file("meta.zcml", zope.app.fssync)
    with adapters_undone():
        xmlconfig.string(ZCML.format(MODULE), context)
        # An interface is registered: the application offers to make what provides it.
        base.registerUtility(Factory(Book), IFactory, f"{MODULE}.Book")
        yield
        base.unregisterUtility(provided=IFactory, name=f"{MODULE}.Book")


@pytest.fixture
def library(site, registered):
    site.root["demo"] = Folder()
    shelf = site.root["demo"]["shelf"] = Shelf()
    shelf.place = "above"
    book = shelf["ulysses"] = Book("Ulysses")
    book.text = "Stately\nplump\n"
    book.pages, book.tags, book.genre = 900, {"b", "a"}, 1
    book.price = decimal.Decimal("9.50")
    book.published = datetime.date(1922, 2, 2)
    book.notes = {"a": 1}
    book.key = "secret"
    shelf["note"] = Note()
    shelf["note"].lines = "one\ntwo"
    film = shelf["film"] = Film()
    film.data, film.still = Blob(b"moving" * 50_000), Blob(b"still")
    site.commit()
    return site


FIELDS = "demo/shelf/@@Zope/Extra/ulysses/fields"


def test_synchronizers_keep_their_contracts():
    book = Book("T")
    found = with_schema(Book, IBook, "text")(book)
    assert verifyObject(IFileSynchronizer, found)
    assert verifyObject(IStreamedSerializer, found)
    shelf = with_schema(Shelf, IShelf, None)(Shelf())
    assert verifyObject(IDirectorySynchronizer, shelf)


def test_a_schema_becomes_lines_of_text(library):
    archive = library.checkout("/demo")
    assert archive["demo/shelf/ulysses"] == b"Stately\nplump\n"
    assert archive[FIELDS].decode() == (
        "title = Ulysses\n"
        "pages = 900\n"
        "read = 0\n"
        "price = 9.50\n"
        "lent = false\n"
        "genre = novel\n"
        "tags\n    a\n    b\n"
        "published = 1922-02-02\n"
    )
    assert archive["demo/shelf/note"].decode() == (
        'subject = ""\nlines\n    one\n    two\nwhen (nothing)\n'
    )
    assert archive["demo/@@Zope/Extra/shelf/fields"] == b"place = above\n"
    # Those have no text; they are for site managers.
    assert "demo/shelf/@@Zope/Extra/ulysses/notes" in archive
    assert b"beyond" in archive["demo/shelf/@@Zope/Extra/ulysses/shelfmark"]
    assert not [data for data in archive.values() if b"secret" in data]
    assert archive["demo/shelf/film"] == b"moving" * 50_000
    assert archive["demo/shelf/@@Zope/Extra/film/still"] == b"still"


def test_an_editor_reads_and_writes_the_fields_only(library):
    archive = library.checkout("/demo", "editor")
    assert FIELDS in archive
    assert "demo/shelf/@@Zope/Extra/ulysses/shelfmark" not in archive
    archive.edit(FIELDS, archive[FIELDS].replace(b"900", b"901"))
    archive.edit("demo/shelf/ulysses", b"Buck")
    archive.edit("demo/shelf/note", b"subject = S\nwhen = 2026-01-02T03:04:05\n")
    library.accept("/demo", archive, "editor")
    book, note = (library.root["demo"]["shelf"][name] for name in ("ulysses", "note"))
    assert (book.pages, book.text) == (901, "Buck")
    assert (note.subject, note.lines) == ("S", "one\ntwo")
    assert note.when == datetime.datetime(2026, 1, 2, 3, 4, 5)


def test_a_user_who_may_not_write_is_refused(library):
    archive = library.checkout("/demo", "reader")
    archive.edit("demo/shelf/ulysses", b"Buck")
    assert library.submit("/demo", archive, "reader").status_int in (401, 403)
    assert library.root["demo"]["shelf"]["ulysses"].text == "Stately\nplump\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"pages = -1", "the field 'pages': Value is too small"),
        (b"pages = many", "the field 'pages' is no integral: 'many'"),
        (b"title = A title that is too long", "the field 'title': Value is too long"),
        (b"genre = prose", "the field 'genre': Constraint not satisfied"),
        (b"published = 1922-02-30", "the field 'published' is no date"),
        (b"title (nothing)", "the field 'title': Required input is missing"),
        (b"read = 901", "more pages read than there are"),
        (b"key = mine", "there is no field 'key'"),
        (b"text = mine", "there is no field 'text'"),
        (b"cover = mine", "there is no field 'cover'"),
    ],
)
def test_values_that_the_schema_refuses_are_refused_with_its_sentence(
    library, line, sentence
):
    archive = library.checkout("/demo")
    name = line.split()[0]
    kept = [
        each for each in archive[FIELDS].splitlines(True) if each.split()[0] != name
    ]
    archive.edit(FIELDS, b"".join([*kept, line, b"\n"]))
    answer = library.submit("/demo", archive)
    assert answer.status_int == 409
    assert sentence in answer.text


def test_new_objects_are_made_by_their_class(library):
    archive = library.checkout("/demo")
    archive.add("demo/shelf/new", b"text\n", factory=f"{MODULE}.Book")
    archive.add("demo/shelf/memo", b"subject = M\n", factory=f"{MODULE}.Note")
    archive.add("demo/shelf/clip", b"blob", factory=f"{MODULE}.Film")
    answer = library.submit("/demo", archive)
    assert answer.status_int == 200, answer.text
    shelf = library.root["demo"]["shelf"]
    assert (shelf["new"].text, shelf["new"].title) == ("text\n", "")
    assert shelf["memo"].subject == "M"
    with shelf["clip"].data.open() as data:
        assert data.read() == b"blob"


def test_a_copy_is_the_same(library):
    archive = library.checkout("/demo")
    view = "/@@checkin.snarf?name=copy&src=demo"
    answer = library.request("POST", view, "manager", archive.dump())
    assert answer.status_int == 200, answer.text
    copy = library.checkout("/copy")
    for path, data in archive.items():
        if "Entries.xml" not in path and "Original" not in path:
            assert copy[path.replace("demo", "copy", 1)] == data
    book = library.root["copy"]["shelf"]["ulysses"]
    assert (book.shelfmark, book.notes) == ("beyond the schema", {"a": 1})


@pytest.mark.parametrize("name", ["key", "__parent__", "fields", "_sm", "text"])
def test_no_other_attribute_is_set(name):
    book = Book("T")
    synchronizer = with_schema(Book, IBook, "text")(book)
    with pytest.raises(SynchronizationError):
        synchronizer.setextras({name: object()})


def test_a_blob_is_kept_when_only_the_rest_changes(library):
    film = library.root["demo"]["shelf"]["film"]
    serial = film.data._p_serial
    archive = library.checkout("/demo")
    path = "demo/shelf/@@Zope/Extra/film/fields"
    archive.edit(path, b"title = Still moving\n")
    library.accept("/demo", archive)
    film = library.root["demo"]["shelf"]["film"]
    assert (film.title, film.data._p_serial) == ("Still moving", serial)


def test_listeners_hear_of_the_fields(library):
    heard = []

    def hear(obj, event):
        if event.descriptions and hasattr(event.descriptions[0], "attributes"):
            heard.extend(event.descriptions[0].attributes)

    registry = getSiteManager()
    registry.registerHandler(hear, [IBook, IObjectModifiedEvent])
    try:
        archive = library.checkout("/demo")
        archive.edit(FIELDS, archive[FIELDS].replace(b"900", b"950"))
        library.accept("/demo", archive)
    finally:
        registry.unregisterHandler(hear, [IBook, IObjectModifiedEvent])
    assert heard == ["pages"]


def test_nothing_is_left_to_commit(library):
    archive = library.checkout("/demo")
    archive.edit("demo/shelf/note", b"subject = x\n")
    library.accept("/demo", archive)
    again = library.checkout("/demo")
    assert again["demo/shelf/note"].startswith(b"subject = x\nlines\n")
    assert library.submit("/demo", again).status_int == 200


def test_the_adapter_is_found_for_the_interface(library):
    found = ISynchronizer(library.root["demo"]["shelf"]["ulysses"])
    assert isinstance(found, SchemaSynchronizer)
    assert found.schema is IBook


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('schema="{0}.IBook" body="cover"', "IBook has no field 'cover'"),
        ('body="text"', "name a factory, or a schema"),
        ("", "name a factory, or a schema"),
        (
            'schema="{0}.IBook" factory="zope.fssync.synchronizer.FileSynchronizer"',
            "FileSynchronizer takes no schema",
        ),
    ],
)
def test_a_directive_that_cannot_work_is_refused(attributes, reason):
    context = xmlconfig.file("meta.zcml", zope.app.fssync)
    text = (
        '<configure xmlns:fssync="http://namespaces.zope.org/fssync">'
        '<fssync:synchronizer for="{0}.Book" permission="zope.View" %s/></configure>'
    )
    with pytest.raises(ConfigurationError, match=reason):
        xmlconfig.string((text % attributes).format(MODULE), context)
    with pytest.raises(ValueError, match="a container has no body"):
        with_schema(Shelf, IShelf, "place")
