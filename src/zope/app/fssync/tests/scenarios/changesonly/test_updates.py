"""Each kind of change comes in, without the rest being sent again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transaction
from persistent import Persistent
from persistent.mapping import PersistentMapping
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.component import getSiteManager
from zope.container.contained import Contained
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.dublincore.interfaces import IZopeDublinCore
from zope.proxy import removeAllProxies
from zope.security.proxy import removeSecurityProxy
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.app.fssync.client.workingcopy.index import Index
from zope.app.fssync.client.workingcopy.statcache import held
from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.hosts.toolkit.host import ToolkitHost
from zope.app.fssync.hosts.toolkit.tracer import ToolkitTracer
from zope.app.fssync.tests.scenarios.changesonly.content import Note
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.files import Tree
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import DirectorySynchronizer

pytestmark = pytest.mark.slow

NOBODY, HIDDEN = "zope.weak", "zope.View"


def title(obj: Any, text: str) -> None:
    IZopeDublinCore(obj).title = text


def rights(obj: Any) -> Any:
    return IPrincipalPermissionManager(removeAllProxies(obj))


def rename(obj: Any, old: str, new: str) -> None:
    # The whole of it, events included.
    IContainerItemRenamer(obj).renameItem(old, new)


def split(folder: Any) -> None:
    for number in range(100):
        folder[f"n{number:03}"] = File(b"%d" % number, "text/plain")


def replace(folder: Any, name: str, obj: Any) -> None:
    del folder[name]
    folder[name] = obj


#: What happens to /area/demo, and what is sent: paths by their marks.
CHANGES: list[tuple[str, Callable[[Any], Any], dict[str, list[str]]]] = [
    (
        "a body",
        lambda d: setattr(d["docs"]["two.txt"], "data", b"new\n"),
        {TREE: ["demo/docs/two.txt"]},
    ),
    (
        "a body in chunks",
        lambda d: setattr(d["large.bin"], "data", bytes(200_000)),
        {TREE: ["demo/large.bin"]},
    ),
    (
        "a chunk of a body",
        lambda d: setattr(d["large.bin"]._data, "_data", b"1" * 65536),
        {TREE: ["demo/large.bin"]},
    ),
    (
        "a title of a file",
        lambda d: title(d["docs"]["two.txt"], "Two"),
        {TREE: ["demo/docs/two.txt"]},
    ),
    (
        "a title of a folder",
        lambda d: title(d["docs"], "Docs"),
        {NODE: ["demo/docs"]},
    ),
    (
        "a title of the top",
        lambda d: title(d, "Demo"),
        {NODE: ["demo"]},
    ),
    (
        "what a wrapper holds",
        lambda d: setattr(d["bare"], "text", "new"),
        {TREE: ["demo/bare"]},
    ),
    (
        "a new file",
        lambda d: d["docs"].__setitem__("new", File(b"new", "text/plain")),
        {LIST: ["demo/docs"], TREE: ["demo/docs/new"]},
    ),
    (
        "a removed file",
        lambda d: d["docs"].__delitem__("two.txt"),
        {LIST: ["demo/docs"]},
    ),
    (
        "a removed folder",
        lambda d: d.__delitem__("docs"),
        {LIST: ["demo"]},
    ),
    (
        "a renamed file",
        lambda d: rename(d["docs"], "two.txt", "zwei.txt"),
        {LIST: ["demo/docs"], TREE: ["demo/docs/zwei.txt"]},
    ),
    (
        "a renamed folder",
        lambda d: rename(d, "docs", "texts"),
        {LIST: ["demo"], TREE: ["demo/texts"]},
    ),
    (
        "an object in the place of another",
        lambda d: replace(d["docs"], "two.txt", Folder()),
        {LIST: ["demo/docs"], TREE: ["demo/docs/two.txt"]},
    ),
    (
        "many new files",
        lambda d: split(d["docs"]),
        {LIST: ["demo/docs"]},
    ),
    (
        "a first grant on a folder",
        lambda d: rights(d["docs"]["deep"]).denyPermissionToPrincipal(HIDDEN, NOBODY),
        {TREE: ["demo/docs/deep"]},
    ),
    (
        "a grant on a folder that has grants",
        lambda d: rights(d["docs"]).denyPermissionToPrincipal(HIDDEN, NOBODY),
        {TREE: ["demo/docs"]},
    ),
    (
        "a grant on a file",
        lambda d: rights(d["docs"]["two.txt"]).denyPermissionToPrincipal(
            HIDDEN, NOBODY
        ),
        {TREE: ["demo/docs/two.txt"]},
    ),
    (
        "all grants on a folder taken away",
        lambda d: IAnnotations(removeAllProxies(d["docs"])).__delitem__(
            "zopel.app.security.AnnotationPrincipalPermissionManager"
        ),
        {TREE: ["demo/docs"]},
    ),
]


class TestOneChange:
    @pytest.mark.parametrize("login", ["manager", "weak"])
    @pytest.mark.parametrize(
        ("change", "sent"),
        [each[1:] for each in CHANGES],
        ids=[each[0] for each in CHANGES],
    )
    def test_updates_comes_alone(
        self,
        person: Callable[..., Person],
        wire: Wire,
        site: Site,
        login: str,
        change: Callable[[Any], Any],
        sent: dict[str, list[str]],
    ) -> None:
        copy = person(login)
        with site.changing() as root:
            change(root["area"]["demo"])
        copy.update()
        (said,) = [each for each in wire.said if each.view == "@@toFS.snarf"][:1]
        assert said.scope is not None
        shown = {mark: said.scope.marked(mark) for mark in sent}
        for mark, paths in sent.items():
            # What is hidden is not sent, only that there is something in its place.
            if login == "manager":
                assert set(paths) <= set(shown[mark])
        assert "demo/large.bin" in sent.get(TREE, []) or b"\0" * 999 not in said.body
        wire.said.clear()
        assert copy.update() == []
        assert not wire.said[0].scope

    def test_and_what_is_granted_above_has_everything_sent(self, person, wire, site):
        copy = person("weak")
        with site.changing() as root:
            rights(root["area"]).grantPermissionToPrincipal(HIDDEN, NOBODY)
        copy.update()
        assert wire.said[0].scope is None

    def test_and_what_is_granted_beside_has_nothing_sent(self, person, wire, site):
        copy = person("weak")
        with site.changing() as root:
            rights(root["area"]["outside"]).denyPermissionToPrincipal(HIDDEN, NOBODY)
        assert copy.update() == []
        assert wire.said[0].scope is not None

    def test_and_registrations_have_everything_sent(self, person, wire, site):
        copy = person()
        with site.changing() as root:
            outside = root["area"]["outside"]
            outside.setSiteManager(LocalSiteManager(outside))
            outside.getSiteManager().registerUtility(
                SlowFile, ISynchronizerFactory, "no.such.class"
            )
        copy.update()
        assert wire.said[0].scope is None

    def test_and_another_configuration_has_everything_sent(self, person, wire):
        copy = person()
        name = "no.such.class"
        getSiteManager().registerUtility(SlowFile, ISynchronizerFactory, name)
        try:
            copy.update()
            assert wire.said[0].scope is None
            wire.said.clear()
            copy.update()
            assert wire.said[0].scope is not None
        finally:
            getSiteManager().unregisterUtility(SlowFile, ISynchronizerFactory, name)


class SlowFile(FileSynchronizer):
    """Does not say that it is self-contained."""

    def __init__(self, context: Any) -> None:
        super().__init__(removeSecurityProxy(context))


class Denied(SlowFile):
    """Says that it is not."""

    self_contained = False


class TestReferences:
    def test_an_object_that_others_refer_to_moves(self, person, wire, site):
        with site.changing() as root:
            demo = root["area"]["demo"]
            demo["note"] = note = Note()
            note.about = demo["docs"]["two.txt"]
        copy = person()
        with site.changing() as root:
            rename(root["area"]["demo"], "docs", "texts")
        copy.update()
        assert b"/area/demo/texts/two.txt" in copy.read("note")

    def test_an_object_outside_that_one_refers_to_moves(self, person, site):
        with site.changing() as root:
            root["area"]["demo"]["note"] = note = Note()
            note.about = root["area"]["outside"]["target"]
        copy = person()
        with site.changing() as root:
            rename(root["area"], "outside", "beyond")
        copy.update()
        assert b"beyond/target" in copy.read("note")

    @pytest.fixture
    def allowed(self):
        sm, name = getSiteManager(), f"{Note.__module__}.Note"
        sm.registerUtility(Note, IAllowedGlobal, name)
        yield
        sm.unregisterUtility(Note, IAllowedGlobal, name)

    def test_references_that_came_with_a_commit_are_watched(
        self, person, site, allowed
    ):
        with site.changing() as root:
            demo = root["area"]["demo"]
            demo["old"] = note = Note()
            note.about = demo["docs"]["two.txt"]
        pickle = person().read("old")
        with site.changing() as root:
            del root["area"]["demo"]["old"]
        copy = person()
        copy.write("note", pickle)
        copy("add", "note", f"{Note.__module__}.Note")
        copy("commit")
        with site.changing() as root:
            rename(root["area"]["demo"], "docs", "texts")
        copy.update()
        assert b"texts/two.txt" in copy.read("note")


class Shelf(Persistent, Contained):
    """A container whose items do not know where they are."""

    def __init__(self) -> None:
        self.items_ = PersistentMapping()


class Box(Persistent):
    """Something in a shelf, or a plain part of it."""

    text = "old"


class Card(Contained):
    """An object without a record of its own."""

    text = "old"


class ShelfSynchronizer(DirectorySynchronizer):
    """Lists what is on a shelf."""

    self_contained = True

    def __init__(self, context: Any) -> None:
        super().__init__(removeSecurityProxy(context))

    def __getitem__(self, key: str) -> Any:
        return self.context.items_[key]

    def iteritems(self) -> Any:
        return self.context.items_.items()

    def metadata(self) -> dict[str, str] | None:
        return {"factory": f"{Shelf.__module__}.Shelf"}


class TestUnusualContent:
    @pytest.fixture(autouse=True)
    def registered(self):
        name = f"{__name__}.Shelf"
        sm = getSiteManager()
        sm.registerUtility(ShelfSynchronizer, ISynchronizerFactory, name)
        yield
        sm.unregisterUtility(ShelfSynchronizer, ISynchronizerFactory, name)

    def test_items_that_do_not_know_their_place_are_sent(self, person, wire, site):
        with site.changing() as root:
            root["area"]["demo"]["shelf"] = shelf = Shelf()
            shelf.items_["box"] = Box()
        copy = person()
        with site.changing() as root:
            shelf = removeAllProxies(root["area"]["demo"]["shelf"])
            shelf.items_["box"].text = "new"
        copy.update()
        assert b"new" in copy.read("shelf/box")

    def test_items_without_a_record_of_their_own_are_sent(self, person, wire, site):
        with site.changing() as root:
            root["area"]["demo"]["docs"]["card"] = Card()
        copy = person()
        with site.changing() as root:
            docs = root["area"]["demo"]["docs"]
            del docs["card"]
            docs["card"] = card = Card()
            card.text = "new"
        copy.update()
        assert b"new" in copy.read("docs/card")

    @pytest.mark.parametrize("factory", [SlowFile, Denied])
    def test_objects_not_self_contained_have_everything_sent(
        self, person, wire, factory
    ):
        sm, name = getSiteManager(), "zope.app.file.file.File"
        sm.registerUtility(factory, ISynchronizerFactory, name)
        try:
            copy = person()
            copy.update()
            copy.update()
            assert [each.scope for each in wire.said] == [None, None]
        finally:
            sm.unregisterUtility(factory, ISynchronizerFactory, name)

    def test_the_creation_of_an_object_is_undone(self, person, wire, site, caplog):
        with site.changing() as root:
            root["area"]["demo"]["extra"] = File(b"x", "text/plain")
        copy = person()
        (last,) = site.db.undoInfo(0, 1)
        site.db.undo(last["id"])
        transaction.commit()
        caplog.clear()
        assert "D demo/extra" in copy.update()
        assert wire.said[0].scope is not None
        assert not [each for each in caplog.records if each.levelname == "ERROR"]

    def test_an_unreadable_record_elsewhere_is_in_nobodys_way(self, person, site):
        copy = person()
        with site.changing() as root:
            root["area"]["outside"]["odd"] = Odd()
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"new"
        assert "U demo/docs/two.txt" in copy.update()

    def test_large_objects_do_not_fill_the_memory(self, person, site, monkeypatch):
        with site.changing() as root:
            root["area"]["demo"]["huge"] = File(b"", "text/plain")
        copy = person()
        with site.changing() as root:
            fill_chunks(root["area"]["demo"]["huge"], 300)
        sizes = []

        class Measured(ToolkitTracer):
            def changed(self, *args: Any) -> Any:
                found = super().changed(*args)
                items = self.connection._cache.lru_items()
                sizes.append(sum(each._p_estimated_size for _, each in items))
                return found

        monkeypatch.setattr(ToolkitHost, "tracer", Measured)
        copy.update()
        assert sizes
        assert sizes[0] < 2_000_000


class Odd(Persistent):
    """Nobody can say what it is in."""

    def __setstate__(self, state: Any) -> None:
        raise ValueError("this cannot be read")


def fill_chunks(file: Any, count: int) -> None:
    import io

    from zope.app.fssync.file.adapter import FileSynchronizer

    FileSynchronizer(file).load(io.BytesIO(bytes(range(256)) * 256 * count))


class TestParts:
    def test_a_part_then_all_of_it(self, person, wire, site):
        copy = person()
        with site.changing() as root:
            demo = root["area"]["demo"]
            demo["docs"]["two.txt"].data = b"new\n"
            demo["large.bin"].data = b"new\n"
        assert copy.update("docs") == ["U demo/docs/two.txt"]
        assert copy.update() == ["U demo/large.bin"]
        assert [each.scope is None for each in wire.said] == [False, False]
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"newer\n"
        assert copy.update("docs/deep") == []
        assert copy.update() == ["U demo/docs/two.txt"]

    def test_a_part_that_another_object_has_taken_the_place_of(
        self, person, wire, site
    ):
        copy = person()
        with site.changing() as root:
            demo = root["area"]["demo"]
            rename(demo, "docs", "old")
            demo["docs"] = Folder()
        copy.update("docs")
        assert wire.said[0].scope is None
        copy.update()

    def test_a_lost_directory_has_everything_sent(self, person, wire, site):
        copy = person()
        shutil.rmtree(copy.top / "docs")
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"new\n"
        copy.update()
        assert wire.said[-1].scope is None
        assert copy.read("docs/two.txt") == b"new\n"

    def test_a_file_is_brought_back_if_it_is_named(self, person):
        copy = person()
        (copy.top / "docs" / "two.txt").unlink()
        copy.update("docs/two.txt")


class TestConflicts:
    def test_a_change_is_offered_until_the_conflict_is_resolved(
        self, person, wire, site
    ):
        copy = person()
        copy.write("docs/two.txt", b"mine\n")
        with site.changing() as root:
            demo = root["area"]["demo"]
            demo["docs"]["two.txt"].data = b"theirs\n"
            demo["large.bin"].data = b"new\n"
        state = states(copy)
        assert sorted(copy("update")) == ["C demo/docs/two.txt", "U demo/large.bin"]
        assert copy.conflicts
        assert states(copy) == state
        assert copy("update") == ["C demo/docs/two.txt"]
        copy.write("docs/two.txt", b"both\n")
        copy("resolve", "docs/two.txt")
        assert copy("update") == ["M demo/docs/two.txt"]
        assert states(copy) != state
        answers = [each for each in wire.said if each.view == "@@toFS.snarf"]
        assert [each.scope is None for each in answers] == [False, False, False]
        # The answer tells whose change it is in conflict with.
        assert wire.logs == []
        copy("commit")
        copy.update()
        assert copy.read("docs/two.txt") == b"both\n"

    def test_objects_removed_here_and_changed_there_come_again(self, person, site):
        copy = person()
        copy("remove", "docs/deep")
        with site.changing() as root:
            deep = root["area"]["demo"]["docs"]["deep"]
            deep["one.txt"].data = b"theirs\n"
        copy("update")
        copy("revert", "docs/deep")
        copy("update")
        assert copy.differences() == {}
        assert copy.read("docs/deep/one.txt") == b"theirs\n"


class TestStates:
    """The file in which a working copy keeps what the server said."""

    @pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"states": []}'])
    def test_without_it_everything_comes(self, person, wire, site, content):
        copy = person()
        if content is None:
            copy.state_file.unlink()
        else:
            copy.state_file.write_bytes(content)
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"new\n"
        assert copy.update() == ["U demo/docs/two.txt"]
        assert wire.said[0].scope is None
        assert copy.update() == []
        assert wire.said[1].scope is not None

    def test_the_state_of_another_working_copy_is_not_believed(
        self, person, wire, site
    ):
        copy = person()
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"new\n"
        shutil.copy(person().state_file, copy.state_file)
        assert copy.update() == ["U demo/docs/two.txt"]

    def test_a_copy_of_a_working_copy_goes_its_own_way(self, person, tmp_path):
        copy = person()
        twin = person()
        shutil.rmtree(twin.root)
        shutil.copytree(copy.root, twin.root)
        for each, text in ((copy, b"same\n"), (twin, b"same\n")):
            each.write("docs/two.txt", text)
        copy("commit")
        twin("update")
        assert twin.differences() == {}
        ids = [Path(each.state_file).read_text() for each in (copy, twin)]
        assert ids[0] != ids[1]

    def test_a_state_of_somebody_else_brings_everything(self, person, wire):
        manager, weak = person(), person("weak")
        (state,) = states(manager)
        put_state(weak, state)
        weak.update()
        assert wire.said[0].state == state
        assert wire.said[0].scope is None

    def test_a_state_of_another_object_brings_everything(self, person, wire):
        copy, other = person(), person(path="/area/outside")
        put_state(copy, *states(other))
        copy.update()
        assert wire.said[0].scope is None

    @pytest.mark.parametrize("tid", ["f" * 16, "0" * 16, "7" + "f" * 15])
    def test_a_state_that_never_was_brings_everything(self, person, wire, tid):
        copy = person()
        (state,) = states(copy)
        put_state(copy, f"4-{tid}{state[18:]}")
        copy.update()
        assert wire.said[0].scope is None
        assert copy.update() == []
        assert wire.said[-1].scope is not None

    def test_a_state_before_a_packing_and_one_after_a_restoring(
        self, person, wire, site
    ):
        copy = person()
        site.database.back_up("backup")
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"new\n"
        copy.update()
        site.restore("backup")
        copy("update")
        copy("revert")
        copy.update()
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = b"other\n"
        site.db.pack()
        copy.update()


def states(copy: Person) -> list[str]:
    import json

    found: list[str] = list(json.loads(copy.state_file.read_text())["states"].values())
    return found


def put_state(copy: Person, state: str) -> None:
    (old,) = states(copy)
    copy.state_file.write_text(copy.state_file.read_text().replace(old, state))


class TestAnotherDatabase:
    def test_objects_that_lie_in_another_database_are_left_out(
        self, person, wire, site
    ):
        import ZODB
        from ZODB.MappingStorage import MappingStorage

        other = ZODB.DB(
            MappingStorage(), databases=site.db.databases, database_name="other"
        )
        try:
            with site.changing() as root:
                connection = root._p_jar.get_connection("other")
                folder = Folder()
                connection.root()["x"] = folder
                connection.add(folder)
                root["area"]["demo"]["mounted"] = folder
                folder["a.txt"] = File(b"a", "text/plain")
            copy = person()
            with site.changing() as root:
                folder = root["area"]["demo"]["mounted"]
                folder["a.txt"].data = b"new"
            copy.update()
            assert not (copy.top / "mounted").exists()
        finally:
            other.close()


def test_a_checkout_remembers_what_is_packed(person):
    copy = person()
    _, records, _ = Index(str(copy.root)).get("demo/docs")
    packed = held(CompactTree(Tree()).digests(str(copy.top / "docs")))
    assert {name: record[3] for name, record in records.items()} == packed
    assert len(packed) > 1
