"""An application of Grok, checked out and committed."""

from __future__ import annotations

import re
import textwrap
from importlib.resources import files

import pytest

from zope.app.fssync.hosts.grok.tests.app import Barn
from zope.app.fssync.hosts.grok.tests.app import Herd
from zope.app.fssync.hosts.grok.tests.app import INotes
from zope.app.fssync.hosts.grok.tests.app import Mammoth
from zope.app.fssync.tests.scenarios.server.late import LATE
from zope.app.fssync.tests.scenarios.server.late import SECRET
from zope.app.fssync.tests.scenarios.server.late import at_each_change
from zope.fssync.tests.documents import run_document

NOTES = "zoo/herd/@@Zope/Annotations/manfred/zoo.notes"


class TestCheckout:
    def test_models_are_files_and_containers_directories(self, zoo):
        archive = zoo.checkout("/zoo")
        assert b"Manfred" in archive["zoo/herd/manfred"]
        assert b"grass" in archive["zoo/herd/manfred"]
        assert b"The herd" in archive["zoo/@@Zope/Extra/herd/title"]
        assert b"likes company" in archive[NOTES]

    def test_other_models_are_referred_to_by_their_paths(self, zoo):
        archive = zoo.checkout("/zoo")
        assert b"/zoo/herd/manfred" in archive["zoo/herd/ellie"]

    def test_a_synchronizer_of_the_application_counts(self, zoo):
        archive = zoo.checkout("/zoo")
        assert archive["zoo/shelf/z"] == b"A poem about z\n"

    def test_sources_are_not_for_everybody(self, zoo):
        response = zoo.request("GET", "/zoo/@@toFS.snarf", None)
        assert response.status_int == 401

    def test_an_ordered_container_has_its_order(self, zoo):
        archive = zoo.checkout("/zoo")
        assert archive["zoo/@@Zope/Extra/shelf/order"] == b"z\na\nm\n"
        assert not [path for path in archive if path.endswith("/_data")]

    def test_attributes_that_are_other_objects_are_paths(self, related):
        archive = related.checkout("/zoo")
        extra = "zoo/@@Zope/Extra/herd"
        assert b"<string>/zoo</string>" in archive[f"{extra}/others"]
        assert b"<string>/zoo/herd/manfred</string>" in archive[f"{extra}/leader"]
        assert b"<string>/zoo/shelf</string>" in archive[f"{extra}/next"]


@pytest.fixture
def related(zoo):
    """A container that refers to an item of its own, and to what is around it."""
    herd = zoo.root["zoo"]["herd"]
    herd.leader, herd.next = herd["manfred"], zoo.root["zoo"]["shelf"]
    herd.others = {"home": zoo.root["zoo"], "all": [herd["ellie"]]}
    zoo.commit()
    return zoo


class TestCommit:
    def test_a_container_of_the_toolkit_is_a_directory_too(self, zoo):
        barn = zoo.root["zoo"]["barn"] = Barn()
        barn.title, barn["moritz"] = "The barn", Mammoth("Moritz", 2.5)
        zoo.commit()
        archive = zoo.checkout("/zoo")
        assert b"The barn" in archive["zoo/@@Zope/Extra/barn/title"]
        path = "zoo/barn/moritz"
        archive.edit(path, archive[path].replace(b"Moritz", b"Max"))
        archive = zoo.accept("/zoo", archive)
        assert barn["moritz"].name == "Max"
        path = "/@@checkin.snarf?name=copy&src=zoo"
        answer = zoo.request("POST", path, "manager", archive.dump())
        assert answer.status_int == 200, answer.text
        copy = zoo.root["copy"]["barn"]
        assert (type(copy), copy.title, copy["moritz"].size) == (Barn, "The barn", 2.5)

    def test_references_of_containers_are_changed_and_copied(self, related):
        app = related.root["zoo"]
        archive = related.checkout("/zoo")
        path = "zoo/@@Zope/Extra/herd/leader"
        archive.edit(path, archive[path].replace(b"manfred", b"ellie"))
        accepted = related.accept("/zoo", archive)
        assert app["herd"].leader is app["herd"]["ellie"]
        path = "/@@checkin.snarf?name=copy&src=zoo"
        answer = related.request("POST", path, "manager", accepted.dump())
        assert answer.status_int == 200, answer.text
        copy = related.root["copy"]["herd"]
        assert copy.leader is app["herd"]["ellie"]
        assert copy.next is app["shelf"]
        assert copy.others == {"home": app, "all": [app["herd"]["ellie"]]}

    def test_a_reference_to_what_is_not_there_is_refused(self, related):
        archive = related.checkout("/zoo")
        path = "zoo/@@Zope/Extra/herd/leader"
        archive.edit(path, archive[path].replace(b"manfred", b"nobody"))
        assert "missing object" in related.submit("/zoo", archive).text
        herd = related.root["zoo"]["herd"]
        assert herd.leader is herd["manfred"]

    def test_an_ordered_container_is_arranged(self, zoo):
        archive = zoo.checkout("/zoo")
        archive.edit("zoo/@@Zope/Extra/shelf/order", b"m\nz\na\n")
        zoo.accept("/zoo", archive)
        assert list(zoo.root["zoo"]["shelf"]) == ["m", "z", "a"]

    def test_edits_are_committed(self, zoo):
        archive = zoo.checkout("/zoo")
        for path, old, new in (
            ("zoo/herd/manfred", b"Manfred", b"Manny"),
            (NOTES, b"likes", b"loves"),
            ("zoo/@@Zope/Extra/herd/title", b"The", b"Our"),
            ("zoo/shelf/a", b"A poem about a", b"Another poem"),
        ):
            archive.edit(path, archive[path].replace(old, new))
        accepted = zoo.accept("/zoo", archive)
        assert accepted == zoo.checkout("/zoo")
        herd = zoo.root["zoo"]["herd"]
        assert (herd["manfred"].name, herd.title) == ("Manny", "Our herd")
        assert herd["manfred"].food == ["grass", "moss"]
        assert herd["ellie"].friend.name == "Manny"
        assert INotes(herd["manfred"]).text == "loves company"
        assert zoo.root["zoo"]["shelf"]["a"].text == "Another poem\n"
        assert list(zoo.root["zoo"]["shelf"]) == ["z", "a", "m"]

    def test_objects_are_added_and_removed(self, zoo):
        archive = zoo.checkout("/zoo")
        kind = f"{Mammoth.__module__}.Mammoth"
        data = archive["zoo/herd/manfred"].replace(b"Manfred", b"Peaches")
        archive.add("zoo/herd/peaches", data, type=kind, factory=kind)
        kind = f"{Herd.__module__}.Herd"
        archive.add("zoo/lone", type=kind, factory=kind)
        archive.remove("zoo/shelf/m")
        zoo.accept("/zoo", archive)
        app = zoo.root["zoo"]
        assert app["herd"]["peaches"].name == "Peaches"
        assert isinstance(app["herd"]["peaches"], Mammoth)
        assert list(app["lone"]) == []
        assert list(app["shelf"]) == ["z", "a"]

    def test_a_container_moves_with_all_that_is_in_it(self, zoo):
        archive = zoo.checkout("/zoo/herd")
        body = archive.dump()
        path = "/zoo/@@checkin.snarf?name=copy&src=herd"
        response = zoo.request("POST", path, "manager", body)
        assert response.status_int == 200, response.text
        copy = zoo.root["zoo"]["copy"]
        assert copy.title == "The herd"
        assert INotes(copy["manfred"]).text == "likes company"
        assert copy["ellie"].friend is zoo.root["zoo"]["herd"]["manfred"]

    def test_methods_and_places_are_no_attributes(self, zoo):
        archive = zoo.checkout("/zoo")
        path = "zoo/herd/manfred"
        for name in (b"__parent__", b"__class__", b"_p_jar"):
            data = archive[path].replace(b'key="name"', b'key="%s"' % name)
            assert data != archive[path]
            sent = zoo.checkout("/zoo")
            sent.edit(path, data)
            assert zoo.submit("/zoo", sent).status_int == 409

    @pytest.mark.parametrize("what", LATE)
    def test_a_late_abort_is_answered_with_an_error(self, zoo, what):
        archive = zoo.checkout("/zoo")
        before = archive["zoo/herd/manfred"]
        archive.edit("zoo/herd/manfred", before.replace(b"Manfred", b"Manny"))
        with at_each_change(what):
            answers = [
                zoo.submit("/zoo", archive),
                zoo.request(
                    "POST",
                    "/zoo/@@checkin.snarf?name=copy&src=zoo",
                    "manager",
                    archive.dump(),
                ),
            ]
        for answer in answers:
            assert answer.status_int == 500, answer.body
            assert "Nothing was c" in answer.text
            assert SECRET not in answer.text
            assert "X-Zsync-State" not in answer.headers
        assert zoo.checkout("/zoo")["zoo/herd/manfred"] == before
        assert "copy" not in zoo.root["zoo"]
        assert zoo.submit("/zoo", archive).status_int == 200


class TestDocument:
    def test_examples_of_the_document_hold(self, zoo):
        del zoo.root["zoo"]["herd"]["manfred"].food
        zoo.commit()
        run_document("zope.app.fssync", "grok.txt", site=zoo)

    def test_the_code_it_shows_is_what_the_tests_use(self):
        where = files("zope.app.fssync")
        tests = where / "hosts" / "grok" / "tests"
        shown = (where / "grok.txt").read_text("utf-8")
        code = shown.partition("    class Poem")[2].partition("\n``FileSyn")[0]
        used = (tests / "synchronizers.py").read_text("utf-8")
        assert textwrap.dedent("    class Poem" + code).strip() in used
        (line,) = re.findall(r"^    (<include.*>)$", shown, re.MULTILINE)
        assert line in (tests / "ftesting.zcml").read_text()
