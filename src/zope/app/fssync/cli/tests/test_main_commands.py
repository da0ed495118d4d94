"""Every command, from its command line to its files and its exit status."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

pytestmark = pytest.mark.layout(3)

IN_CONFLICT = "C  co/demo/readme.txt\n      > both sides have a version of their own\n"

CHECKOUT = recorded_answer("checkout-demo")


class Caller(Person):
    """Runs commands in a directory, against a server that repeats one response."""

    def __init__(self, place: Path, server: RawServer) -> None:
        super().__init__(place, place)
        self.url = f"http://zsync:zsync@127.0.0.1:{server.port}"
        self._server = server

    def __call__(
        self,
        *args: str,
        answer: bytes | None = None,
        answers: Sequence[bytes] = (),
        **more: Any,
    ) -> str:
        self._server.answers[:] = [answer] if answer else answers
        return super().__call__(*args, **more)


@pytest.fixture
def zsync(tmp_path, no_proxies):
    with RawServer([]) as server:
        caller = Caller(tmp_path, server)
        caller("checkout", f"{caller.url}/demo", "co", answer=CHECKOUT)
        yield caller


@pytest.fixture
def demo(zsync):
    return zsync.place / "co" / "demo"


#: The commands that the tests below start.
STARTED: set[str] = set()


def started(command):
    """Mark a test as that of a command."""
    STARTED.add(command)
    return lambda test: test


@started("checkout")
def test_checkout(zsync, demo):
    assert (demo / "readme.txt").read_text().startswith("Hello, world.")


@started("status")
def test_status_of_another_directory(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync("-C", "co/demo", "status") == "M  readme.txt\n"


@started("diff")
def test_diff_with_its_option_behind_the_target(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("diff", "co/demo/readme.txt", "-U", "0")
    assert "\n-Hello, world.\n" in shown
    assert shown.endswith("+mine\n")


@started("cat")
def test_cat_writes_what_the_server_sent(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync("cat", "co/demo/readme.txt").startswith("Hello, world.\n")
    zsync("cat", status=2)
    zsync("cat", "co/nosuch", status=1)


@started("add")
def test_add(zsync, demo):
    (demo / "new.txt").write_text("new\n")
    (demo / "newer.txt").write_text("newer\n")
    zsync("add", "co/demo/new.txt", "co/demo/nosuch", status=1)
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
    for name in ("new/a.txt", "new/deep/b.txt", "new/b.txt~", "new/tmp/x"):
        (demo / name).parent.mkdir(parents=True, exist_ok=True)
        (demo / name).write_text("x\n")
    (demo / ".zsyncignore").write_text("tmp/\n")
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
    assert zsync("--compat", "add", "co/demo/new/tmp") == "A co/demo/new/tmp/\n"


def test_add_with_the_directories_above(zsync, demo):
    (demo / "new" / "deep").mkdir(parents=True)
    (demo / "new" / "deep" / "a.txt").write_text("x\n")
    (demo / "new" / "b.txt").write_text("x\n")
    zsync("add", "co/demo/new/deep/a.txt", status=1)
    assert zsync("add", "--parents", "co/demo/new/deep/a.txt") == (
        "A  co/demo/new/\nA  co/demo/new/deep/\nA  co/demo/new/deep/a.txt (text)\n"
    )


@started("ignore")
def test_ignore_shows_rules_and_the_one_that_decides(zsync, demo):
    (demo / ".zsyncignore").write_text("*.log\n!keep.log\n")
    (demo / "a.log").write_text("x\n")
    paths = ("co/demo/a.log", "co/demo/keep.log", "co/demo/x", "co/demo/readme.txt")
    assert zsync("ignore", *paths) == (
        "co/demo/a.log: ignored by demo/.zsyncignore:1: *.log\n"
        "co/demo/keep.log: not ignored by demo/.zsyncignore:2: !keep.log\n"
        "co/demo/x: not ignored\n"
        "co/demo/readme.txt: not ignored, it is registered\n"
    )
    zsync("ignore", *paths[1:], status=1)
    zsync("ignore", "nosuch", status=1)
    shown = zsync("-C", "co/demo", "ignore").splitlines()
    assert shown[-2:] == [
        "demo/.zsyncignore:1: *.log",
        "demo/.zsyncignore:2: !keep.log",
    ]
    assert "built in: *~" in shown
    assert "I  co/demo/a.log\n" in zsync("status", "--ignored", "co")


@started("mkdir")
def test_mkdir(zsync, demo):
    assert (
        zsync("mkdir", "co/demo/a", "co/demo/a/b") == "A  co/demo/a/\nA  co/demo/a/b/\n"
    )
    assert (demo / "a" / "b").is_dir()


@started("copy")
def test_copy(zsync, demo):
    assert "A  co/demo/copy.txt\n" in zsync(
        "cp", "co/demo/readme.txt", "co/demo/copy.txt"
    )
    assert (demo / "copy.txt").read_bytes() == (demo / "readme.txt").read_bytes()


@started("move")
def test_move_and_what_is_said_of_it(zsync, demo):
    (demo / "dir").mkdir()
    zsync("add", "co/demo/dir")
    moved = "R  co/demo/dir/readme.txt (from co/demo/readme.txt)\n"
    assert zsync("move", "-n", "co/demo/readme.txt", "co/demo/dir") == moved
    assert zsync("mv", "co/demo/readme.txt", "co/demo/dir") == moved
    shown = zsync("-C", "co/demo/dir", "status")
    assert "R  readme.txt (from ../readme.txt)\n" in shown
    assert zsync("--compat", "status", "co") == (
        "A co/demo/dir/\nA co/demo/dir/readme.txt\nR co/demo/readme.txt\n"
    )
    zsync("rename", "co/demo/dir/readme.txt", "co/demo/readme.txt")
    assert zsync("status", "co") == "A  co/demo/dir/\n"
    (demo / "readme.txt").rename(demo / "by-hand.txt")
    zsync("move", "co/demo/readme.txt", "co/demo/by-hand.txt", status=1)
    command = "move --after co/demo/readme.txt co/demo/by-hand.txt"
    assert f"now; if you moved it: 'zsync {command}'\n" in zsync("status", "co")
    assert "hint" not in zsync("status", "co", "--compat")
    zsync(*command.split())
    assert "(from co/demo/readme.txt)" in zsync("status", "co")
    zsync("move", "co/demo/by-hand.txt", status=2)


@started("remove")
def test_remove_with_targets_of_standard_input(zsync, demo):
    shown = zsync("rm", "--targets", "-", stdin="co/demo/readme.txt\n")
    assert shown == "D  co/demo/readme.txt\n"
    assert not (demo / "readme.txt").exists()


def test_remove_with_local_changes(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    zsync("remove", "co/demo/readme.txt", status=1)
    zsync("remove", "--force", "--keep-local", "co/demo/readme.txt", status=2)
    kept = zsync("remove", "-n", "--keep-local", "co/demo/readme.txt")
    assert kept == "D  co/demo/readme.txt\n"
    assert zsync("status", "co") == "M  co/demo/readme.txt\n"
    assert zsync("remove", "--force", "co/demo/readme.txt") == kept
    assert not (demo / "readme.txt").exists()


@started("revert")
def test_revert(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync("revert", "co/demo/readme.txt") == "Reverted co/demo/readme.txt\n"
    assert zsync("status", "co") == ""


@started("update")
@started("resolve")
def test_update_to_a_conflict_and_resolve_it(zsync, demo):
    theirs = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("update", "co", answer=theirs, status=3)
    assert "C  co/demo/readme.txt\n" in shown
    assert zsync("status", "co") == IN_CONFLICT
    zsync("resolve", "co", status=1)
    assert zsync("resolve", "co", "--force") == "Resolved co/demo/readme.txt\n"


@started("commit")
def test_commit_with_a_message_of_standard_input(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    refused = recorded_answer("commit-conflict")
    assert zsync("ci", "co", "-F", "-", stdin="why", answer=refused, status=5) == ""


@started("checkin")
def test_checkin(zsync):
    zsync(
        "checkin",
        f"{zsync.url}/new",
        "co",
        "-m",
        "a",
        answer=recorded_answer("checkin-file"),
    )


@started("edit")
def test_edit(zsync):
    readme = Archive({"readme.txt": b"Hello\n"})
    readme.set_entry("readme.txt", id="/readme.txt")
    file = answer(readme.dump())
    assert zsync("edit", "--app", "true", f"{zsync.url}/readme.txt", answer=file) == ""
    zsync("edit", "--app", "true", f"{zsync.url}/demo", answer=CHECKOUT, status=1)
    assert not (zsync.place / ".local/state/zsync").exists()


@started("import")
def test_import(zsync):
    plain = zsync.place / "plain"
    plain.mkdir()
    (plain / "a.txt").write_text("a\n")
    (plain / "a.txt~").write_text("old\n")
    told = [answer(status="404 Not Found"), answer(b"1 object", "text/plain")]
    shown = zsync("import", "plain", f"{zsync.url}/new", "-m", "a", answers=told)
    assert shown.endswith("1 object\n")
    assert "a.txt" in shown
    assert "a.txt~" not in shown
    zsync("import", "nosuch", f"{zsync.url}/new", "-m", "a", status=1)
    zsync("import", "plain", status=2)


@started("merge")
def test_merge(zsync, demo):
    zsync("checkout", f"{zsync.url}/demo", "other", answer=CHECKOUT)
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("merge", "co", "other")
    assert shown.endswith("Merged 1 object.\n")
    assert (zsync.place / "other/demo/readme.txt").read_text() == "mine\n"


@started("cleanup")
@started("downgrade")
@started("upgrade")
def test_care_of_a_sound_working_copy_has_nothing_to_do(zsync, demo):
    assert zsync("cleanup", "co") == ""
    zsync("downgrade", "co")
    assert (control(demo) / "Original" / "readme.txt").exists()
    zsync("upgrade", "co")
    assert not (control(demo) / "Original").exists()
    assert zsync("status", "co") == ""


@started("doctor")
def test_doctor(zsync):
    assert zsync("doctor", "co") == "No damage is left.\n"
    assert zsync("doctor", "co", "-q") == ""
    zsync("doctor", "nosuch", status=1)


@started("login")
@started("logout")
def test_login_stores_what_the_server_accepts(zsync):
    known = f"{zsync.url}/".replace(":zsync@", "@")
    zsync("login", known.replace("zsync@", "me@"), status=4)
    zsync("logout", known)
    zsync("logout", known, status=1)
    zsync("login", f"{zsync.url}/", answer=answer())
    host = zsync.url.partition("@")[2]
    assert zsync("login", "--list") == f"http://{host}  zsync\n"
    zsync("logout", known)


@started("config")
def test_config_keeps_a_setting(zsync):
    zsync("config", "set", "timeout.read", "7")
    assert zsync("config", "get", "timeout.read") == "7\n"
    zsync("config", "get", "timeout.answer", status=1)


@started("log")
def test_log_shows_what_the_server_tells(zsync):
    change = {"id": "040d55d975e08544", "time": 1764399600.0, "user": "ann"}
    change |= {"message": "why", "changes": [["M", "a.txt"]], "count": 1}
    told = json.dumps({"transactions": [change], "skip": None}).encode()
    shown = zsync(
        "log", "-v", "co/demo", answer=answer(told, "text/plain")
    ).splitlines()
    assert shown[0].startswith("040d55d975e08544  20")
    assert shown[0].endswith("  ann")
    assert shown[1:] == ["    why", "M   a.txt"]
    zsync("log", "co/demo", "co", status=2)


@started("info")
def test_info_tells_where_a_file_comes_from(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    shown = zsync("info", "co/demo/readme.txt")
    assert (
        f"url:          {zsync.url.replace(':zsync@', '@')}/demo/readme.txt\n" in shown
    )
    assert "layout:       described\n" in shown
    assert "state:        registered\n" in shown
    assert "user:         zsync\n" in shown
    (demo / "new.txt").write_text("")
    assert "state:        not registered\n" in zsync("info", "co/demo/new.txt")
    zsync("info", status=1)


def listing(**more):
    """The answer of a server to a question for a listing."""
    stream = io.BytesIO()
    repository = SnarfRepository(stream)
    top = {
        "id": "/demo",
        "type": "zope.site.folder.Folder",
        "kind": "directory",
        **more,
    }
    item = {"id": "/demo/a.txt", "type": "zope.app.file.file.File", "kind": "file"}
    for path, entries in (("", {"demo": top}), ("demo/", {"a.txt": item})):
        member = repository.writeable(f"{path}@@Zope/Entries.xml")
        member.write(dump_entries(entries))
        member.close()
    return answer(stream.getvalue(), "application/x-snarf")


@started("list")
def test_list_shows_what_is_in_a_folder_of_a_server(zsync):
    assert zsync("list", f"{zsync.url}/demo", answer=listing()) == "a.txt  File\n"
    shown = zsync("ls", "-v", "co", answer=listing())
    assert shown == "a.txt  zope.app.file.file.File\n"


@started("export")
def test_export_writes_files_alone(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    (demo / "new.txt").write_text("not registered\n")
    shown = zsync("export", "co/demo", "plain")
    plain = zsync.place / "plain"
    assert (plain / "readme.txt").read_text() == "mine\n"
    found = {path.name for path in plain.rglob("*")}
    assert not found & {"@@Zope", "new.txt"}
    assert shown.endswith(f"Exported {len(found)} files and directories.\n")
    zsync("export", "co/demo", "plain", status=1)
    (plain / "readme.txt").write_text("changed\n")
    zsync("export", "--force", "co/demo", "plain")
    assert (plain / "readme.txt").read_text() == "mine\n"
    zsync("export", "--force", "co/demo", "co/demo/sub", status=1)
    zsync("export", status=2)


@started("explain")
def test_explain_tells_what_the_server_says(zsync):
    told = {"synchronizer": "some.Synchronizer", "passed-over": "another"}
    shown = zsync("explain", "co/demo", answer=listing(**told))
    assert "synchronizer: some.Synchronizer\npassed over:  another\n" in shown
    assert "file:         co/demo/\n" in shown
    zsync("explain", f"{zsync.url}/demo", answer=listing(), status=6)


@started("prop")
def test_prop_shows_and_changes_what_is_beside_the_content(zsync, demo):
    assert "contentType: text/plain\n" in zsync("prop", "list", "co/demo/readme.txt")
    changed = zsync("prop", "set", "co/demo/readme.txt", "title", "Read me")
    assert changed == " M co/demo/readme.txt\n"
    assert zsync("prop", "get", "co/demo/readme.txt", "title") == "Read me\n"
    zsync("prop", "set", "co/demo/readme.txt", "title", "\udcff", status=2)


@started("attach")
def test_attach_leaves_a_working_copy_alone(zsync):
    zsync("attach", f"{zsync.url}/demo", "co", status=1)
    assert zsync("status", "co") == ""


@pytest.mark.parametrize(
    "entries",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><entries>&a;</entries>',
        b"<pickle><string>x</string></pickle>",
        b'<entries><entry name="../x" /></entries>',
    ],
    ids=["doctype", "pickle", "path"],
)
def test_unsafe_data_from_the_server_is_not_damage_of_the_working_copy(zsync, entries):
    path = b"@@Zope/Entries.xml"
    archive = b"%08d %s\n%s" % (len(entries), path, entries)
    before = snapshot(zsync.place / "co")
    for command in (["update", "co"], ["checkout", f"{zsync.url}/demo", "other"]):
        zsync(*command, answer=answer(archive), status=8)
        assert "unsafe" in zsync.said
        assert "doctor" not in zsync.said
    assert snapshot(zsync.place / "co") == before
    assert not (zsync.place / "other").exists()


@started("types")
def test_types_lists_what_can_be_made(zsync):
    made = {"factory": "zope.app.file.File", "kind": "file", "title": "File"}
    told = json.dumps({"types": [made], "names": {}}).encode()
    shown = zsync("types", "co/demo", answer=answer(told, "text/plain"))
    assert "zope.app.file.File" in shown


@started("undo")
def test_undo_takes_the_last_command_back(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    zsync("revert", "co/demo/readme.txt")
    assert "revert" in zsync("undo", "--list", "co")
    zsync("undo", "co")
    assert (demo / "readme.txt").read_text() == "mine\n"


@started("annotate")
def test_annotate_shows_who_wrote_each_line(zsync):
    change = {"id": "040d55d975e08544", "time": 1764399600.0, "user": "ann"}
    change |= {"message": "why", "changes": [["A", "readme.txt"]], "count": 1}
    told = json.dumps({"transactions": [change], "skip": None}).encode()
    archive = Archive()
    archive.set_entry("readme.txt", type="file")
    archive["readme.txt"] = b"one\ntwo\n"
    answers = [
        answer(archive.dump()),
        answer(told, "text/plain"),
        *[answer(status="404 Not Found")] * 3,  # also of the folders above
    ]
    path = "co/demo/readme.txt"
    shown = zsync("annotate", "-r", change["id"], path, answers=answers).splitlines()
    assert [line.split()[-1] for line in shown] == ["one", "two"]
    assert all("ann" in line for line in shown)


@started("relocate")
def test_relocate_asks_for_the_object_and_writes_the_url(zsync):
    host = zsync.url.rpartition("@")[2]
    old, new = f"http://{host}/demo", f"http://{host}/prefix/demo"
    root = control(zsync.place / "co") / "Root"
    before = root.read_text()
    zsync("relocate", "http://other/demo", new, "co", status=1)
    other = listing(id="/other/demo")
    zsync("relocate", old, new, "co", answer=other, status=1)
    assert root.read_text() == before
    shown = zsync("relocate", old, new, "co", answer=listing())
    assert shown == f"The URL is http://zsync@{host}/prefix/demo\n"
    assert root.read_text() == f"http://zsync@{host}/prefix/demo\n"
    assert zsync("status", "co") == ""


def test_every_command_is_started():
    assert {line[0].__name__ for line in command_table} == STARTED


@pytest.mark.parametrize("name", sorted(line[0].__name__ for line in command_table))
def test_every_command_shows_its_help(capfd, name):
    assert main([name, "--help"]) == 0
    shown = capfd.readouterr().out
    assert shown.startswith(f"zsync {name}")
    examples = shown.partition("\nExamples:\n")[2].splitlines()
    assert [line[:4] for line in examples[:4]] == ["  # ", "  zs", "  # ", "  zs"]
