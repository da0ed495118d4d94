"""A person edits an object of a demo server: scripts stand for editors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.demo.instance import Instance
from zope.app.fssync.testing.demoserver import LOGIN
from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import demo
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import zsync_command

__all__ = ["demo"]

pytestmark = pytest.mark.slow

#: What the scripts of editors can do: write, be saved, and be somebody else.
HEAD = """
import sys, time, base64, urllib.request
from pathlib import Path
path = Path(sys.argv[-1])
def ask(body=None):
    request = urllib.request.Request({url!r}, data=body)
    request.method = "GET" if body is None else "PUT"
    token = base64.b64encode(b"zsync:zsync").decode()
    request.add_header("Authorization", "Basic " + token)
    request.add_header("Content-Type", "text/plain")
    return urllib.request.urlopen(request, timeout=60).read().decode()
def save(text):
    path.write_text(text)
def others(old, new):
    ask(ask().replace(old, new).encode())
def until(text):
    end = time.monotonic() + 60
    while text not in ask():
        assert time.monotonic() < end, ask()
def taken(text):
    copy = path.parent.parent / "copy" / path.name
    end = time.monotonic() + 60
    while text not in copy.read_text():
        assert time.monotonic() < end
def runs():
    runs = Path({runs!r})
    runs.write_text(runs.read_text() + "." if runs.exists() else ".")
    return len(runs.read_text())
"""


class Writer(Person):
    """Somebody who edits ``text.txt``, which begins with ten lines."""

    def __init__(self, place: Path, demo: Demo) -> None:
        super().__init__(place)
        self.demo = demo
        self.file = "demo/text.txt"
        demo.put(self.file, "".join(f"{n}\n" for n in range(10)).encode())
        port = demo.running.port
        self.url = f"http://{LOGIN}@127.0.0.1:{port}/{self.file}"
        self.public = f"http://127.0.0.1:{port}/{self.file}"
        self.kept = self.home / ".local" / "state" / "zsync" / "edit"

    def editor(self, script: str, url: str | None = None) -> str:
        """Return the command of an editor that runs a script."""
        path = self.place / "editor.py"
        head = HEAD.format(url=url or self.public, runs=str(self.place / "runs"))
        path.write_text(f"{head}\n{script}\n")
        return f"{sys.executable} {path}"

    def edits(self, script: str, *arguments: str, **more: Any) -> str:
        """Edit with a script for an editor; return what was said on both channels."""
        options = arguments or (self.url,)
        shown = self("edit", "--app", self.editor(script), *options, **more)
        return shown + self.said

    def there(self) -> str:
        return self.demo.get(self.file).decode()

    def leaves_nothing(self) -> bool:
        return os.listdir(self.home) in ([], [".local"]) and not self.kept.exists()


@pytest.fixture
def me(tmp_path: Path, demo: Demo) -> Writer:
    return Writer(tmp_path, demo)


def test_each_save_is_committed_and_nothing_is_left_behind(me: Writer) -> None:
    shown = me.edits(
        "save('one\\n'); until('one'); save('two\\n'); until('two'); save('three\\n')"
    )
    assert me.there() == "three\n"
    assert shown.count("Committed http://zsync@") == 3
    assert me.leaves_nothing()
    assert me("log", "-l", "1", me.url).count("fssync_edit") == 1
    assert me.edits("") == ""
    assert me.leaves_nothing()


def test_a_save_keeps_what_others_did_though_the_editor_has_not_seen_it(
    me: Writer,
) -> None:
    me.edits(
        """
text = path.read_text()
others("1\\n", "theirs\\n")
save(text.replace("8\\n", "mine\\n")); until("mine")
assert path.read_text() == text.replace("8\\n", "mine\\n")
save(text.replace("8\\n", "mine\\n").replace("6\\n", "six\\n")); until("six")
"""
    )
    assert me.there() == "0\ntheirs\n2\n3\n4\n5\nsix\n7\nmine\n9\n"
    assert me.leaves_nothing()


CONFLICT = """
if runs() == 1:
    others("1\\n", "theirs\\n")
    save(path.read_text().replace("1\\n", "mine\\n"))
"""


@pytest.mark.parametrize("later", ["", "save(path.read_text() + 'end\\n')"])
def test_a_conflict_is_shown_once_more_and_what_is_left_is_committed(
    me: Writer, later: str
) -> None:
    shown = me.edits(
        f"""{CONFLICT}
    taken("mine"); {later or "pass"}
else:
    text = path.read_text()
    assert "<<<<<<< " in text and "mine\\n" in text and "theirs\\n" in text, text
    kept = [line for line in text.splitlines(True) if line[0] not in "<|=>"]
    save("".join(kept)); until("mine")
"""
    )
    assert "0\nmine\n" in me.there()
    assert "theirs\n" in me.there()
    assert me.there().endswith("9\nend\n" if later else "9\n")
    assert "<<<<" not in me.there()
    assert "Others have changed the same lines" in shown
    assert me.leaves_nothing()


def test_a_conflict_that_nobody_decides_is_kept_with_both_sides(me: Writer) -> None:
    shown = me.edits(CONFLICT, status=3)
    assert "theirs\n" in me.there()
    assert "mine" not in me.there()
    (place,) = me.kept.iterdir()
    assert f"kept in {place.relative_to(me.place)}/copy" in shown
    copy = place / "copy" / "text.txt"
    assert "<<<<<<< " in copy.read_text()
    assert "mine\n" in copy.read_text()
    copy.write_text("both\n")
    there = str(copy.parent)
    me("-C", there, "resolve")
    # The login was that of the command line, and is kept nowhere.
    assert not (me.home / ".zsyncpass").exists()
    me("-C", there, "commit", ZSYNC_USER="zsync", ZSYNC_PASSWORD="zsync")
    assert me.there() == "both\n"


def test_a_conflict_of_a_binary_file_is_kept_with_both_sides(me: Writer) -> None:
    me.demo.put(me.file, b"\0one")
    shown = me.edits(
        "ask(b'\\0theirs'); path.write_bytes(b'\\0mine')", me.url, status=3
    )
    (place,) = me.kept.iterdir()
    assert str(place.relative_to(me.place)) in shown
    assert (place / "copy" / "text.txt").read_bytes() == b"\0mine"
    assert me.there() == "\0theirs"


def test_files_the_server_refuses_are_kept_and_named(me: Writer) -> None:
    shown = me.edits("save('mine\\n')", me.public, status=4)
    (place,) = me.kept.iterdir()
    assert (place / "copy" / "text.txt").read_text() == "mine\n"
    assert f"kept in {place.relative_to(me.place)}/copy" in shown
    shutil.rmtree(place)
    # Nothing was written: nothing is to be kept.
    me.edits("", me.public)
    assert not me.kept.exists()
    me("edit", "--app", "/nonexistent/editor", me.url, status=1)
    assert not me.kept.exists()
    me.edits("save('x'); sys.exit(3)", status=1)
    (place,) = me.kept.iterdir()
    assert "file/text.txt" in me.said
    assert (place / "file" / "text.txt").read_text() == "x"


def test_other_files_written_beside_the_file_are_kept(me: Writer) -> None:
    shown = me.edits(
        "path.with_name('text.txt~').write_text('old')\n"
        "path.with_name('.text.txt.swp').write_text('swap')\n"
        "path.with_name('copy.txt').write_text('mine'); save('new\\n')",
        status=1,
    )
    assert me.there() == "new\n"
    (place,) = me.kept.iterdir()
    assert f"{place.relative_to(me.place)}/file/copy.txt" in shown


def test_an_editor_may_write_by_renaming_and_may_remove_the_file(me: Writer) -> None:
    me.edits(
        """
new = path.with_name("new")
new.write_text("renamed\\n"); new.replace(path); until("renamed")
path.unlink()
"""
    )
    assert me.there() == "renamed\n"
    assert me.leaves_nothing()


def test_a_folder_has_a_description_to_edit(me: Writer) -> None:
    folder = me.url.rpartition("/")[0]
    assert "is no file" in me.edits("", folder, status=1)
    script = (
        "text = path.read_text(); assert path.name == {name!r}, path\n"
        "lines = [each for each in text.splitlines(True) if each[:5] != 'Title']\n"
        "head = '[Annotations/zope.app.dublincore.ZopeDublinCore]\\n'\n"
        "assert head in lines, text\n"
        "save(''.join(lines).replace(head, head + 'Title = Mine\\n'))"
    )
    for url, name in ((folder, "@@.meta"), (me.url, "@@text.txt.meta")):
        me.edits(script.format(name=name), "--description", url)
        me("checkout", "--depth", "empty", url, f"co{name}")
        target = "demo" if url == folder else "text.txt"
        assert "Mine" in me("prop", "get", f"co{name}/{target}", "title")
        shutil.rmtree(me.kept.parent.parent)
    assert me("list", me.url).startswith("text.txt")


def test_a_description_that_cannot_be_read_is_kept(me: Writer) -> None:
    shown = me.edits("save('[')", "--description", me.url, status=7)
    assert "damaged description" in shown
    (place,) = me.kept.iterdir()
    assert f"kept in {place.relative_to(me.place)}/copy" in shown
    assert (place / "copy" / "@@text.txt.meta").read_text() == "["


def test_links_and_files_of_external_editor_name_the_object(me: Writer) -> None:
    token = b64encode(LOGIN.encode()).decode()
    sent = me.place / "sent é.zem"
    sent.write_text(f"url:{me.public}\nmeta_type:File\nauth:Basic {token}\n\nold\n")
    me.edits("save('pencil\\n')", sent.as_uri())
    assert me.there() == "pencil\n"
    assert not sent.exists()
    me.edits("save('link\\n')", "-u", "zsync", f"zsync-edit:{me.public}", status=4)
    me.edits(
        "save('link\\n')",
        f"zsync-edit:{me.public}",
        ZSYNC_USER="zsync",
        ZSYNC_PASSWORD="zsync",
    )
    assert me.there() == "link\n"
    assert "takes the URL" in me.edits("", "nosuch", status=1)


def test_json_tells_each_commit(me: Writer) -> None:
    me("edit", "--json", "--app", me.editor("save('json\\n')"), me.url)
    # The editor has the same standard output.
    told = json.loads(
        me("edit", "--json", "--app", me.editor("save('more\\n')"), me.url)
    )
    (item,) = told["items"]
    assert item["action"] == "sent"
    assert item["url"] == me.public.replace("//", "//zsync@")
    assert item["transaction"] == told["transaction"]


def test_on_a_terminal_nothing_is_told_while_the_editor_has_it(me: Writer) -> None:
    editor = me.editor("save('mine\\n'); until('mine'); print('THE END', flush=True)")
    status, shown = me.talk(["edit", me.url], ZSYNC_EDITOR=editor)
    assert status == 0
    assert shown.index(b"THE END") < shown.index(b"Committed ")


@pytest.mark.parametrize(
    ("editor", "shown", "keys"),
    [
        ("ed", b"20\r\n", b"1s/0/zero/\nw\nq\n"),
        ("vi", b"text.txt", b":1s/0/zero/\r:wq\r"),
    ],
)
def test_a_save_in_an_editor_of_the_terminal_is_committed(
    me: Writer, editor: str, shown: bytes, keys: bytes
) -> None:
    if shutil.which(editor) is None:
        pytest.skip("needs Debian's ed and vim-tiny; .ci/run installs them")
    status, told = me.talk(
        ["edit", me.url], (shown, keys), ZSYNC_EDITOR=editor, TERM="vt100"
    )
    assert status == 0, told
    assert b"Committed " in told
    assert me.there().startswith("zero\n1\n")
    # vi keeps a file of its own in the home directory.
    assert not me.kept.exists()


def test_an_editor_that_ends_at_once_is_waited_for(me: Writer) -> None:
    status, shown = me.talk(
        ["edit", "--app", me.editor(""), me.url], (b"press Enter", b"\n")
    )
    assert status == 0
    assert b"has ended at once" in shown
    status, shown = me.talk(
        ["edit", "--keep-open", "--app", "/nonexistent/editor", me.url],
        (b"Press Enter", b"\n"),
    )
    assert status == 1
    assert b"does not run" in shown


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_editor_and_what_it_saves_then_is_committed(
    me: Writer, number: signal.Signals
) -> None:
    script = (
        "import signal\n"
        "def end(*args): save('saved at the end\\n'); sys.exit()\n"
        "signal.signal(int(sys.argv[1]), end)\n"
        "print('ready', flush=True); signal.pause()"
    )
    editor = f"{me.editor(script)} {int(number)}"
    with subprocess.Popen(
        zsync_command("edit", "--app", editor, me.url),
        env=environment(me.home),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0
    assert me.there() == "saved at the end\n"
    assert me.leaves_nothing()


KILL = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)\n"


def kill(me: Writer, script: str, *options: str) -> None:
    """Kill an edit, whose editor then runs a script."""
    done = subprocess.run(
        zsync_command("edit", "--app", me.editor(KILL + script), *options, me.url),
        env=environment(me.home),
        stdout=subprocess.PIPE,
    )
    assert done.returncode == -signal.SIGKILL


def test_an_edit_that_was_killed_is_continued_by_the_next_one(me: Writer) -> None:
    kill(me, "save('mine\\n')")
    other = me.url.replace("text.txt", "hello.txt")
    assert f"'zsync edit {me.url.replace(':zsync@', '@')}'" in me.edits("", other)
    seen = "assert path.read_text() == 'mine\\n', path.read_text()\n"
    # Nothing that was not saved now is committed.
    shown = me.edits(seen, status=1)
    assert "save it to commit it" in shown
    assert me.there().startswith("0\n1\n")
    me.demo.put(me.file, b"theirs\n")
    shown = me.edits(f"{seen}save('mine\\n')\nruns()", status=3)
    assert "in conflict" in shown
    me.edits("assert '<<<<<<< ' in path.read_text()\nsave('both\\n')")
    assert me.there() == "both\n"
    assert me.leaves_nothing()


def test_files_of_an_edit_without_changes_are_removed(me: Writer) -> None:
    kill(me, "")
    (first,) = (each for each in me.kept.iterdir() if each.is_dir())
    kill(me, "", "--description")
    assert not first.exists()
    assert me.edits("", me.url.replace("text.txt", "hello.txt")) == ""
    assert me.leaves_nothing()


def test_files_an_editor_keeps_for_their_recovery_are_kept(me: Writer) -> None:
    shown = me.edits(
        "path.with_name('.text.txt.swp').write_text('not saved'); sys.exit(1)", status=1
    )
    (place,) = me.kept.iterdir()
    assert f"{place.relative_to(me.place)}/file/.text.txt.swp" in shown
    me.edits("path.with_name('.text.txt.swp').unlink()")
    assert me.leaves_nothing()


def test_a_server_that_is_away_keeps_the_edit(me: Writer, tmp_path: Path) -> None:
    own = Demo(tmp_path / "own")
    own("start", "--port", "0")
    try:
        own("sample")
        url = f"http://{LOGIN}@127.0.0.1:{own.running.port}/demo/hello.txt"
        stop = f"import subprocess; subprocess.run({own.command('stop')!r})\n"
        shown = me.edits(f"{stop}save('mine\\n'); taken('mine')", url, status=6)
    finally:
        if Instance(own.data).running() is not None:
            own("stop")
    (place,) = me.kept.iterdir()
    assert (place / "copy" / "hello.txt").read_text() == "mine\n"
    assert "not committed: " in shown
    assert f"kept in {place.relative_to(me.place)}/copy" in shown
