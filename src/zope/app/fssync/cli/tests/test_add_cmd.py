"""zsync add."""

import json
import socket

import pytest

from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.testing.rawserver import answer

pytestmark = pytest.mark.layout(3)


def test_add(zsync, demo):
    (demo / "new.txt").write_text("new\n")
    (demo / "newer.txt").write_text("newer\n")
    said = zsync.refused("add", "co/demo/new.txt", "co/demo/nosuch")
    assert said.startswith("zsync: nothing known about 'co/demo/nosuch'\n")
    assert zsync("status", "co").count("?  ") == 2
    assert zsync(
        "add", "co/demo/new.txt", "co/demo/newer.txt", "-f", "some.Factory"
    ) == ("A  co/demo/new.txt (some.Factory)\nA  co/demo/newer.txt (some.Factory)\n")


def test_add_says_what_each_file_is(zsync, demo):
    for name, data in {
        "cut.txt": b"a" * 65_535 + "ü\n".encode(),
        "late.dat": b"a" * 70_000 + b"\0",
        "wide.csv": "a;b\n".encode("utf-16"),
        "logo.gif": b"GIF89a\0",
    }.items():
        (demo / name).write_bytes(data)
    assert zsync("add", "co/demo") == (
        "A  co/demo/cut.txt (text)\n"
        "A  co/demo/late.dat (binary)\n"
        "A  co/demo/logo.gif (binary)\n"
        "A  co/demo/wide.csv (text)\n"
    )
    assert zsync("status", "co").splitlines()[0] == "A  co/demo/cut.txt"


def test_add_of_a_directory_with_its_content(zsync, demo):
    for name in ("new/a.txt", "new/deep/b.txt", "new/b.txt~", "new/cache/x"):
        (demo / name).parent.mkdir(parents=True, exist_ok=True)
        (demo / name).write_text("x\n")
    (demo / ".zsyncignore").write_text("cache/\n")
    added = (
        "A  co/demo/new/\nA  co/demo/new/a.txt (text)\nA  co/demo/new/deep/\n"
        "A  co/demo/new/deep/b.txt (text)\n"
    )
    assert zsync("add", "-n", "co/demo/new") == added
    assert zsync("status", "co") == "?  co/demo/new/\n"
    assert zsync("add", "-N", "co/demo/new") == "A  co/demo/new/\n"
    assert zsync("revert", "co") == "Reverted co/demo/new/\n"
    assert zsync("add", "co/demo/new") == added
    assert zsync("add", "co/demo") == ""
    (demo / "new" / "c.txt").write_text("x\n")
    assert zsync("add", "co/demo") == "A  co/demo/new/c.txt (text)\n"
    assert zsync("--compat", "add", "co/demo/new/cache") == "A co/demo/new/cache/\n"


def test_add_goes_on_in_a_directory_that_was_just_added(zsync, demo):
    zsync("mkdir", "co/demo/new")
    (demo / "new" / "a.txt").write_text("x\n")
    assert zsync("add", "co/demo/new") == "A  co/demo/new/a.txt (text)\n"
    assert "already registered" in zsync.refused("add", "-N", "co/demo/new")


def test_add_in_the_root_of_a_working_copy_goes_through_all(zsync, demo):
    (demo / "new.txt").write_text("x\n")
    (zsync.place / "co" / "mine.txt").write_text("x\n")
    assert zsync("-C", "co", "add", ".") == "A  demo/new.txt (text)\n"
    said = zsync.refused("add", "co/mine.txt")
    assert "The root of a working copy is no object" in said
    for verb in ("copy", "move"):
        said = zsync.refused(verb, "co/demo/readme.txt", "co/there.txt")
        assert "The root of a working copy is no object" in said


def test_add_with_the_directories_above(zsync, demo):
    (demo / "new" / "deep").mkdir(parents=True)
    (demo / "new" / "deep" / "a.txt").write_text("x\n")
    (demo / "new" / "b.txt").write_text("x\n")
    zsync("add", "co/demo/new/deep/a.txt", status=1)
    assert zsync("add", "--parents", "co/demo/new/deep/a.txt") == (
        "A  co/demo/new/\nA  co/demo/new/deep/\nA  co/demo/new/deep/a.txt (text)\n"
    )


def test_add_asks_the_server_for_classes(zsync, demo):
    (demo / "new.txt").write_text("x\n")
    (demo / "what").write_text("x\n")
    told = json.dumps({"types": [], "names": {"new.txt": "some.File", "what": None}})
    added, other, *classes = zsync.items(
        *("add", "-v", "co/demo/new.txt", "co/demo/what"),
        answer=answer(told.encode(), "text/plain"),
    )
    assert (added["action"], added["path"]) == ("added", "co/demo/new.txt")
    assert other["detail"] == "text"
    assert classes == [
        {"path": "co/demo/new.txt", "type": "some.File"},
        {"path": "co/demo/what", "type": None},
    ]


def test_add_succeeds_where_the_server_does_not_answer(zsync, demo):
    (demo / "new.txt").write_text("x\n")
    lost = answer(status="503 Service Unavailable")
    zsync("add", "-v", "co/demo/new.txt", answers=[lost] * 9)
    assert "their classes are not known: " in zsync.said
    assert zsync("status", "co") == "A  co/demo/new.txt\n"


def test_add_by_a_name_works_without_the_server_once_it_was_asked(zsync, demo):
    for name in ("a.pt", "b.pt"):
        (demo / name).write_text("x\n")
    lost = [socket.socket.close] * 9
    said = zsync.refused("add", "-f", "Page", "co/demo/a.pt", status=6, answers=lost)
    assert "'add -f' with a dotted name works without it" in said
    page = {"factory": "some.Page", "kind": "file", "title": "Page"}
    told = json.dumps({"types": [page], "names": {}}).encode()
    for name, answers in (("a.pt", [answer(told, "text/plain")]), ("b.pt", lost)):
        added = zsync("add", "-f", "Page", f"co/demo/{name}", answers=answers)
        assert added == f"A  co/demo/{name} (some.Page)\n"
    assert "what the server said last counts" in zsync.said


def test_add_warns_of_a_factory_that_the_server_does_not_know(zsync, demo):
    (demo / "new.txt").write_text("x\n")
    told = json.dumps({"types": [], "names": {"new.txt": "some.File"}}).encode()
    shown = zsync(
        *("add", "-v", "-f", "no.Such", "co/demo/new.txt"),
        answer=answer(told, "text/plain"),
    )
    assert shown == "A  co/demo/new.txt (no.Such)\n   co/demo/new.txt: no.Such\n"
    assert "does not say that it can make 'no.Such' in co/demo" in zsync.said


def test_add_needs_a_target(zsync):
    assert "add requires at least one TARGET" in zsync.refused("add", status=2)


def test_add_without_the_server_remembers_what_was_listed(zsync, demo):
    page = {"factory": "some.Page", "kind": "file", "title": "Page"}
    told = json.dumps({"types": [page], "names": {}}).encode()
    zsync("types", "co/demo", answer=answer(told, "text/plain"))
    (demo / "a.pt").write_text("x\n")
    lost = [socket.socket.close] * 9
    added = zsync("add", "-f", "Page", "co/demo/a.pt", answers=lost)
    assert added == "A  co/demo/a.pt (some.Page)\n"
    assert "what the server said last counts" in zsync.said


def test_types_are_listed_while_another_command_is_at_work(zsync, demo):
    page = {"factory": "some.Page", "kind": "file", "title": "Page"}
    told = json.dumps({"types": [page], "names": {}}).encode()
    with Lock(str(demo.parent / ".zsync" / "Lock"), "zsync update"):
        shown = zsync("types", "co/demo", answer=answer(told, "text/plain"))
    assert shown == "some.Page  Page\n"
