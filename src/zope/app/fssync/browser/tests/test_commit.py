"""A commit changes objects, all of them or none."""

from __future__ import annotations

import transaction
from transaction.interfaces import TransientError

from zope.app.fssync.browser import commit
from zope.app.fssync.browser.tests.onefile import demo as demo
from zope.app.fssync.browser.tests.onefile import refused
from zope.app.fssync.testing.serversite import Archive


def test_an_empty_body_is_no_commit(demo):
    response = demo.request("POST", "/demo/@@fromFS.snarf", "manager")
    assert response.text == "Up-to-date check failed:\ndemo\n"


def test_raise_makes_a_conflict_an_error(demo):
    archive = demo.checkout("/demo")
    demo.root["demo"]["a.txt"].data = b"b"
    demo.commit()
    response = demo.submit("/demo", archive, query="?raise=1")
    refused(response, 409, "demo/a.txt")


def test_every_failure_is_told_with_its_path(demo):
    archive = demo.checkout("/demo")
    archive.add("demo/one", b"", factory="os.system")
    archive.add("demo/two", b"", keytype="os.system", type="builtins.str")
    archive.add("demo/three", b"nonsense", type="builtins.str")
    response = demo.submit("/demo", archive)
    assert response.status_int == 400
    assert "os.system" in response.text
    assert list(demo.root["demo"]) == ["a.txt"]


def test_one_failure_undoes_all(demo):
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"b")
    archive.add("demo/bad", b"", factory="no.such.factory")
    response = demo.submit("/demo", archive)
    refused(response, 400, "demo/bad: 'no.such.factory' is not allowed")
    assert demo.root["demo"]["a.txt"].data == b"a"


def test_a_conflict_of_the_database_repeats_the_request(demo, monkeypatch):
    calls = []

    class Racing(commit.Commit):
        def perform(self, *args):
            calls.append(args)
            super().perform(*args)
            if len(calls) < 3:
                raise TransientError

    monkeypatch.setattr(commit, "Commit", Racing)
    archive = demo.checkout("/demo")
    archive.edit("demo/a.txt", b"b")
    demo.accept("/demo", archive)
    assert len(calls) == 3
    transaction.abort()
    assert demo.root["demo"]["a.txt"].data == b"b"


def test_a_single_file_is_committed_alone(demo):
    archive = demo.checkout("/demo/a.txt")
    archive.edit("a.txt", b"b")
    demo.accept("/demo/a.txt", archive)
    assert demo.root["demo"]["a.txt"].data == b"b"


def test_annotations_are_changed_and_removed(demo):
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


def test_a_client_may_leave_out_what_it_did_not_change(demo):
    full = demo.checkout("/demo")
    slim = Archive(
        (path, data) for path, data in full.items() if "/Original/" not in path
    )
    assert demo.accept("/demo", slim) == full
    demo.root["demo"]["a.txt"].data = b"changed"
    demo.commit()
    assert "demo/a.txt" in demo.submit("/demo", slim).text


def test_clean_ups_after_each_object_change_no_answer(demo, monkeypatch):
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
