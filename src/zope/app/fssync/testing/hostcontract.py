"""What every host has to do: a test class to inherit from, one for each host."""

from __future__ import annotations

import io
import json
from contextlib import AbstractContextManager
from typing import Any

import pytest
import transaction
from zope.interface.verify import verifyObject

from zope.app.fssync.server.announcing import announced
from zope.app.fssync.server.changes.fingerprint import conditions
from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IDatabase
from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.server.making import made_of
from zope.app.fssync.server.making import makeable
from zope.fssync.synchronizer import dottedname

__all__ = ["HostContract", "HostPlace"]


class HostPlace:
    """A site of a host, with ``folder/a.txt`` in it: its body is ``text``.

    ``manager`` may do everything, ``reader`` may read the folder and the file, and
    ``stranger`` nothing at all.
    """

    host: Any
    root: Any
    folder: Any
    file: Any

    def calling(self, name: str) -> AbstractContextManager[None]:
        """Enter a request of a caller."""
        raise NotImplementedError

    def new_file(self, body: bytes) -> Any:
        """Return a file that is nowhere yet."""
        raise NotImplementedError


class HostContract:
    """Inherit from it, and provide a fixture ``place`` that returns a `HostPlace`."""

    def test_a_host_provides_its_interfaces(self, place: HostPlace) -> None:
        assert verifyObject(IHost, place.host)
        assert verifyObject(IAccess, place.host.access())
        assert verifyObject(IDatabase, place.host.database(place.folder))

    def test_objects_have_names_parents_and_paths(self, place: HostPlace) -> None:
        host = place.host
        assert host.name(place.file) == "a.txt"
        assert host.name(place.root) == ""
        assert host.bare(host.parent(place.file)) == host.bare(place.folder)
        assert host.identity(place.file) == "/folder/a.txt"
        assert host.identity(place.folder) == "/folder"

    def test_objects_are_in_their_containers(self, place: HostPlace) -> None:
        for obj in (place.root, place.folder, place.file):
            assert place.host.contained(obj)

    def test_removed_objects_are_in_no_container(self, place: HostPlace) -> None:
        with place.calling("manager"):
            folder = place.host.access()(place.folder)
            folder["b.txt"] = place.new_file(b"b")
            found = folder["b.txt"]
            assert place.host.contained(found)
            del folder["b.txt"]
            assert not place.host.contained(found)

    def test_objects_in_no_tree_have_no_path(self, place: HostPlace) -> None:
        assert place.host.identity(place.new_file(b"")) is None

    def test_a_root_has_no_parent(self, place: HostPlace) -> None:
        assert place.host.parent(place.root) is None

    def test_a_manager_reads_and_writes(self, place: HostPlace) -> None:
        with place.calling("manager"):
            access = place.host.access()
            folder = access(place.folder)
            assert "a.txt" in [key for key, _ in folder.iteritems()]
            file = access(folder["a.txt"])
            file.load(io.BytesIO(b"new"))
            stream = io.BytesIO()
            file.dump(stream)
        assert stream.getvalue() == b"new"

    def test_a_manager_adds_and_removes(self, place: HostPlace) -> None:
        with place.calling("manager"):
            folder = place.host.access()(place.folder)
            folder["b.txt"] = place.new_file(b"b")
            assert place.host.identity(folder["b.txt"]) == "/folder/b.txt"
            del folder["b.txt"]
            with pytest.raises(KeyError):
                folder["b.txt"]

    def test_a_reader_reads(self, place: HostPlace) -> None:
        with place.calling("reader"):
            access = place.host.access()
            assert {key for key, _ in access(place.folder).iteritems()} == {"a.txt"}
            stream = io.BytesIO()
            access(access(place.folder)["a.txt"]).dump(stream)
        assert stream.getvalue() == b"text"

    def test_objects_are_counted_without_a_look_at_them(self, place: HostPlace) -> None:
        for caller in ("manager", "reader"):
            with place.calling(caller):
                assert announced(place.host, place.folder) == "2"
                assert announced(place.host, place.file) == "1"
        with place.calling("stranger"):
            assert announced(place.host, place.folder) == "1"

    def test_a_reader_changes_nothing(self, place: HostPlace) -> None:
        with place.calling("reader"):
            access = place.host.access()
            with pytest.raises(place.host.denials):
                access(place.file).load(io.BytesIO(b"new"))
            with pytest.raises(place.host.denials):
                access(place.folder)["b.txt"] = place.new_file(b"b")
            with pytest.raises(place.host.denials):
                del access(place.folder)["a.txt"]

    def test_a_stranger_gets_nothing(self, place: HostPlace) -> None:
        with place.calling("stranger"):
            access = place.host.access()
            assert access(place.folder) is None
            assert access(place.file) is None

    def test_new_objects_have_the_rights_of_their_place(self, place: HostPlace) -> None:
        with place.calling("stranger"):
            new = place.new_file(b"b")
            assert place.host.access()(new, context=place.folder) is None
        with place.calling("manager"):
            synchronizer = place.host.access()(new, context=place.folder)
            synchronizer.load(io.BytesIO(b"c"))

    def test_each_caller_has_a_fingerprint_of_his_own(self, place: HostPlace) -> None:
        seen: dict[str, str] = {}
        for _ in range(2):
            for name in ("manager", "reader"):
                with place.calling(name):
                    fingerprint = place.host.fingerprint()
                assert isinstance(fingerprint, str)
                assert seen.setdefault(name, fingerprint) == fingerprint
        assert seen["manager"] != seen["reader"]

    def test_conditions_name_no_place_in_memory(self, place: HostPlace) -> None:
        """Another process would not name the same one, and send everything."""
        with place.calling("reader"):
            told = json.dumps([place.host.rights(), conditions()])
        assert " at 0x" not in told

    def test_nobody_is_known_outside_of_a_request(self, place: HostPlace) -> None:
        assert place.host.fingerprint() is None

    def test_memory_is_given_back_while_reading(self, place: HostPlace) -> None:
        with place.calling("manager"):
            database = place.host.database(place.folder)
            for _ in range(1001):
                database.checkpoint()

    def test_new_objects_can_be_stored_in_pieces(self, place: HostPlace) -> None:
        with place.calling("manager"):
            new = place.new_file(b"b")
            place.host.database(place.folder, writing=True).adopt(place.folder, new)
        assert new._p_jar is place.folder._p_jar

    def test_a_manager_moves_the_object_itself(self, place: HostPlace) -> None:
        with place.calling("manager"):
            access = place.host.access()
            folder = access(place.folder)
            folder["b.txt"] = place.new_file(b"b")
            # Only what is stored can be moved.
            transaction.savepoint(optimistic=True)
            bare = place.host.bare(folder["b.txt"])
            assert place.host.move(bare, folder, "b.txt", folder, "c.txt")
            assert place.host.bare(folder["c.txt"])._p_oid == bare._p_oid
            assert {key for key, _ in folder.iteritems()} == {"a.txt", "c.txt"}
            top = access(place.root)
            assert place.host.move(bare, folder, "c.txt", top, "d.txt")
            assert place.host.bare(top["d.txt"])._p_oid == bare._p_oid
            assert place.host.identity(top["d.txt"]) == "/d.txt"
            assert {key for key, _ in folder.iteritems()} == {"a.txt"}

    def test_types_that_can_be_made_are_those_the_caller_may_add(
        self, place: HostPlace
    ) -> None:
        found = {}
        for name in ("manager", "reader", "stranger"):
            with place.calling(name):
                access = place.host.access(reading=True)
                found[name] = {
                    each.factory: each.kind
                    for each in makeable(place.host, access, place.folder)
                }
                assert not list(makeable(place.host, access, place.file))
        kind = dottedname(place.host.bare(place.file).__class__)
        assert found["manager"][kind] == "file"
        assert "directory" in found["manager"].values()
        assert found["reader"] == found["stranger"] == {}

    def test_names_tell_what_is_made_of_files(self, place: HostPlace) -> None:
        with place.calling("manager"):
            made = [
                made_of(place.host, place.folder, name, name == "sub")
                for name in ("new.bin", "sub")
            ]
        assert dottedname(place.host.bare(place.file).__class__) == made[0]
        assert made[1] is not None

    def test_a_reader_moves_nothing(self, place: HostPlace) -> None:
        with place.calling("reader"):
            folder = place.host.access()(place.folder)
            bare = place.host.bare(folder["a.txt"])
            with pytest.raises(place.host.denials):
                place.host.move(bare, folder, "a.txt", folder, "b.txt")
            assert {key for key, _ in folder.iteritems()} == {"a.txt"}
