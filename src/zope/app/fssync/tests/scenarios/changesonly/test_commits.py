"""A commit brings its changes, only them, once, and says what else is new."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.client.commitanswer import _tell_news
from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.changeset import SAME
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerUnreachable

pytestmark = pytest.mark.slow

NEWS = "X-Zsync-News"
TITLE = "@@Zope/Annotations/two.txt/zope.app.dublincore.ZopeDublinCore"


def transactions(site: Site) -> int:
    return sum(1 for _ in site.db.storage.iterator())


def stored(site: Site, *path: str) -> bytes:
    with site.changing() as root:
        obj: Any = root["area"]["demo"]
        for name in path:
            obj = obj[name]
        return bytes(obj.data)


def store(site: Site, *path: str, data: bytes) -> None:
    with site.changing() as root:
        obj: Any = root["area"]["demo"]
        for name in path:
            obj = obj[name]
        obj.data = data


def pending(copy: Person) -> list[str]:
    return [line for line in copy("status") if line[0] not in "=/"]


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


class TestAdded:
    """New objects are committed by their names, alone."""

    def test_a_new_file_is_committed_alone(self, copy, site):
        copy.write("docs/new.txt", b"new\n")
        copy("add", "docs/new.txt")
        copy.write("docs/two.txt", b"not yet\n")
        copy("commit", "docs/new.txt")
        assert stored(site, "docs", "new.txt") == b"new\n"
        assert stored(site, "docs", "two.txt") != b"not yet\n"
        assert pending(copy) == ["M demo/docs/two.txt"]
        copy("commit")
        assert copy("update") == []
        assert stored(site, "docs", "two.txt") == b"not yet\n"

    def test_a_new_folder_is_committed_alone(self, copy, site):
        (copy.top / "docs" / "more").mkdir()
        copy.write("docs/more/new.txt", b"new\n")
        copy("add", "docs/more")
        copy("add", "docs/more/new.txt")
        with pytest.raises(Error, match=r"more/new.txt' cannot be committed without"):
            copy("commit", "docs/more/new.txt")
        copy("commit", "docs/more")
        assert stored(site, "docs", "more", "new.txt") == b"new\n"
        assert pending(copy) == []

    def test_a_removed_file_is_committed_alone(self, copy, site):
        copy("remove", "docs/two.txt")
        copy.write("docs/deep/one.txt", b"not yet\n")
        copy("commit", "docs/two.txt")
        with site.changing() as root:
            assert "two.txt" not in root["area"]["demo"]["docs"]
        assert pending(copy) == ["M demo/docs/deep/one.txt"]


class TestTogether:
    """Several targets of one working copy are one transaction."""

    def test_several_targets_are_stored_in_one_transaction(self, copy, site):
        copy.write("docs/two.txt", b"mine\n")
        copy.write("docs/deep/one.txt", b"mine, too\n")
        copy.write("docs/new.txt", b"new\n")
        copy("add", "docs/new.txt")
        before = transactions(site)
        copy.commit_all("docs/two.txt", "docs/new.txt", "docs/deep", "docs/deep")
        assert transactions(site) == before + 1
        assert stored(site, "docs", "two.txt") == b"mine\n"
        assert stored(site, "docs", "new.txt") == b"new\n"
        assert stored(site, "docs", "deep", "one.txt") == b"mine, too\n"
        assert copy("update") == []

    def test_unnamed_objects_stay_here(self, copy, site):
        copy.write("docs/two.txt", b"mine\n")
        copy.write("docs/deep/one.txt", b"not yet\n")
        copy.write("docs/new.txt", b"new\n")
        copy("add", "docs/new.txt")
        copy.commit_all("docs/two.txt", "docs/new.txt")
        assert pending(copy) == ["M demo/docs/deep/one.txt"]
        assert stored(site, "docs", "deep", "one.txt") != b"not yet\n"

    def test_one_that_is_refused_keeps_the_others_back(self, copy, site):
        store(site, "docs", "deep", "one.txt", data=b"theirs\n")
        copy.write("docs/two.txt", b"mine\n")
        copy.write("docs/deep/one.txt", b"mine\n")
        before = transactions(site)
        with pytest.raises(OutOfDate, match=r"one\.txt") as caught:
            copy.commit_all("docs/two.txt", "docs/deep/one.txt")
        assert (caught.value.advice or "").startswith("Nothing was committed.")
        assert transactions(site) == before
        assert pending(copy) == ["M demo/docs/deep/one.txt", "M demo/docs/two.txt"]

    def test_a_target_that_cannot_be_committed_keeps_all_back(self, copy, site, wire):
        copy.write("docs/two.txt", b"mine\n")
        before = transactions(site)
        with pytest.raises(Error, match="nothing known"):
            copy.commit_all("docs/two.txt", "docs/nosuch.txt")
        with pytest.raises(Error, match="its path on the server") as caught:
            copy.commit_all("docs/two.txt", f"docs/{TITLE}")
        assert "zsync commit" in (caught.value.advice or "")
        assert wire.said == []
        assert transactions(site) == before

    def test_two_working_copies_are_told_apart(self, person, site):
        first, second = person(), person()
        store(site, "docs", "deep", "one.txt", data=b"theirs\n")
        first.write("docs/two.txt", b"mine\n")
        second.write("docs/deep/one.txt", b"mine\n")
        paths = [str(first.top), str(second.top / "docs/deep/one.txt")]
        with pytest.raises(OutOfDate) as caught, first._client() as client:
            client.commit_all([*paths, str(person().top)])
        advice = caught.value.advice or ""
        assert advice.startswith(f"Committed before: '{first.top}'. Nothing else was")
        assert "Not tried: " in advice
        assert stored(site, "docs", "two.txt") == b"mine\n"
        assert pending(first) == []


class TestOthers:
    """What others do at the same time."""

    def test_changes_elsewhere_refuse_nothing_and_are_told(self, copy, site, wire):
        store(site, "docs", "deep", "one.txt", data=b"theirs\n")
        copy.write("docs/two.txt", b"mine\n")
        copy("commit")
        assert stored(site, "docs", "two.txt") == b"mine\n"
        assert stored(site, "docs", "deep", "one.txt") == b"theirs\n"
        assert wire.said[-1].headers[NEWS] == "1"
        assert copy.warnings == [
            "hint: 1 object is newer on the server; run 'zsync update'"
        ]
        assert "U demo/docs/deep/one.txt" in copy.update()

    def test_objects_of_a_conflicting_update_do_not_count_as_news(self, copy, site):
        for path in (("docs", "two.txt"), ("docs", "deep", "one.txt")):
            store(site, *path, data=b"theirs\n")
        copy.write("docs/two.txt", b"mine\n")
        assert "C demo/docs/two.txt" in copy("update")
        copy.write("docs/two.txt", b"both\n")
        copy("resolve", "docs/two.txt")
        for text in (b"1\n", b"2\n", b"3\n"):
            copy("commit")
            copy.write("docs/two.txt", text)
        assert copy.warnings == []
        store(site, "docs", "deep", "one.txt", data=b"theirs, later\n")
        copy("commit")
        assert copy.warnings == [
            "hint: 1 object is newer on the server; run 'zsync update'"
        ]
        assert "U demo/docs/deep/one.txt" in copy.update()

    def test_nothing_is_told_of_what_is_hidden(self, person, site, wire):
        copy = person("weak")
        store(site, "secret", "plan.txt", data=b"another plan\n")
        copy.write("docs/two.txt", b"mine\n")
        copy("commit", "docs/two.txt")
        assert NEWS not in wire.said[-1].headers
        assert b"plan" not in wire.said[-1].body

    def test_nor_of_ones_own_commits(self, copy, site, wire):
        for text in (b"1\n", b"2\n", b"3\n"):
            copy.write("docs/two.txt", text)
            copy("commit")
            assert NEWS not in wire.said[-1].headers
        assert copy.warnings == []
        copy.update()

    def test_a_change_of_the_same_object_is_never_overwritten(self, copy, site):
        store(site, "docs", "two.txt", data=b"theirs\n")
        copy.write("docs/two.txt", b"mine\n")
        with pytest.raises(OutOfDate) as caught:
            copy("commit")
        assert caught.value.paths == ["demo/docs/two.txt"]
        assert stored(site, "docs", "two.txt") == b"theirs\n"

    def test_nor_one_of_its_title(self, copy, site):
        with site.changing() as root:
            IZopeDublinCore(root["area"]["demo"]["docs"]["two.txt"]).title = "Theirs"
        copy.write("docs/two.txt", b"mine\n")
        with pytest.raises(OutOfDate):
            copy("commit")

    def test_a_folder_is_removed_if_others_left_it_alone(self, copy, site):
        copy("remove", "docs")
        store(site, "large.bin", data=b"theirs")
        copy("commit")
        copy.update()
        assert not (copy.top / "docs").exists()

    def test_and_stays_if_they_did_not(self, copy, site):
        copy("remove", "docs")
        store(site, "docs", "deep", "one.txt", data=b"theirs\n")
        with pytest.raises(OutOfDate) as caught:
            copy("commit")
        assert caught.value.paths == ["demo/docs"]
        assert stored(site, "docs", "deep", "one.txt") == b"theirs\n"

    def test_ones_own_commits_are_no_reason_to_keep_it(self, copy, site):
        copy.write("docs/two.txt", b"mine\n")
        copy("commit")
        copy("remove", "docs")
        copy("commit")
        copy.update()

    def test_two_working_copies_take_turns(self, person):
        one, two = person(), person()
        for number in range(3):
            for here, there in ((one, two), (two, one)):
                text = b"%d\n" % number + here.read("docs/two.txt")
                here.write("docs/two.txt", text)
                here("commit")
                there.update()
                assert there.read("docs/two.txt") == text
                assert here.update() == []

    def test_two_people_see_what_they_may(self, person, site):
        manager, weak = person(), person("weak")
        manager.write("secret/plan.txt", b"secret\n")
        manager.write("docs/two.txt", b"open\n")
        manager("commit")
        weak.update()
        assert weak.read("docs/two.txt") == b"open\n"
        assert not (weak.top / "secret").exists()
        weak.write("docs/two.txt", b"weak\n")
        weak("commit", "docs/two.txt")
        manager.update()
        assert manager.read("docs/two.txt") == b"weak\n"


class TestLostReplies:
    def test_the_same_commit_is_answered_and_not_done_again(self, copy, site, wire):
        copy.write("docs/two.txt", b"mine\n")
        copy("remove", "large.bin")
        copy.lossy = True
        with pytest.raises(ServerUnreachable):
            copy("commit")
        before = transactions(site)
        copy("commit")
        assert transactions(site) == before
        ids = {tuple(each.arguments["commit"]) for each in wire.said}
        assert len(wire.said) == 2
        assert len(ids) == 1
        assert copy.update() == []

    def test_a_commit_that_is_added_to_is_another_one(self, copy, site):
        copy.write("docs/two.txt", b"mine\n")
        copy.lossy = True
        with pytest.raises(ServerUnreachable):
            copy("commit")
        copy.write("docs/deep/one.txt", b"more\n")
        with pytest.raises(OutOfDate):
            copy("commit")
        copy("update")
        copy("commit")
        copy.update()
        assert stored(site, "docs", "deep", "one.txt") == b"more\n"

    def test_forth_back_and_forth_are_three_commits(self, copy, site, wire):
        first = copy.read("docs/two.txt")
        for text in (b"mine\n", first, b"mine\n"):
            before = transactions(site)
            copy.write("docs/two.txt", text)
            copy("commit")
            assert transactions(site) == before + 1
            assert stored(site, "docs", "two.txt") == text
        assert len({each.arguments["commit"][0] for each in wire.said}) == 3
        copy.update()

    def test_objects_others_did_after_the_lost_reply_come_with_the_next(
        self, copy, site
    ):
        copy.write("docs/two.txt", b"mine\n")
        copy.lossy = True
        with pytest.raises(ServerUnreachable):
            copy("commit")
        store(site, "docs", "two.txt", data=b"mine\ntheirs\n")
        copy("commit")
        assert copy.read("docs/two.txt") == b"mine\ntheirs\n"
        copy.update()


class TestWhatIsSent:
    def test_nothing_changed_asks_nobody(self, copy, wire):
        assert copy("commit") == []
        assert wire.said == []

    def test_a_large_file_is_told_by_its_digest(self, copy, site, wire):
        with site.changing() as root:
            root["area"]["demo"]["huge"] = File(bytes(400_000), "text/plain")
        copy.update()
        core = "@@Zope/Extra/huge/contentType"
        copy.write(core, copy.read(core).replace(b"text/plain", b"text/html"))
        copy("commit", "huge")
        with site.changing() as root:
            file = root["area"]["demo"]["huge"]
            assert (file.contentType, file.getSize()) == ("text/html", 400_000)
        copy.write("huge", b"1" * 400_000)
        copy("commit", "huge")
        copy.update()
        copy.write("huge", b"2" * 400_000)
        store(site, "huge", data=b"3" * 400_000)
        with pytest.raises(OutOfDate):
            copy("commit", "huge")

    def test_a_large_body_does_not_come_back(self, copy, site, wire):
        body = os.urandom(400_000)
        copy.write("large.bin", body)
        copy("commit")
        assert wire.said[-1].scope.marked(SAME) == ["demo/large.bin"]
        assert len(wire.said[-1].body) < 4_000
        assert stored(site, "large.bin") == copy.read("large.bin") == body
        assert copy.differences() == {}
        assert not [line for line in copy("status") if line[0] not in "=/"]

    def test_a_large_body_that_the_server_changes_comes_back(
        self, copy, site, wire, monkeypatch
    ):
        load = FileSynchronizer.load

        def stamped(self, readable):
            load(self, readable)
            self.context.data += b"stamp"

        monkeypatch.setattr(FileSynchronizer, "load", stamped)
        body = bytes(400_000)
        copy.write("large.bin", body)
        copy("commit")
        assert wire.said[-1].scope.marked(SAME) == []
        assert copy.read("large.bin") == body + b"stamp"
        assert copy.differences() == {}

    @pytest.mark.parametrize("name", ["docs", "docs/two.txt"])
    def test_a_title_alone(self, copy, site, wire, name):
        head, _, tail = f"./{name}".rpartition("/")
        core = f"{head}/@@Zope/Annotations/{tail}/zope.app.dublincore.ZopeDublinCore"
        copy.write(core, copy.read(core).replace(b"Title 0", b"Title 1"))
        copy("commit")
        assert wire.views() == ["@@fromFS.snarf"]
        copy.update()
        with site.changing() as root:
            obj = root["area"]["demo"]
            for each in name.split("/"):
                obj = obj[each]
            assert IZopeDublinCore(obj).title == "Title 1"

    def test_objects_come_and_go(self, copy, site, wire):
        (copy.top / "new").mkdir()
        copy.write("new/a.txt", b"a\n")
        copy("add", "new")
        copy("add", "new/a.txt")
        copy("remove", "docs/deep")
        copy("remove", "large.bin")
        copy("commit")
        assert wire.views() == ["@@fromFS.snarf"]
        assert copy.differences() == {}
        copy.update()
        assert stored(site, "new", "a.txt") == b"a\n"

    def test_a_commit_from_the_root_of_the_site_sends_changes(self, person, wire):
        copy = person(path="")
        copy.write("area/demo/docs/two.txt", b"mine\n")
        copy("commit")
        assert wire.views() == ["@@fromFS.snarf"]
        # The registries of a site count in memory how often they were loaded.
        found = [path for path in copy.differences() if "++etc++site" not in path]
        assert found == []

    def test_a_single_file(self, copy, wire):
        copy.write("docs/two.txt", b"mine\n")
        copy("commit", "docs/two.txt")
        assert copy.differences() == {}
        copy("remove", "docs/two.txt")
        copy("commit", "docs/two.txt")
        assert wire.views() == ["@@fromFS.snarf"] * 2
        # The folder shows that something was removed, and was not committed itself.
        copy.update()


class TestTheServer:
    """What it makes of requests that no client of ours sends."""

    def post(self, wire: Wire, copy: Person, query: str, *headers: Any) -> str:
        with copy._client() as client:
            client.network.loadrooturl(str(copy.root))
            try:
                client.network.httpreq(
                    "/area/demo",
                    f"@@fromFS.snarf?{query}",
                    lambda stream: stream.write(b"7 @@Zope/Changes\ntree a\n"),
                    headers=headers,
                )[0].close()
            except Exception:
                return wire.said[-1].status
        return wire.said[-1].status

    @pytest.mark.parametrize(
        "commit", ["x", "0" * 16, "0" * 60_000, f"{'0' * 16}-{'g' * 32}", "a%0d%0ab"]
    )
    def test_ids_of_commits_are_what_clients_make(self, copy, wire, commit):
        assert self.post(wire, copy, f"commit={commit}").startswith("400")

    @pytest.mark.parametrize(
        "state", ["", "none", "4-", "4-" + "f" * 400, "\u00fc", "4-0-0-0-0", "%0d%0aX:"]
    )
    def test_states_that_are_none_are_as_no_state(self, copy, wire, state):
        header = ("X-Zsync-State", state)
        assert self.post(wire, copy, "", header).startswith("200")

    @pytest.mark.parametrize("news", ["9" * 5000, "-1", "0", "\u0664", "x", ""])
    def test_an_invalid_number_is_ignored(self, copy, wire, news):
        with copy._client() as client:
            _tell_news(client.network, {NEWS: news})
        assert copy.warnings == []

    def test_no_cache_keeps_an_archive(self, copy, wire):
        copy("update")
        copy.write("docs/two.txt", b"mine\n")
        copy("commit")
        copy.state_file.unlink()
        copy("update")
        kept = {each.headers.get("Cache-Control") for each in wire.said}
        assert len(wire.said) >= 3
        assert kept == {"no-store"}
