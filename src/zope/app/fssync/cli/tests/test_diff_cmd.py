"""zsync diff."""

import pytest

from zope.app.fssync.cli.diff_cmd import _change
from zope.app.fssync.cli.options import Options

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def readme(demo):
    (demo / "readme.txt").write_text("mine\n")


def test_options_may_stand_behind_the_target(zsync, readme):
    shown = zsync("diff", "co/demo/readme.txt", "-U", "0")
    assert "\n-Hello, world.\n" in shown
    assert shown.endswith("+mine\n")


def test_programs_get_the_text(zsync, readme):
    (item,) = zsync.items("diff", "--summary", "co")
    assert (item["action"], item["path"]) == ("modified", "co/demo/readme.txt")
    assert "".join(each["content"] for each in zsync.items("diff", "co")).endswith(
        "+mine\n"
    )


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["--normal", "-u"], "diff shows --normal, -c or -u, not two of them"),
        (["--stat", "--summary"], "diff shows --stat or --summary, not both"),
        (["--server", "-r", "PREV"], "diff takes one of --server, -r and --change"),
        (["-r", "PREV:"], "diff -r takes A or A:B"),
        (["--tool", " "], "no tool is named by --tool or the setting diff.tool"),
        (["-T"], "no tool is named by --tool or the setting diff.tool"),
        (["--tool", "x", "--stat"], "diff runs a tool, or shows --stat or --summary"),
    ],
)
def test_diff_refuses_options_that_exclude_one_another(zsync, readme, args, text):
    assert text in zsync.refused("diff", *args, "co", status=2)


@pytest.mark.parametrize(
    ("pairs", "args", "expected"),
    [
        ([("-c", "")], ["PREV", "a"], ("PREV", ["a"])),
        ([("-c", "")], ["co", "PREV"], (None, ["co", "PREV"])),
        ([("-c", "")], ["HEAD"], (None, ["HEAD"])),
        ([("-c", ""), ("--change", "BASE")], ["PREV"], ("BASE", ["PREV"])),
        ([], ["PREV"], (None, ["PREV"])),
    ],
)
def test_c_takes_a_revision_that_is_no_file(
    tmp_path, monkeypatch, pairs, args, expected
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "HEAD").touch()
    assert _change(Options(pairs), args) == expected
