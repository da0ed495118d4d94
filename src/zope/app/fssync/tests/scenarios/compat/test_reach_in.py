"""Add-ons that reach into the tasks and the client by names of 3.6.0."""

import io
from importlib import import_module
from typing import Any

import pytest
from zope.component import getGlobalSiteManager
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.component.testing import setUp
from zope.component.testing import tearDown

from zope.app.fssync import fssync
from zope.fssync import interfaces
from zope.fssync import pickle
from zope.fssync import synchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.errors import Withheld
from zope.fssync.limits import DEFAULT
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Check
from zope.fssync.task import Checkin
from zope.fssync.task import Commit

TEXT = "builtins.str"


class Note:
    """A file."""

    def __init__(self, data=b""):
        self.data = data
        self.loaded = 0


class Notes(dict):
    """A directory."""


class NoteSynchronizer(synchronizer.FileSynchronizer):
    def dump(self, writeable):
        writeable.write(self.context.data)

    def load(self, readable):
        self.context.data = readable.read()
        return self._count

    def _count(self):
        self.context.loaded += 1


NOTE = synchronizer.dottedname(Note)
NOTES = synchronizer.dottedname(Notes)


@pytest.fixture(autouse=True)
def registered():
    setUp()
    provideUtility(synchronizer.DefaultSynchronizer, interfaces.ISynchronizerFactory)
    provideUtility(NoteSynchronizer, interfaces.ISynchronizerFactory, name=NOTE)
    provideUtility(
        synchronizer.DirectorySynchronizer, interfaces.ISynchronizerFactory, name=NOTES
    )
    provideAdapter(pickle.XMLPickler)
    provideAdapter(pickle.XMLUnpickler)
    yield
    tearDown()


def archive(files, **entries):
    """An archive with the directory ``top``, the files and entries in it."""
    repository = SnarfRepository(io.BytesIO())
    members = {
        "@@Zope/Entries.xml": dump_entries({"top": {"type": NOTES, "factory": NOTES}}),
        "top/@@Zope/Entries.xml": dump_entries(entries),
        **{f"top/{name}": content for name, content in files.items()},
    }
    for path, content in members.items():
        stream = repository.writeable(path)
        stream.write(content)
        stream.close()
    return repository


def note(**attributes):
    return {"type": NOTE, "factory": NOTE, "keytype": TEXT, **attributes}


def commit(task_class, repository, top):
    task = task_class(synchronizer.getSynchronizer, repository)
    task.perform(top, "", "top")
    return task


class SteppingCommit(Commit):
    """Writes each step down, then takes it."""

    def __init__(self, *args, **hooks):
        super().__init__(*args, **hooks)
        self.steps = []

    def synchNew(self, container, name, fspath, add_callback):
        self.steps.append(("synchNew", container, name, fspath))
        super().synchNew(container, name, fspath, add_callback)

    def synchOld(self, container, name, fspath, add_callback):
        self.steps.append(("synchOld", container, name, fspath))
        super().synchOld(container, name, fspath, add_callback)

    def createObject(self, container, name, entry, fspath, add_callback, replace=False):
        self.steps.append(("createObject", container, name, replace))
        return super().createObject(
            container, name, entry, fspath, add_callback, replace
        )

    def setItem(self, container, key, obj, replace=False):
        self.steps.append(("setItem", container, key, replace))
        super().setItem(container, key, obj, replace)

    def deleteItem(self, container, key):
        self.steps.append(("deleteItem", container, key))
        super().deleteItem(container, key)


def test_each_step_of_a_commit_is_taken_by_its_name_in_360():
    top = Notes(old=Note(b"old"), gone=Note(b"gone"), other=[1])
    repository = archive(
        {"old": b"edited", "new": b"new", "other": b"a note"},
        old=note(),
        new=note(flag="added"),
        gone=note(flag="removed"),
        other=note(),
    )
    task = commit(SteppingCommit, repository, top)
    assert task.steps == [
        ("synchOld", top, "gone", "top/gone"),
        ("deleteItem", top, "gone"),
        ("synchNew", top, "new", "top/new"),
        ("createObject", top, "new", False),
        ("setItem", top, "new", False),
        ("synchOld", top, "old", "top/old"),
        ("synchOld", top, "other", "top/other"),
        ("createObject", top, "other", True),
        ("setItem", top, "other", True),
    ]
    assert {name: obj.data for name, obj in top.items()} == {
        "new": b"new",
        "old": b"edited",
        "other": b"a note",
    }


class StampingCommit(Commit):
    def setItem(self, container, key, obj, replace=False):
        obj.stamp = key
        super().setItem(container, key, obj, replace)


class KeepingCommit(Commit):
    def synchNew(self, container, name, fspath, add_callback):
        """Make nothing."""

    def synchOld(self, container, name, fspath, add_callback):
        """Change nothing."""


class CountingCommit(Commit):
    """Puts something of its own around the callbacks of what is loaded."""

    def createObject(self, container, name, entry, fspath, add_callback, replace=False):
        def twice(callback):
            add_callback(callback)
            add_callback(callback)

        return super().createObject(container, name, entry, fspath, twice, replace)


def test_an_override_changes_what_is_stored():
    top = Notes()
    commit(StampingCommit, archive({"new": b"new"}, new=note(flag="added")), top)
    assert top["new"].stamp == "new"


def test_an_override_can_leave_objects_alone():
    top = Notes(old=Note(b"old"))
    repository = archive({"old": b"edited", "new": b"new"}, old=note(), new=note())
    commit(KeepingCommit, repository, top)
    assert (list(top), top["old"].data) == (["old"], b"old")


def test_an_override_gets_the_callbacks_of_a_new_object():
    top = Notes()
    commit(CountingCommit, archive({"new": b"new"}, new=note(flag="added")), top)
    assert top["new"].loaded == 2


def test_an_override_of_a_checkin_takes_effect_too():
    class SteppingCheckin(SteppingCommit, Checkin):
        pass

    container = Notes()
    task = SteppingCheckin(
        synchronizer.getSynchronizer, archive({"new": b"new"}, new=note())
    )
    task.perform(container, "top", "top")
    assert [step[0] for step in task.steps] == [
        "synchNew",
        "createObject",
        "setItem",
        "synchNew",
        "createObject",
        "setItem",
    ]
    assert container["top"]["new"].data == b"new"


def test_a_step_that_is_replaced_fails_for_its_object_alone(monkeypatch):
    def refuse(container, key, fspath, add_callback):
        raise ValueError("not here")

    top = Notes(old=Note(b"old"))
    task = Commit(
        synchronizer.getSynchronizer,
        archive({"old": b"edited", "new": b"new"}, old=note(), new=note(flag="added")),
    )
    monkeypatch.setattr(task, "synchNew", refuse)
    with pytest.raises(SynchronizationError) as caught:
        task.perform(top, "", "top")
    assert str(caught.value) == "top/new: ValueError: not here"
    assert top["old"].data == b"edited"


# Steps that are called by themselves, as by the tests of 3.6.0


def test_setItem_puts_into_a_plain_dictionary():
    container: dict[str, Any] = {}
    task = Commit(synchronizer.getSynchronizer, archive({}))
    task.setItem(container, "foo", 42)
    assert container == {"foo": 42}


def test_setItem_replaces_only_what_is_there():
    task = Commit(synchronizer.getSynchronizer, archive({}))
    container = Notes(foo=42)
    task.setItem(container, "foo", 24, replace=True)
    assert container == {"foo": 24}
    with pytest.raises(KeyError):
        task.setItem(container, "bar", 24, replace=True)


def test_createObject_makes_loads_and_returns_an_object():
    container = Notes()
    callbacks: list[Any] = []
    task = Commit(synchronizer.getSynchronizer, archive({"new": b"new"}))
    made = task.createObject(container, "new", note(), "top/new", callbacks.append)
    assert container["new"] is made
    assert made.data == b"new"
    assert len(callbacks) == 1


# Plain dictionaries


def test_commit_and_check_take_a_plain_dictionary_for_a_container():
    target: dict[str, Any] = {}
    repository = archive({"new": b"new"}, new=note())
    commit_task = Commit(synchronizer.getSynchronizer, repository)
    commit_task.perform(target, "root", "top")
    assert target["root"]["new"].data == b"new"
    check = Check(synchronizer.getSynchronizer, repository)
    check.perform(target, "root", "top")
    assert check.errors() == []
    target["root"]["new"].data = b"edited"
    check = Check(synchronizer.getSynchronizer, repository)
    check.perform(target, "root", "top")
    assert check.errors() == ["top/new"]


def test_a_plain_dictionary_needs_no_synchronizer_at_all():
    gsm = getGlobalSiteManager()
    gsm.unregisterUtility(
        synchronizer.DefaultSynchronizer, interfaces.ISynchronizerFactory
    )
    target: dict[str, Any] = {}
    task = Commit(synchronizer.getSynchronizer, archive({"new": b"new"}, new=note()))
    task.perform(target, "root", "top")
    assert target["root"]["new"].data == b"new"


def test_a_plain_dictionary_that_is_withheld_stays_so():
    def lookup(obj, raise_error=True):
        found = synchronizer.getSynchronizer(obj, raise_error)
        return None if obj is target else found

    target: dict[str, Any] = {}
    task = Commit(lookup, archive({"new": b"new"}, new=note()))
    with pytest.raises(Withheld):
        task.perform(target, "root", "top")
    assert target == {}


def test_a_commit_reaches_the_depth_that_paths_may_have():
    depth = DEFAULT.path_depth - 2
    repository = SnarfRepository(io.BytesIO())
    path = "top"
    entry = {"type": NOTES, "factory": NOTES, "keytype": TEXT}
    members = {"@@Zope/Entries.xml": {"top": entry}}
    for _ in range(depth - 2):
        members[f"{path}/@@Zope/Entries.xml"] = {"d": entry}
        path += "/d"
    for name, entries in members.items():
        stream = repository.writeable(name)
        stream.write(dump_entries(entries))
        stream.close()
    target: dict[str, Any] = {}
    for _ in ("make", "look at"):
        Commit(synchronizer.getSynchronizer, repository).perform(target, "top", "top")
    made = 0
    while target:
        (target,) = target.values()
        made += 1
    assert made == depth - 1


def test_a_dictionary_is_a_pickle_unless_it_is_the_container():
    top = Notes(table={"a": 1})
    changed = synchronizer.DefaultSynchronizer({"a": 2})
    stream = io.BytesIO()
    changed.dump(stream)
    repository = archive(
        {"table": stream.getvalue()}, table={"type": "builtins.dict", "keytype": TEXT}
    )
    commit(Commit, repository, top)
    assert top == {"table": {"a": 2}}


# The client


def test_FSSync_prints_what_it_reports(capsys):
    client = fssync.FSSync()
    client.reporter("M a\nb")
    client.reporter("= c")
    client.reporter("/ d/")
    assert capsys.readouterr().out == "M a\\x0ab\n= c\n"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("command", "Command Usage"),
        ("fssync", "Error FSSync Network"),
        ("main", "command_table extract_message main"),
        ("passwd", "PasswordManager"),
        ("ssh", "SSHConnection"),
        ("syncer", "getSynchronizer toSNARF"),
    ],
)
def test_modules_have_the_names_of_360(module, names):
    found = import_module(f"zope.app.fssync.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []
