"""The protocol of the views: what they accept, and what they answer."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import transaction
from transaction.interfaces import TransientError
from zope.app.file.file import File
from zope.component import getSiteManager
from zope.interface.verify import verifyObject
from zope.publisher.browser import TestRequest
from zope.site.folder import Folder

from zope.app.fssync.browser import views
from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import LANGUAGES_LENGTH


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    site.commit()
    return site


def refused(response, status, text):
    assert response.status_int == status
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert text in response.text
    assert "Traceback" not in response.text


def test_an_exchange_keeps_its_contract():
    assert verifyObject(IViewRequest, ToolkitViewRequest(TestRequest()))


class TestRefusals:
    def test_a_write_view_wants_post(self, demo):
        response = demo.request("GET", "/demo/@@fromFS.snarf", "manager")
        refused(response, 400, "POST")

    @pytest.mark.parametrize("type", ["text/plain", "application/x-snarf; charset=x"])
    def test_the_content_type_is_exact(self, demo, type):
        response = demo.request(
            "POST", "/demo/@@fromFS.snarf", "manager", b"", Content_Type=type
        )
        refused(response, 400, "Content-Type is not application/x-snarf")

    @pytest.mark.parametrize(
        "view", ["toFS.snarf", "list.snarf", "synchronize.html", "synchronize.zip"]
    )
    def test_languages_are_those_of_a_browser(self, demo, view):
        # Each text has them read anew; a field of a form is taken for them.
        url, longest = f"/demo/@@{view}", "l" * LANGUAGES_LENGTH
        answers = [
            demo.request("GET", url, "manager", Accept_Language=longest),
            demo.request("GET", url, "manager", Accept_Language=f"{longest}l"),
            demo.request("GET", f"{url}?HTTP_ACCEPT_LANGUAGE={longest}l", "manager"),
            demo.request("GET", f"{url}?HTTP_ACCEPT_LANGUAGE:list=de", "manager"),
        ]
        assert [each.status_int for each in answers] == [200, 431, 431, 431]

    @pytest.mark.parametrize("name", ["REMOTE_ADDR", "QUERY_STRING"])
    def test_fields_and_cookies_are_nothing_that_a_server_tells(self, demo, name):
        for field in (f"{name}=6.6.6.6", f"{name}:list=6.6.6.6"):
            answer = demo.app.get(
                f"/demo/@@toFS.snarf?{field}",
                headers={"Cookie": f"{name}=6.6.6.6"},
                extra_environ={
                    "REMOTE_ADDR": "192.0.2.7",
                    "HTTP_AUTHORIZATION": "Basic manager:managerpw",
                },
            )
            assert answer.status_int == 200
            assert ACTIVITY.newest("/demo")[0].address == "192.0.2.7"

    def test_an_empty_body_is_no_commit(self, demo):
        response = demo.request("POST", "/demo/@@fromFS.snarf", "manager")
        assert response.text == "Up-to-date check failed:\ndemo\n"

    def test_checkin_wants_a_name(self, demo):
        response = demo.request("POST", "/@@checkin.snarf", "manager")
        refused(response, 400, "'name'")

    def test_checkin_does_not_replace(self, demo):
        archive = demo.checkout("/demo")
        response = demo.request(
            "POST", "/@@checkin.snarf?name=demo", "manager", archive.dump()
        )
        refused(response, 409, "object already exists: demo")

    @pytest.mark.parametrize(
        ("limit", "reason"),
        [("archive_size", "more than 2 bytes"), ("members", "more than 2 members")],
    )
    def test_a_body_has_limits(self, demo, limit, reason):
        archive = demo.checkout("/demo")
        archive.add("demo/new", b"new")
        limits = DEFAULT._replace(**{limit: 2})
        getSiteManager().registerUtility(limits, ILimits)
        try:
            response = demo.submit("/demo", archive)
            copy = demo.request(
                "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
            )
        finally:
            getSiteManager().unregisterUtility(limits, ILimits)
        refused(response, 413, reason)
        refused(copy, 413, reason)
        assert set(demo.root) == {"demo"}
        assert "new" not in demo.root["demo"]

    def test_raise_makes_a_conflict_an_error(self, demo):
        archive = demo.checkout("/demo")
        demo.root["demo"]["a.txt"].data = b"b"
        demo.commit()
        response = demo.submit("/demo", archive, query="?raise=1")
        refused(response, 409, "demo/a.txt")

    def test_every_failure_is_told_with_its_path(self, demo):
        archive = demo.checkout("/demo")
        archive.add("demo/one", b"", factory="os.system")
        archive.add("demo/two", b"", keytype="os.system", type="builtins.str")
        archive.add("demo/three", b"nonsense", type="builtins.str")
        response = demo.submit("/demo", archive)
        assert response.status_int == 400
        assert "os.system" in response.text
        assert list(demo.root["demo"]) == ["a.txt"]


class TestTransaction:
    def test_the_note_describes_the_transaction(self, demo):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        demo.submit("/demo", archive, query="?note=first%20changes%20%26%20more")
        storage = demo.layer.db.storage
        note = list(storage.changes.iterator())[-1].description
        assert b"first changes & more" in note

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("one\r\ntwo\n", "one two"),
            ("a\x1b[31mred\x1b[0m\x07", "a [31mred [0m"),
            ("a\u202eb\u2066c\u200e\ufeffd", "abcd"),
            ("line\u2028line\x85line", "line line line"),
            ("क्\u200dष ü 日本", "क्\u200dष ü 日本"),
            ("x" * 10_000, "x" * 4000),
        ],
    )
    def test_the_note_is_one_line_of_what_can_be_seen(self, demo, sent, kept):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        response = demo.submit("/demo", archive, query=f"?note={quote(sent)}")
        assert response.status_int == 200
        storage = demo.layer.db.storage
        note = list(storage.changes.iterator())[-1].description.decode()
        assert kept in note.splitlines()

    @pytest.mark.parametrize("sent", ["", "\n", "\u202e"])
    def test_a_note_without_a_letter_is_none(self, demo, sent):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        demo.submit("/demo", archive, query=f"?note={quote(sent)}")
        storage = demo.layer.db.storage
        note = list(storage.changes.iterator())[-1].description.decode()
        assert all(line.strip() for line in note.splitlines())

    def test_one_failure_undoes_all(self, demo):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        archive.add("demo/bad", b"", factory="no.such.factory")
        response = demo.submit("/demo", archive)
        refused(response, 400, "demo/bad: 'no.such.factory' is not allowed")
        assert demo.root["demo"]["a.txt"].data == b"a"

    def test_a_conflict_of_the_database_repeats_the_request(self, demo, monkeypatch):
        calls = []

        class Racing(views.Commit):
            def perform(self, *args):
                calls.append(args)
                super().perform(*args)
                if len(calls) < 3:
                    raise TransientError

        monkeypatch.setattr(views, "Commit", Racing)
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        demo.accept("/demo", archive)
        assert len(calls) == 3
        transaction.abort()
        assert demo.root["demo"]["a.txt"].data == b"b"


class TestAnswers:
    def test_checkin_answers_nothing(self, demo):
        archive = demo.checkout("/demo")
        response = demo.request(
            "POST", "/@@checkin.snarf?name=copy&src=demo", "manager", archive.dump()
        )
        assert (response.status_int, response.body) == (200, b"")
        assert demo.root["copy"]["a.txt"].data == b"a"

    def test_an_archive_is_whole_and_has_its_length(self, demo):
        response = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        assert int(response.headers["Content-Length"]) == len(response.body)
        assert response.headers["Content-Type"] == "application/x-snarf"

    def test_the_root_is_named_root(self, demo):
        archive = demo.checkout("")
        assert set(archive.entries()) == {"root"}
        archive.edit("root/demo/a.txt", b"b")
        demo.accept("", archive)
        assert demo.root["demo"]["a.txt"].data == b"b"

    def test_a_single_file_is_committed_alone(self, demo):
        archive = demo.checkout("/demo/a.txt")
        archive.edit("a.txt", b"b")
        demo.accept("/demo/a.txt", archive)
        assert demo.root["demo"]["a.txt"].data == b"b"

    def test_annotations_are_changed_and_removed(self, demo):
        archive = demo.checkout("/demo")
        title = "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore"
        assert title not in archive
        from zope.dublincore.interfaces import IZopeDublinCore

        IZopeDublinCore(demo.root["demo"]["a.txt"]).title = "Größe"
        demo.commit()
        archive = demo.checkout("/demo")
        archive.edit(title, archive[title].replace("Größe".encode(), b"Small"))
        demo.accept("/demo", archive)
        assert IZopeDublinCore(demo.root["demo"]["a.txt"]).title == "Small"
        archive = demo.checkout("/demo")
        archive.remove(title)
        answer = demo.accept("/demo", archive)
        assert b"Small" not in answer.get(title, b"")

    def test_a_client_may_leave_out_what_it_did_not_change(self, demo):
        full = demo.checkout("/demo")
        slim = Archive(
            (path, data) for path, data in full.items() if "/Original/" not in path
        )
        assert demo.accept("/demo", slim) == full
        demo.root["demo"]["a.txt"].data = b"changed"
        demo.commit()
        assert "demo/a.txt" in demo.submit("/demo", slim).text


class TestMemory:
    """Objects are stored and forgotten in the middle of a request."""

    def test_clean_ups_after_each_object_change_no_answer(self, demo, monkeypatch):
        monkeypatch.setattr("zope.app.fssync.server.database.Database.interval", 1)
        archive = demo.checkout("/demo")
        for number in range(20):
            archive.add(f"demo/{number}.txt", b"%d" % number * 100)
        archive.add("demo/sub", factory="zope.site.folder.Folder")
        archive.add("demo/sub/in.txt", b"in")
        archive.edit("demo/a.txt", b"b" * 200_000)
        answer = demo.accept("/demo", archive)
        assert answer["demo/7.txt"] == b"7" * 100
        folder = demo.root["demo"]
        assert len(folder) == 22
        assert folder["a.txt"].data == b"b" * 200_000
        assert folder["sub"]["in.txt"].data == b"in"
        assert demo.accept("/demo", answer) == answer
