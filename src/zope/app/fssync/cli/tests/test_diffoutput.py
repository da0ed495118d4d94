"""What diff prints is a patch, and can be counted."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.cli.diffoutput import Statistics
from zope.app.fssync.cli.main import main
from zope.app.fssync.cli.report import TextReport
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)

APPLY = {
    "git": ["git", "apply", "../my.patch"],
    "patch": ["patch", "-s", "-p1", "-E", "-i", "../my.patch"],
}


def content(folder):
    return {
        path: found
        for path, found in snapshot(folder).items()
        if "@@Zope" not in path and not path.endswith(".meta")
    }


@pytest.fixture
def mine(tmp_path, monkeypatch, no_proxies):
    """A working copy with changes of each kind, and ``before`` without them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with RawServer([recorded_answer("checkout-demo")]) as server:
        url = f"http://zsync:zsync@127.0.0.1:{server.port}/demo"
        assert main(["-q", "checkout", url, "mine"]) == 0
    shutil.copytree("mine/demo", "before", ignore=shutil.ignore_patterns("@@Zope"))
    monkeypatch.chdir("mine/demo")
    Path("readme.txt").write_text("Hello, world.\nSecond line.\nlast")
    Path("a name.txt").write_text("new\n")
    assert main(["-q", "add", "a name.txt"]) == 0
    assert main(["-q", "remove", "utf8.txt"]) == 0
    return tmp_path / "mine" / "demo"


@pytest.mark.parametrize("tool", APPLY)
def test_tools_take_the_patch(mine, tmp_path, capfdbinary, tool):
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    capfdbinary.readouterr()
    assert main(["diff"]) == 0
    (tmp_path / "my.patch").write_bytes(capfdbinary.readouterr().out)
    subprocess.run(APPLY[tool], cwd=tmp_path / "before", check=True, timeout=60)
    assert content(tmp_path / "before") == content(mine)


def test_lines_are_counted(mine, capfd):
    capfd.readouterr()
    assert main(["diff", "--stat", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)["items"]
    found = [item for item in found if not item["path"].endswith(".meta")]
    assert {item["path"]: (item["added"], item["removed"]) for item in found} == {
        "a name.txt": (1, 0),
        "readme.txt": (1, 1),
        "utf8.txt": (0, len(Path("../../before/utf8.txt").read_bytes().splitlines())),
    }


def test_a_long_bar_has_a_bound_and_a_header_is_not_counted(capsys):
    statistics = Statistics(TextReport())
    statistics.begin("a")
    statistics.write(b"--- a/a\n+++ b/a\n@@ -1,1 +1,99 @@\n--- x\n")
    statistics.write(b"+++ y\n" * 99)
    statistics.begin("b.bin")
    statistics.write(b"Binary files a/b.bin and b/b.bin differ\n")
    statistics.finish()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f" a     |  100 {'+' * 40}"
    assert lines[1:] == [" b.bin | binary", " 2 files changed, 99 added, 1 removed"]


def test_a_summary_names_what_is_different(mine, capfd):
    Path("dot.gif").write_bytes(b"\0mine")
    capfd.readouterr()
    assert main(["diff", "--summary"]) == 0
    shown = [
        line for line in capfd.readouterr().out.splitlines() if ".meta" not in line
    ]
    assert sorted(shown) == [
        "A  a name.txt",
        "D  utf8.txt",
        "M  dot.gif",
        "M  readme.txt",
    ]
    assert main(["diff", "--summary", "--stat"]) == 2


def test_blanks_can_be_ignored_altogether(mine, capfd):
    before = Path("../../before/readme.txt").read_text()
    Path("readme.txt").write_text(before.replace("Hello", " H el\tlo "))
    capfd.readouterr()
    for form in ([], ["--summary"], ["--stat"], ["-i"]):
        assert main(["diff", "-w", *form, "readme.txt"]) == 0
    assert capfd.readouterr().out == ""
    assert main(["diff", "-b", "readme.txt"]) == 0
    assert "+ H el" in capfd.readouterr().out
