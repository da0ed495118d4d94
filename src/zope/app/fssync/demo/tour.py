"""``bin/demo tour``: the walk of README.txt on a throw-away server.

The rule: everything shown is real.  Each command is a process of its own, its
output is printed as it came, and each step is checked; the first step that
does not do what it should ends the tour with exit code 1.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from zope.app.fssync.demo.instance import Instance
from zope.fssync.errors import Error
from zope.fssync.limits import COMMAND_TIME

__all__ = ["Tour", "TourFailed", "main"]

LOGIN = "zsync:zsync"

#: how the scripts call these, without depending on where the scripts are
ENTRY = {
    "bin/zsync": "from zope.app.fssync.main import main",
    "bin/git-remote-zsync": "from zope.app.fssync.cli.git_remote import main",
    "bin/demo": "from zope.app.fssync.demo.control import main",
}


class TourFailed(Error):
    """A step did something else than it should."""


class Tour:
    """A place to work in, a server to work with, and the walk."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.host = ""
        self.output = ""
        home = place / "home"
        home.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.environment = dict(
            kept,
            HOME=str(home),
            PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
            PYTHONIOENCODING="utf-8",
        )

    # what a person does

    def say(self, text: str) -> None:
        print(f"\n# {text}", flush=True)

    def run(self, command: str, expected: int = 0) -> str:
        """Type a command; ``expected`` is its exit code."""
        print(f"\n$ {command}", flush=True)
        script, *args = command.split()
        done = self.start(script, args)
        self.output = done.stdout.decode("utf-8", "replace")
        print(self.output, end="", flush=True)
        self.check(done.returncode == expected, f"exit code {expected}")
        return self.output

    def start(
        self, script: str, args: Sequence[str]
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a script or git in a process of its own."""
        program = ["git"]
        if script in ENTRY:
            code = f"import sys; {ENTRY[script]}; sys.exit(main())"
            program = [sys.executable, "-c", code]
        return subprocess.run(
            [*program, *args],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_TIME,
        )

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a piece of text in a file of the checkout."""
        self.say(f'Edit {path}: "{old}" becomes "{new}".')
        text = (self.place / path).read_text(encoding="utf-8")
        self.check(old in text, f'the file had "{old}"')
        (self.place / path).write_text(text.replace(old, new), encoding="utf-8")

    def edit_on_server(self, path: str, old: str, new: str) -> None:
        """Somebody else replaces a piece of text on the server."""
        self.say(f'Somebody else edits {path} there: "{old}" becomes "{new}".')
        text = self.page(path)
        self.check(old in text, f'the page had "{old}"')
        request = self.request(path, "PUT", text.replace(old, new).encode())
        with urllib.request.urlopen(request, timeout=COMMAND_TIME) as answer:
            self.check(answer.status in (200, 204), "the server took it")

    # what a person looks at

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            raise TourFailed(f"That was wrong. It should be: {what}.")
        print(f"  ok: {what}", flush=True)

    def check_output(self, *expected: str) -> None:
        for text in expected:
            self.check(text in self.output, f'the output has "{text}"')

    def check_letter(self, letter: str, path: str) -> None:
        """A line of the output says this letter of this file."""
        # More may stand behind the path: what the file is, or who changed it.
        lines = [line.split()[:2] for line in self.output.splitlines()]
        self.check([letter, path] in lines, f"the output has {letter} for {path}")

    def check_file(self, path: str, *expected: str) -> None:
        text = (self.place / path).read_text(encoding="utf-8")
        for line in expected:
            self.check(line in text, f'{path} has "{line}"')

    def check_page(self, path: str, *expected: str) -> None:
        text = self.page(path)
        self.say(f"http://{self.host}/{path} shows:")
        print(text, end="")
        for line in expected:
            self.check(line in text, f'the page has "{line}"')

    def request(
        self, path: str, method: str = "GET", body: bytes | None = None
    ) -> urllib.request.Request:
        token = base64.b64encode(LOGIN.encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "text/plain"}
        return urllib.request.Request(
            f"http://{self.host}/{path}", data=body, headers=headers, method=method
        )

    def page(self, path: str) -> str:
        with urllib.request.urlopen(self.request(path), timeout=COMMAND_TIME) as answer:
            found: str = answer.read().decode("utf-8")
            return found

    # the walk

    @contextlib.contextmanager
    def server(self) -> Iterator[None]:
        self.run("bin/demo start --port 0")
        try:
            running = Instance(self.place / "parts" / "demo").running()
            assert running is not None
            self.host = f"localhost:{running.port}"
            yield
        finally:
            self.run("bin/demo stop")

    def fill(self) -> None:
        self.run("bin/demo sample")
        self.check_output("demo/hello.txt", "demo/Übersicht.txt", "demo/large.bin")

    def walk(self) -> None:
        with self.server():
            self.check_out()
            self.change_and_commit()
            self.edit_on_both_sides()
            self.edit_the_same_line()
            self.look_around()
            self.add_and_ignore()
            self.move_and_describe()
            self.see_what_others_did()
            self.take_a_copy()
            self.edit_one_object()
            self.clone_with_git()
            self.watch_both_sides()
            self.promote_to_another_site()

    def check_out(self) -> None:
        self.say("Fill a demo folder, and check it out.")
        self.fill()
        self.run(f"bin/zsync checkout http://{LOGIN}@{self.host}/demo ./parts/checkout")
        self.check_letter("A", "parts/checkout/demo/hello.txt")
        self.check_output("Checked out ")
        self.check_file("parts/checkout/demo/hello.txt", "Hello!")
        self.check_file("parts/checkout/demo/日本語/こんにちは.txt", "こんにちは世界")
        large = self.place / "parts/checkout/demo/large.bin"
        self.check(
            large.stat().st_size == 3_000_000, "the large file has all its bytes"
        )
        control = (self.place / "parts/checkout/.zsync/Root").read_text()
        self.check(LOGIN not in control, "the checkout does not hold the password")
        tokens = self.place / "home/.zsyncpass"
        mode = stat.S_IMODE(tokens.stat().st_mode)
        self.check(mode == 0o600, "only you can read ~/.zsyncpass")
        self.run("bin/zsync status ./parts/checkout")
        self.check(self.output == "", "nothing has changed yet")

    def change_and_commit(self) -> None:
        self.say("Change a file, see what changed, send it.")
        self.edit("parts/checkout/demo/hello.txt", "Hello!", "Hello from my editor!")
        self.run("bin/zsync status ./parts/checkout")
        self.check_letter("M", "parts/checkout/demo/hello.txt")
        self.run("bin/zsync diff ./parts/checkout")
        self.check_output("-Hello!", "+Hello from my editor!")
        self.run("bin/zsync commit ./parts/checkout")
        self.check_output("Committed 1 object")
        self.check_page("demo/hello.txt", "Hello from my editor!")
        self.run("bin/zsync status ./parts/checkout")
        self.check(self.output == "", "nothing is left to send")

    def edit_on_both_sides(self) -> None:
        self.say("Two people edit different lines of one file.")
        self.edit_on_server("demo/hello.txt", "and commit it", "and send it")
        self.edit("parts/checkout/demo/hello.txt", "my editor", "both of us")
        self.run("bin/zsync commit ./parts/checkout", expected=5)
        self.check_output("Up-to-date check failed:", "demo/hello.txt")
        self.check("both of us" not in self.page("demo/hello.txt"), "nothing was sent")
        self.run("bin/zsync update ./parts/checkout")
        merged = ("Hello from both of us!", "and send it")
        self.check_file("parts/checkout/demo/hello.txt", *merged)
        self.run("bin/zsync commit ./parts/checkout")
        self.check_page("demo/hello.txt", *merged)

    def edit_the_same_line(self) -> None:
        self.say("Two people edit the same line.")
        path = "parts/checkout/demo/hello.txt"
        self.edit_on_server("demo/hello.txt", "Hello from both of us!", "Good morning!")
        self.edit(path, "Hello from both of us!", "Good evening!")
        self.run("bin/zsync commit ./parts/checkout", expected=5)
        self.check_output("Up-to-date check failed:", "demo/hello.txt")
        self.run("bin/zsync update ./parts/checkout", expected=3)
        self.check_letter("C", path)
        self.check_file(path, "<<<<<<<", "Good evening!", "Good morning!", ">>>>>>>")
        self.run("bin/zsync status ./parts/checkout")
        self.check_output(path)
        self.say(f"Edit {path}: keep one greeting for the whole day.")
        lines = (self.place / path).read_text(encoding="utf-8").splitlines(True)
        end = next(i for i, line in enumerate(lines) if line.startswith(">>>>>>>"))
        decided = ["Good day!\n", *lines[end + 1 :]]
        (self.place / path).write_text("".join(decided), encoding="utf-8")
        self.run(f"bin/zsync resolve ./{path}")
        self.run("bin/zsync commit ./parts/checkout")
        self.check_page("demo/hello.txt", "Good day!")
        self.check("<<<<<<<" not in self.page("demo/hello.txt"), "no marks are left")
        self.run("bin/zsync status ./parts/checkout")
        self.check(self.output == "", "both sides are the same")

    def look_around(self) -> None:
        self.say("Look at the server without a checkout, and at what a file is.")
        self.run(f"bin/zsync list http://{LOGIN}@{self.host}/demo")
        self.check_output("hello.txt", "large.bin")
        self.run("bin/zsync info ./parts/checkout/demo/hello.txt")
        self.check_output("/demo/hello.txt", "registered")
        self.run("bin/zsync explain ./parts/checkout/demo/hello.txt")
        self.check_output("FileSynchronizer", "permission to write:")

    def add_and_ignore(self) -> None:
        self.say("Make a folder with a draft in it, and with a file for you alone.")
        drafts = self.place / "parts/checkout/demo/drafts"
        drafts.mkdir()
        (drafts / "plan.txt").write_text("Plan the week.\n")
        (drafts / "private.tmp").write_text("not for the server\n")
        (drafts / ".zsyncignore").write_text("*.tmp\n")
        self.run("bin/zsync add ./parts/checkout/demo/drafts")
        self.check_letter("A", "parts/checkout/demo/drafts/plan.txt")
        self.run("bin/zsync status --ignored ./parts/checkout")
        self.check_letter("I", "parts/checkout/demo/drafts/private.tmp")
        self.run("bin/zsync commit -m Plan ./parts/checkout")
        self.check_output("Adding", "Committed ")
        self.check_page("demo/drafts/plan.txt", "Plan the week.")

    def move_and_describe(self) -> None:
        self.say("Rename the file, and give it a title: it stays the same object.")
        here = "./parts/checkout/demo"
        self.run(f"bin/zsync move {here}/hello.txt {here}/welcome.txt")
        self.run(f"bin/zsync prop set {here}/welcome.txt title Welcome")
        self.run("bin/zsync status ./parts/checkout")
        self.check_output("parts/checkout/demo/welcome.txt (from ")
        self.run("bin/zsync commit -m Rename ./parts/checkout")
        self.check_output("Moving")
        self.check_page("demo/welcome.txt", "Good day!")
        self.run(f"bin/zsync prop get {here}/welcome.txt title")
        self.check_output("Welcome")

    def see_what_others_did(self) -> None:
        self.say("Somebody else is at work: look before you update.")
        self.edit_on_server("demo/welcome.txt", "Good day!", "Good afternoon!")
        self.run("bin/zsync status -u ./parts/checkout")
        self.check_output("* parts/checkout/demo/welcome.txt (changed there by ")
        self.run("bin/zsync update ./parts/checkout")
        self.check_file("parts/checkout/demo/welcome.txt", "Good afternoon!")
        self.run("bin/zsync log -l 3 ./parts/checkout")
        self.check_output("Rename", "Plan")
        self.run("bin/zsync remove ./parts/checkout/demo/drafts/plan.txt")
        self.run("bin/zsync revert ./parts/checkout/demo/drafts/plan.txt")
        self.check_file("parts/checkout/demo/drafts/plan.txt", "Plan the week.")

    def take_a_copy(self) -> None:
        self.say("Take plain files, without control data, for a backup or an archive.")
        self.run(f"bin/zsync export http://{LOGIN}@{self.host}/demo ./parts/plain")
        self.check_file("parts/plain/welcome.txt", "Good afternoon!")
        control = list((self.place / "parts/plain").rglob("@@*"))
        self.check(control == [], "no control data stands beside them")

    def edit_one_object(self) -> None:
        self.say("Correct a line without a checkout: an editor, and each save is sent.")
        self.environment["EDITOR"] = "sed -i s/afternoon/night/"
        url = f"http://{LOGIN}@{self.host}/demo/welcome.txt"
        self.run(f"bin/zsync edit {url}")
        self.check_output("Committed ")
        self.check_page("demo/welcome.txt", "Good night!")
        kept = self.place / "home/.local/state/zsync"
        self.check(not kept.exists(), "nothing is left behind")

    def clone_with_git(self) -> None:
        if shutil.which("git") is None:
            self.say("git is not installed here: the rest of the tour is with it.")
            return
        self.say("git clones the folder with its history, and a push is a transaction.")
        self.install_helper()
        self.run(f"git clone -q zsync::http://{LOGIN}@{self.host}/demo ./parts/clone")
        self.run("git -C ./parts/clone log --format=%s")
        self.check_output("Plan", "Rename")
        self.edit("parts/clone/welcome.txt", "Good night!", "Good night, git!")
        self.run("git -C ./parts/clone commit -q -a -m Git")
        self.run("git -C ./parts/clone push -q")
        self.check_page("demo/welcome.txt", "Good night, git!")
        self.run("git -C ./parts/clone fetch")
        self.check(self.output == "", "both sides are the same")

    def install_helper(self) -> None:
        """Put the program that git needs into the path, as an installation does."""
        programs = self.place / "programs"
        programs.mkdir()
        helper = programs / "git-remote-zsync"
        entry = ENTRY["bin/git-remote-zsync"]
        helper.write_text(
            f"#!{sys.executable}\nimport sys\n{entry}\nsys.exit(main())\n"
        )
        helper.chmod(0o755)
        path = os.pathsep.join([str(programs), self.environment.get("PATH", "")])
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "zsync"), ("EMAIL", "zsync@example.org"))
        }
        self.environment |= {"PATH": path, **who}

    def watch_both_sides(self) -> None:
        self.say(
            "Let a watch bring both sides together; here once, else till you end it."
        )
        self.edit_on_server("demo/index.html", "It comes", "It still comes")
        drafts = self.place / "parts/checkout/demo/drafts"
        (drafts / "dream.txt").write_text("of apples\n")
        self.run("bin/zsync watch --once ./parts/checkout")
        self.check_output("Adding", "Committed 1 object")
        self.check_file("parts/checkout/demo/index.html", "It still comes")
        self.check_page("demo/drafts/dream.txt", "of apples")

    def promote_to_another_site(self) -> None:
        self.say("Make a second site of the same files, and bring what changes there.")
        site, www = (f"http://{LOGIN}@{self.host}/{each}" for each in ("demo", "www"))
        self.run(f"bin/zsync export -q {site} ./parts/site")
        self.run(f"bin/zsync import -m Copy ./parts/site {www}")
        self.edit_on_server("demo/index.html", "A demo page", "A better page")
        self.run(f"bin/zsync log -l 2 --json {site}")
        before = json.loads(self.output)["items"][1]["id"]
        self.run(f"bin/zsync promote -n --since {before} {site} {www}")
        self.check_output("Would promote")
        self.run(f"bin/zsync promote -m May --since {before} {site} {www}")
        self.check_output("Promoted")
        self.check_page("www/index.html", "A better page")
        self.run(f"bin/zsync promote {site} {www}")
        self.check_output("Nothing to promote.")


def main() -> int:
    """0 only if every step did what it should."""
    with tempfile.TemporaryDirectory(prefix="zsync-tour-") as place:
        try:
            Tour(Path(place).resolve()).walk()
        except TourFailed as error:
            print(f"\n{error}", file=sys.stderr)
            return 1
    print("\nThe tour is over: every step did what it should.")
    return 0
