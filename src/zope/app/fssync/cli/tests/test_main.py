"""zsync from its command line to its exit status, with answers of a real 3.6.0."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import terminal
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.processes import zsync_command
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)

CHECKOUT = recorded_answer("checkout-demo")

IN_CONFLICT = "C  co/demo/readme.txt\n      > both sides have a version of their own\n"

#: The same tree after somebody else changed the first line of a file.
CHANGED = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, no_proxies):
    """A directory and a home of its own, and no proxies."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ZSYNC_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server():
    with RawServer([]) as server:
        yield server


@pytest.fixture
def zsync(server, capfd):
    """Run a command; the answers are those of the server."""

    def run(*args, answers=()):
        server.answers[:] = answers
        status = main([*args])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        assert "zsync:zsync" not in captured.out + captured.err
        return status, captured.out, captured.err

    return run


@pytest.fixture
def copy(server, zsync, place):
    """A working copy of the recorded tree."""
    url = f"http://zsync:zsync@127.0.0.1:{server.port}/demo"
    status, out, err = zsync("checkout", url, "co", answers=[CHECKOUT])
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == "Checked out 16 objects."
    assert "A  co/demo/readme.txt" in out.splitlines()
    return place / "co"


def test_checkout_keeps_the_password_to_itself(copy, server, place):
    root = control(copy) / "Root"
    assert root.read_text() == f"http://zsync@127.0.0.1:{server.port}/demo\n"
    tokens = place / "home" / ".zsyncpass"
    assert tokens.stat().st_mode & 0o777 == 0o600
    assert b"zsync enN5bmM6enN5bmM=\n" in tokens.read_bytes()
    for path in copy.rglob("*"):
        if path.is_file():
            assert b"zsync:zsync" not in path.read_bytes()


def test_the_kept_password_is_used(copy, zsync, server):
    status, out, err = zsync("update", "co", answers=[CHECKOUT])
    assert (status, out, err) == (0, "Up to date.\n", "")
    assert server.requests[-1].header("Authorization") == "Basic enN5bmM6enN5bmM="


def test_checkout_with_a_user_as_option(zsync, server):
    home = Path(os.environ["HOME"])
    line = f"http 127.0.0.1:{server.port} z@x dG9rZW4=\n"
    (home / ".zsyncpass").write_text(line)
    (home / ".zsyncpass").chmod(0o600)
    url = f"http://127.0.0.1:{server.port}/demo"
    status, _, _ = zsync("co", "-u", "z@x", url, answers=[CHECKOUT])
    assert status == 0
    assert server.requests[0].header("Authorization") == "Basic dG9rZW4="
    assert (control(Path.cwd()) / "Root").read_text() == url.replace(
        "//", "//z%40x@"
    ) + "\n"


def test_status_and_diff(copy, zsync):
    assert zsync("status", "co") == (0, "", "")
    (copy / "demo" / "readme.txt").write_bytes(b"Hello, world.\nSecond line.\n")
    (copy / "demo" / "stray.txt").write_bytes(b"x")
    expected = "M  co/demo/readme.txt\n?  co/demo/stray.txt\n"
    assert zsync("st", "co") == (0, expected, "")
    status, out, _ = zsync("stat", "-v", "co")
    assert status == 0
    assert "   co/demo/bare.txt" in out.splitlines()
    assert "   co/demo/" in out.splitlines()
    status, out, err = zsync("di", "-U", "0", "co/demo/readme.txt")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Index: co/demo/readme.txt"
    stamp = r"\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} [+-]\d{4}"
    names = ["--- a/co/demo/readme.txt", "+++ b/co/demo/readme.txt"]
    assert lines[1:3] == names
    assert lines[3:] == ["@@ -3 +2,0 @@", "-Third line."]
    lines = zsync("--compat", "diff", "-u", "co/demo/readme.txt")[1].splitlines()
    assert re.fullmatch(r"--- co/demo/@@Zope/Original/readme\.txt" + stamp, lines[1])
    assert re.fullmatch(r"\+\+\+ co/demo/readme\.txt" + stamp, lines[2])
    lines = zsync("diff", "--normal", "co")[1].splitlines()
    assert lines[1:] == ["3d2", "< Third line."]
    assert zsync("diff", "--stat", "co")[1].splitlines() == [
        " co/demo/readme.txt |    1 -",
        " 1 file changed, 0 added, 1 removed",
    ]
    assert zsync("diff", "--normal", "-u", "co")[0] == 2
    assert zsync("diff", "--brief", "co")[1].endswith(" differ\n")


def test_a_commit_that_is_not_up_to_date(copy, zsync):
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    before = snapshot(copy)
    status, out, err = zsync(
        "commit", "co", answers=[recorded_answer("commit-conflict")]
    )
    assert (status, out) == (5, "")
    lines = err.splitlines()
    assert lines[:3] == [
        "zsync: Up-to-date check failed:",
        "demo/both.txt",
        "demo/data.bin",
    ]
    assert "demo/utf8.txt" in lines
    assert "update" in lines[-1]
    assert snapshot(copy) == before


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        (
            "commit-unauthorized",
            4,
            "zsync: HTTP error 401 (Unauthorized) for /demo",
        ),
        (
            "commit-conflict-raise",
            6,
            "zsync: HTTP error 500 (Internal Server Error) for /demo: System Error",
        ),
        (
            "checkout-missing",
            6,
            "zsync: /demo is no longer there: HTTP error 404 (Not Found)",
        ),
    ],
)
def test_a_commit_that_is_refused(copy, zsync, name, status, text):
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    before = snapshot(copy)
    code, out, err = zsync("commit", "-r", "co", answers=[recorded_answer(name)])
    assert (code, out) == (status, "")
    assert err.splitlines()[0] == text
    assert "<" not in err
    assert snapshot(copy) == before


def test_a_conflict_is_merged_marked_and_told(copy, zsync):
    readme = copy / "demo" / "readme.txt"
    readme.write_bytes(b"Goodbye.\nSecond line.\nThird line.\n")
    status, out, err = zsync("update", "co", answers=[CHANGED])
    assert status == 3
    assert "C  co/demo/readme.txt" in out.splitlines()
    assert out.splitlines()[-1] == "Updated: 1 in conflict."
    assert "co/demo/readme.txt" in err
    assert "zsync resolve" in err
    lines = readme.read_bytes().splitlines()
    assert lines[0] == b"<<<<<<< demo/readme.txt (mine)"
    assert lines[1:4] == [b"Goodbye.", b"=======", b"Hallo, Welt!!"]
    assert lines[4].startswith(b">>>>>>> ")
    assert zsync("status", "co") == (0, IN_CONFLICT, "")
    assert zsync("--compat", "status", "co") == (0, "M co/demo/readme.txt\n", "")

    status, out, err = zsync("resolve", "co")
    assert (status, out) == (1, "")
    assert err.startswith(
        "zsync: conflict markers are left in 'co/demo/readme.txt'\nhint: Nothing was "
    )
    assert zsync("status", "co") == (0, IN_CONFLICT, "")
    readme.write_bytes(b"Goodbye, Welt.\n")
    assert zsync("resolve", "co") == (0, "Resolved co/demo/readme.txt\n", "")
    assert zsync("resolve", "co") == (0, "", "")
    assert zsync("status", "co") == (0, "M  co/demo/readme.txt\n", "")
    assert zsync("update", "co", answers=[CHANGED])[0] == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--force"], "Resolved co/demo/readme.txt\n"),
        (["--force", "--quiet"], ""),
        # As release 3.6.0 did it: unchecked, and without a word.
        (["--compat"], ""),
    ],
)
def test_resolve_can_be_told_to_keep_the_markers(copy, zsync, args, said):
    (copy / "demo" / "readme.txt").write_bytes(b"Goodbye.\n")
    assert zsync("update", "co", answers=[CHANGED])[0] == 3
    assert zsync("resolve", "co", *args) == (0, said, "")
    assert zsync("status", "co") == (0, "M  co/demo/readme.txt\n", "")


def test_a_change_of_the_server_is_taken(copy, zsync):
    status, out, err = zsync("up", "co", answers=[CHANGED])
    assert (status, err) == (0, "")
    assert "U  co/demo/readme.txt" in out.splitlines()
    assert (copy / "demo" / "readme.txt").read_bytes().startswith(b"Hallo")


@pytest.mark.parametrize(
    "given",
    [
        CHANGED[:5000],
        CHANGED[:-1],
        answer(b"00000009 demo/x\nabc"),
        answer(b"garbage"),
        answer(b"<h1>Hello</h1>", "text/html"),
        b"",
    ],
)
def test_an_archive_that_is_not_whole_changes_nothing(copy, zsync, given):
    before = snapshot(copy)
    closing = given.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    status, out, err = zsync(
        "update", "co", answers=[closing or (lambda connection: None)]
    )
    assert (status, out) == (6, "")
    assert err.strip()
    assert snapshot(copy) == before


def test_an_archive_that_escapes_is_refused(copy, zsync, place):
    before = snapshot(copy)
    escaping = answer(b"00000001 ../evil\nx", extra="Connection: close\r\n")
    status, out, _ = zsync("update", "co", answers=[escaping])
    assert (status, out) == (8, "")
    assert snapshot(copy) == before
    assert not (place / "evil").exists()


def test_nobody_listens(zsync, place):
    status, out, err = zsync("checkout", "http://127.0.0.1:1/demo", "co")
    assert (status, out) == (6, "")
    assert err.startswith(
        "zsync: cannot reach http://127.0.0.1:1: Connection refused\n"
    )
    assert not (control(place / "co")).exists()


def test_a_url_that_is_none(zsync):
    status, _, err = zsync("checkout", "ftp://u:geheim@h/x")
    assert status == 1
    assert err.startswith("zsync: root url must be 'http', 'https', or 'zsync+ssh'")
    assert "geheim" not in err


def test_checkout_refuses_a_target_that_is_a_file(zsync, server, place):
    (place / "file").write_text("x")
    url = f"http://127.0.0.1:{server.port}/demo"
    status, _, err = zsync("checkout", url, "file", answers=[CHECKOUT])
    assert status == 1
    assert "should be a directory" in err
    assert (place / "file").read_text() == "x"
    assert not server.requests


@pytest.mark.parametrize("command", ["commit", "update", "revert"])
def test_outside_of_a_working_copy(zsync, place, command):
    (place / "x").write_text("x")
    status, out, err = zsync(command, "x")
    assert (status, out) == (1, "")
    assert err.strip()
    assert (place / "x").read_text() == "x"


def test_a_damaged_metadata_file(copy, zsync):
    (control(copy / "demo") / "Entries.xml").write_bytes(b"<entries>")
    before = snapshot(copy)
    for command in ("status", "update", "commit"):
        status, _, err = zsync(command, "co", answers=[CHECKOUT])
        assert status == 7, command
        assert "Entries.xml" in err
    assert snapshot(copy) == before


@pytest.mark.layout(2)
def test_add_passes_over_the_control_data_that_a_pattern_names(
    copy, zsync, monkeypatch
):
    monkeypatch.chdir(copy)
    Path("demo/new.txt").write_text("x")
    status, out, err = zsync("add", "demo/@@Zope", "demo/new.txt")
    assert (status, out) == (0, "A  demo/new.txt (text)\n")
    assert err == (
        "hint: 'demo/@@Zope' is control data of the working copy; it is not added\n"
    )
    status, out, err = zsync("add", "demo/@@Zope")
    assert (status, out) == (8, "")
    assert "control data" in err


def test_add_passes_over_descriptions(copy, zsync, monkeypatch):
    monkeypatch.chdir(copy / "demo")
    Path("new.txt").write_text("x")
    assert zsync("add", "@@.meta", "new.txt") == (0, "A  new.txt (text)\n", "")


def test_add_and_remove(copy, zsync, monkeypatch):
    monkeypatch.chdir(copy / "demo")
    Path("new.txt").write_text("x")
    added = (0, "A  new.txt (some.Factory)\n", "")
    assert zsync("add", "-f", "some.Factory", "new.txt") == added
    assert zsync("mkdir", "made") == (0, "A  made/\n", "")
    assert zsync("rm", "utf8.txt") == (0, "D  utf8.txt\n", "")
    assert zsync("copy", "logo.png", "made")[0] == 0
    assert zsync("revert", "utf8.txt") == (0, "Reverted utf8.txt\n", "")
    status, out, err = zsync("add", "nosuch")
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "zsync: nothing known about 'nosuch'"


def test_checkin(copy, zsync, server):
    url = f"http://zsync:zsync@127.0.0.1:{server.port}/new%20one"
    status, _, err = zsync(
        "checkin", "-m", "a & b", url, "co", answers=[recorded_answer("checkin-file")]
    )
    assert (status, err) == (0, "")
    assert server.requests[-1].line == (
        "POST /@@checkin.snarf?note=a%20%26%20b&name=new%20one&src=demo"
        "&report=1 HTTP/1.1"
    )


def test_the_message_of_a_file(copy, zsync, server, place):
    (place / "message").write_text("from a file\n")
    assert zsync("ci", "-F", "message", "co", answers=[CHECKOUT])[0] == 0
    assert server.requests[-1].line == (
        "POST /demo/@@fromFS.snarf?note=from%20a%20file%0A HTTP/1.1"
    )
    assert zsync("ci", "-F", "nosuch", "co")[0] == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("args", [["co", "-n"], ["-n", "co"], ["co", "--dry-run"]])
def test_commit_rehearses_wherever_the_option_stands(copy, zsync, server, args):
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    before = snapshot(copy)
    status, _, err = zsync("commit", *args, answers=[CHECKOUT])
    assert status == 0
    # The recorded answer has the file as it was: it was not taken.
    assert err.splitlines()[0].startswith("warning: the server has ")
    assert err.splitlines()[1:] == ["Nothing was changed, this was a rehearsal."]
    assert server.requests[-1].line.startswith("POST /demo/@@rehearse-commit.snarf?")
    assert snapshot(copy) == before


def test_commit_takes_the_message_behind_a_target(copy, zsync, server):
    assert zsync("commit", "co", "-m", "why", answers=[CHECKOUT])[0] == 0
    assert "?note=why " in server.requests[-1].line


def test_a_name_that_begins_with_a_dash_stands_behind_two(copy, zsync, monkeypatch):
    monkeypatch.chdir(copy / "demo")
    Path("-n").write_text("x")
    assert zsync("add", "--", "-n") == (0, "A  -n (text)\n", "")


@pytest.mark.parametrize(
    "args",
    [
        ["commit"],
        ["update"],
        ["resolve"],
        ["revert"],
        ["remove"],
        ["diff"],
        ["add"],
        ["status"],
        ["doctor"],
        ["cleanup"],
        ["downgrade"],
    ],
)
@pytest.mark.parametrize("known", [[], ["co/demo/readme.txt"], ["co/demo/new.txt"]])
def test_an_unknown_target_stops_a_command_before_it_starts(
    copy, zsync, server, args, known
):
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    (copy / "demo" / "new.txt").write_bytes(b"new\n")
    before, asked = snapshot(copy), len(server.requests)
    status, out, err = zsync(*args, *known, "co/demo/nosuch")
    assert (status, out) == (1, "")
    assert "nothing known about 'co/demo/n" in err
    assert snapshot(copy) == before
    assert len(server.requests) == asked


def test_remove_does_not_take_a_directory_for_what_is_in_it(copy, zsync):
    before = snapshot(copy)
    status, out, _ = zsync("remove", "co/demo/utf8.txt", "co")
    assert (status, out) == (1, "")
    assert snapshot(copy) == before


def test_a_command_works_in_another_directory(copy, zsync, place):
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    for args in (["-C", "co/demo", "status"], ["status", "-C", "co", "-C", "demo"]):
        assert zsync(*args) == (0, "M  readme.txt\n", "")
    assert Path.cwd() == place
    status, _, err = zsync("-C", "nosuch", "status")
    assert (status, err) == (1, "zsync: nosuch: No such file or directory\n")


def test_a_quiet_command_prints_only_what_went_wrong(copy, zsync):
    assert zsync("update", "-q", "co", answers=[CHANGED]) == (0, "", "")
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    assert zsync("status", "-q", "co") == (0, "M  co/demo/readme.txt\n", "")
    assert zsync("-q", "--compat", "status", "co") == (0, "M co/demo/readme.txt\n", "")
    assert zsync("-q", "revert", "co/demo/readme.txt") == (0, "", "")
    status, out, err = zsync("-q", "revert", "nosuch")
    assert (status, out, err[:7]) == (1, "", "zsync: ")


def test_a_verbose_command_lists_files_to_which_nothing_happened(copy, zsync):
    status, out, _ = zsync("update", "-v", "co", answers=[CHECKOUT])
    assert status == 0
    assert "   co/demo/readme.txt" in out.splitlines()
    assert "   co/demo/" in out.splitlines()


@pytest.mark.parametrize("separator", ["\n", "\0"])
def test_targets_of_a_file(copy, zsync, place, separator):
    targets = ["co/demo/readme.txt", "co/demo/utf8.txt"]
    (place / "targets").write_text(separator.join([*targets, ""]))
    for target in targets:
        Path(target).write_bytes(b"mine\n")
    expected = "".join(f"M  {target}\n" for target in targets)
    assert zsync("status", "--targets", "targets") == (0, expected, "")
    (place / "targets").write_text(separator)
    status, out, err = zsync("revert", "--targets", "targets")
    assert (status, out) == (2, "")
    assert "there are no targets in targets" in err
    assert Path(targets[0]).read_bytes() == b"mine\n"


def test_names_that_would_steer_the_terminal(copy, zsync):
    (copy / "demo" / "a\x1b[2J").write_text("x")
    (copy / "demo" / os.fsdecode(b"b\xff")).write_text("x")
    assert zsync("status", "co") == (
        0,
        "?  co/demo/a\\x1b[2J\n?  co/demo/b\\xff\n",
        "",
    )


def test_logout(zsync, copy, server):
    url = f"http://zsync@127.0.0.1:{server.port}/demo"
    assert zsync("logout", url) == (0, "", "")
    assert zsync("logout", url) == (1, "", "zsync: matching login info not found\n")


# In a process of its own


def start(*args, stdin=subprocess.DEVNULL, **more):
    return subprocess.Popen(
        zsync_command(*args),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def test_without_a_terminal_nobody_is_asked(server, copy):
    Path(os.environ["HOME"], ".zsyncpass").unlink()
    with start("update", "co") as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (4, b"")
    assert b"no terminal to ask" in err
    assert b"zsync login" in err


def test_targets_and_messages_come_from_standard_input(server, copy):
    server.answers[:] = [CHECKOUT]
    with start("commit", "-F", "-", "co", stdin=subprocess.PIPE) as process:
        process.communicate("grün & rot".encode())
    assert process.returncode == 0
    assert "?note=gr%C3%BCn%20%26%20rot " in server.requests[-1].line
    (copy / "demo" / "readme.txt").write_bytes(b"mine\n")
    with start("revert", "--targets=-", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate(b"co/demo/readme.txt\n")
    assert out == b"Reverted co/demo/readme.txt\n"
    with start("commit", "--targets=-", "-F-", stdin=subprocess.PIPE) as process:
        _, err = process.communicate(b"co\n")
    assert process.returncode == 2
    assert b"standard input cannot hold both" in err


def test_an_interrupt_ends_a_transfer_and_changes_nothing(server, copy):
    def interrupt(connection):
        connection.sendall(answer(b"00000009 x", length=1000))
        process.send_signal(signal.SIGINT)
        connection.recv(1)

    before = snapshot(copy)
    server.answers[:] = [interrupt]
    with start("update", "co") as process:
        out, err = process.communicate()
    assert process.returncode == 130
    assert (out, err) == (b"", b"zsync: interrupted\n")
    assert snapshot(copy) == before


def test_a_reader_that_leaves_stops_nothing(copy):
    with start("status", "-v", "co") as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def talk(args, expected, reply):
    """Run zsync on a terminal; returns the exit status and what was shown."""
    return terminal.talk(args, (expected, reply))


def test_a_terminal_shows_what_is_waited_for(server, copy):
    def wait(connection):
        connection.recv(1)  # until the client is interrupted

    server.answers[:] = [wait]
    status, shown = talk(["update", "co"], b"waiting ...", b"\x03")
    assert status == 130
    assert b"interrupted" in shown


# A server that has removed nearly everything


def emptied(*numbers):
    """The answer with these files."""
    objects = {f"demo/{number}.txt": b"text\n" for number in numbers}
    archive = Server({"demo": None, **objects}).archive("demo")
    return answer(archive)


@pytest.fixture
def full(server, zsync, place):
    url = f"http://zsync:zsync@127.0.0.1:{server.port}/demo"
    zsync("checkout", url, "co", answers=[emptied(*range(30))])
    return place / "co" / "demo"


def test_a_script_deletes_much_only_if_it_says_so(full, zsync):
    before = snapshot(full)
    status, out, err = zsync("update", "co", answers=[emptied(1)])
    assert status == 1
    assert "the update deletes 29 of 30 files in co/demo" in err
    assert "--accept-deletions" in err
    assert out == ""
    assert snapshot(full) == before
    status, out, _ = zsync("update", "--accept-deletions", "co", answers=[emptied(1)])
    assert status == 0
    assert out.count("D  co/demo/") == 29
    assert len(list(full.glob("*.txt"))) == 1


@pytest.mark.parametrize(("reply", "left"), [(b"yes\n", 1), (b"no\n", 30)])
def test_a_person_is_asked_before_much_is_deleted(full, server, reply, left):
    server.answers[:] = [emptied(1)]
    status, shown = talk(["update", "co"], b"Delete them? (yes/no) ", reply)
    assert b"the update deletes 29 of 30 files in co/demo." in shown
    assert status == (0 if left == 1 else 1)
    assert len(list(full.glob("*.txt"))) == left
