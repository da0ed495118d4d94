"""The same walk on every storage: two people, two server processes, one database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from zope.app.fssync.client import connection
from zope.app.fssync.client import uploading
from zope.app.fssync.client.log import Query
from zope.app.fssync.testing import databases
from zope.app.fssync.testing.databases import Storage
from zope.app.fssync.tests.scenarios.changesonly import described
from zope.app.fssync.tests.scenarios.storages.people import LostReplies
from zope.app.fssync.tests.scenarios.storages.people import Person
from zope.app.fssync.tests.scenarios.storages.people import Servers
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import LEAST_UPLOAD_PART

pytestmark = pytest.mark.slow

_numbers = itertools.count()

#: What an exchange costs in which nothing is changed.
LITTLE = 4096


@pytest.fixture(scope="module")
def postgresql():
    with databases.postgresql() as database:
        yield database


STORAGES = ["file", "ZEO", "with history", "without history"]
SHARED = "ZEO with shared blobs"


@pytest.fixture(scope="module", params=STORAGES)
def storage(request, tmp_path_factory) -> Iterator[Storage]:
    place = tmp_path_factory.mktemp("storage")
    if request.param == "file":
        yield databases.file_storage(place)
    elif request.param == "ZEO":
        with databases.served(place) as served:
            yield served
    elif request.param == SHARED:
        with databases.served(place, shared=True) as served:
            yield served
    else:
        database = request.getfixturevalue("postgresql")
        history = request.param == "with history"
        dsn = database(f"test{next(_numbers)}")
        yield databases.relational(dsn, history, place)


@pytest.fixture(scope="module")
def running(storage, tmp_path_factory) -> Iterator[Servers]:
    servers = Servers(storage, tmp_path_factory.mktemp("servers"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def servers(running) -> Servers:
    """The processes, with the sample content."""
    running.begin_anew()
    return running


def test_two_people_work_through_two_processes(servers, tmp_path):
    people = []
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / name).mkdir()
        people.append(Person(servers.url(number), tmp_path / name))
    ann, bob = people

    # Nothing has changed, and that costs little.
    for person in people:
        person.update()
        assert person.received < LITTLE

    # Both change something else, and nobody is refused.
    ann.write("hello.txt", b"Hello from Ann\n")
    ann.add("notes/new.txt", b"new\n")
    ann.commit()
    bob.write("notes/archive/2026/report.txt", b"All is well.\n")
    bob.commit()
    bob.update()
    assert bob.read("hello.txt") == b"Hello from Ann\n"
    assert bob.read("notes/new.txt") == b"new\n"
    bob.check()

    # Both change the same file: it is refused, merged, and committed.
    bob.write("notes/todo.txt", b"first\n" + bob.read("notes/todo.txt"))
    bob.commit()
    ann.write("notes/todo.txt", ann.read("notes/todo.txt") + b"last\n")
    with pytest.raises(OutOfDate):
        ann.commit()
    ann.update()
    ann.commit()
    lines = ann.read("notes/todo.txt").splitlines()
    assert (lines[0], lines[-1]) == (b"first", b"last")
    bob.update()
    assert bob.read("notes/todo.txt") == ann.read("notes/todo.txt")
    bob.remove("notes/new.txt")
    bob.commit()
    for person in people:
        person.update()
        person.check()

    # The database is packed, the caches are cold, and work goes on.
    servers.stop()
    servers.storage.pack()
    servers.start()
    for person in people:
        person.update()
        person.check()
    ann.write("hello.txt", b"Hello again\n")
    ann.commit()
    bob.update()
    bob.check()
    assert bob.read("hello.txt") == b"Hello again\n"
    assert not (bob.top / "notes/new.txt").exists()


def test_the_past_is_read_through_all_processes(servers, storage, tmp_path):
    people = []
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / name).mkdir()
        people.append(Person(servers.url(number), tmp_path / name))
    ann, bob = people
    todo = ann.read("notes/todo.txt")
    ann.write("hello.txt", b"Hello from Ann\n")
    ann.commit()
    bob.write("notes/todo.txt", b"nothing\n")
    bob.commit()
    if not storage.has_history:
        check_no_history(ann)
        return
    for person in people:
        newest, before = person.log()[:2]
        assert newest.changes == [("M", "notes/todo.txt")]
        assert before.changes == [("M", "hello.txt")]
        assert person.cat("notes/todo.txt", before.id) == todo
        assert person.cat("notes/todo.txt", newest.id) == b"nothing\n"
        assert "+nothing" in person.diff(before.id, newest.id).splitlines()
        with person.client() as fs:
            fs.checkout(str(person.top.parent / "old"), revision=before.id)
            lines = fs.annotate(str(person.top / "notes/todo.txt"))
        old = person.top.parent / "old" / "demo"
        assert (old / "notes/todo.txt").read_bytes() == todo
        (line,) = lines
        assert line.logged is not None
        assert (line.text, line.logged.id) == ("nothing\n", newest.id)
    # The other one takes back what the first has done, and commits that.
    ann.update()
    with ann.client() as fs:
        fs.undo_transaction(str(ann.top), newest.id)
        assert not fs.conflicts
    assert ann.read("notes/todo.txt") == todo
    ann.commit()
    bob.update()
    assert bob.read("notes/todo.txt") == todo
    bob.check()
    # Or takes it back on the server, in one commit.
    with bob.client() as fs:
        fs.undo_on_server(str(bob.top), bob.log()[0].id)
    assert bob.read("notes/todo.txt") == b"nothing\n"
    ann.update()
    ann.check()
    with ann.client() as fs:
        fs.undo_on_server(str(ann.top), ann.log()[0].id)
    servers.stop()
    storage.pack()
    servers.start()
    # What was packed away is told, and no error.
    begins: list[float] = []
    with ann.client() as fs:
        list(fs.log(str(ann.top), Query(), begins.append))
    assert len(begins) == 1
    with pytest.raises(ServerRefused, match=r"history begins at 20\d\d-"):
        ann.cat("notes/todo.txt", before.id)
    assert ann.cat("notes/todo.txt", "HEAD") == todo


def test_an_object_tells_of_its_own_moves_and_takes_them_back(
    servers, storage, tmp_path
):
    people = []
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / name).mkdir()
        people.append(Person(servers.url(number), tmp_path / name))
    ann, bob = people
    todo = ann.read("notes/todo.txt")
    ann.move("notes/todo.txt", "notes/archive/done.txt")
    ann.commit()
    bob.update()
    bob.move("notes/archive", "attic")
    bob.commit()
    ann.update()
    path = "attic/done.txt"
    assert ann.read(path) == todo
    if not storage.has_history:
        with pytest.raises(ServerRefused, match="the database keeps no history"):
            ann.log(path)
        return
    for person in people:
        above, own = person.log(path)[:2]
        assert (above.origin, above.changes) == ("../../notes/archive/done.txt", [])
        assert own.origin == "../../todo.txt"
    with ann.client() as fs:
        assert not fs.undo_transaction(str(ann.top / "attic"), above.id).origin
        assert not fs.conflicts
    ann.commit()
    bob.update()
    assert bob.log("notes/archive/done.txt")[0].origin == "../../../attic/done.txt"
    with bob.client() as fs:
        fs.undo_transaction(str(bob.top / "notes/archive/done.txt"), own.id)
        assert not fs.conflicts
    assert bob.read("notes/todo.txt") == todo
    bob.commit()
    ann.update()
    assert ann.read("notes/todo.txt") == todo
    for person in people:
        person.check()


def check_no_history(person: Person) -> None:
    """Each verb says in a sentence that there is no history, and changes nothing."""
    newest = "7000000000000000"
    before = described.described(str(person.top))
    with person.client() as fs:
        top = str(person.top)
        verbs = [
            lambda: person.log(),
            lambda: person.cat("hello.txt", newest),
            lambda: person.diff(newest, None),
            lambda: fs.annotate(str(person.top / "hello.txt")),
            lambda: fs.checkout(str(person.top.parent / "old"), revision=newest),
            lambda: fs.undo_transaction(top, newest),
            lambda: fs.undo_on_server(top, newest),
            lambda: fs.revert_to(top, newest),
        ]
        for verb in verbs:
            with pytest.raises(ServerRefused, match="the database keeps no history"):
                verb()
    assert described.described(str(person.top)) == before
    assert not (person.top.parent / "old").exists()


def test_a_commit_is_answered_though_its_reply_was_lost(servers, tmp_path):
    person = Person(servers.url(0), tmp_path)
    for text in (b"once\n", b"twice\n"):
        person.write("hello.txt", text)
        with pytest.raises(ServerUnreachable):
            person._run("commit", person.top, network=LostReplies)
        person.commit()
        person.check()
    # Another one that sends the same is another one.
    person.write("hello.txt", b"once\n")
    person.commit()
    person.check()


def test_a_large_archive_goes_in_parts_through_two_processes(
    servers, storage, tmp_path, monkeypatch
):
    monkeypatch.setattr(connection, "UPLOADED_SIZE", LEAST_UPLOAD_PART)
    monkeypatch.setattr(uploading, "UPLOAD_PART", LEAST_UPLOAD_PART)
    people = []
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / name).mkdir()
        people.append(Person(servers.url(number), tmp_path / name))
    ann, bob = people
    data = b"0123456789abcdef" * (LEAST_UPLOAD_PART // 4)
    ann.add("notes/large.txt", data)
    ann.commit()
    bob.update()
    assert bob.read("notes/large.txt") == data
    bob.write("notes/large.txt", data[::-1])
    bob.commit()
    ann.update()
    for person in people:
        person.check()
    # Parts are no news.
    ann.update()
    assert ann.received < LITTLE
    servers.stop()
    storage.pack()
    servers.start()
    ann.update()
    assert ann.read("notes/large.txt") == data[::-1]


PICTURES = "notes/@@Zope/Annotations/todo.txt/pictures"
PICTURE = f"{PICTURES}.blob-1"
LIST_OF_BLOB = b"""\
<pickle>
  <list>
    <string>A title</string>
    <persistent> <string>blob:1</string> </persistent>
  </list>
</pickle>
"""


# In this layout a part is a file that can be added.
@pytest.mark.layout(2)
@pytest.mark.parametrize("storage", [*STORAGES, SHARED], indirect=True)
def test_a_blob_goes_through_two_processes(servers, tmp_path):
    people = []
    for number, name in enumerate(("ann", "bob")):
        (tmp_path / name).mkdir()
        people.append(Person(servers.url(number), tmp_path / name))
    ann, bob = people
    ann.add_as("notes/film", b"moving" * 200_000, factory="zope.file.file.File")
    ann.add_as(PICTURES, LIST_OF_BLOB, type="builtins.list")
    ann.add_as(PICTURE, b"moved" * 200_000, factory="ZODB.blob.Blob")
    ann.commit()
    bob.update()
    assert bob.read("notes/film") == b"moving" * 200_000
    assert bob.read(PICTURE) == b"moved" * 200_000
    bob.write("notes/film", b"still" * 100_000)
    bob.write(PICTURE, b"retouched" * 100_000)
    bob.commit()
    ann.update()
    assert ann.read("notes/film") == b"still" * 100_000
    assert ann.read(PICTURE) == b"retouched" * 100_000
    # The rest changes, and the bytes stay.
    mime_type = "notes/@@Zope/Extra/film/mimeType"
    ann.write(mime_type, ann.read(mime_type).replace(b"None", b"video/mp4"))
    ann.write(PICTURES, ann.read(PICTURES).replace(b"A title", b"Another title"))
    ann.commit()
    bob.update()
    assert b"Another title" in bob.read(PICTURES)
    assert bob.read(PICTURE) == b"retouched" * 100_000
    assert bob.read("notes/film") == b"still" * 100_000
    for person in people:
        person.check()
