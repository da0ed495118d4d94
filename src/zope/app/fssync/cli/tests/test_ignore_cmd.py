"""zsync ignore."""

import pytest

pytestmark = pytest.mark.layout(3)


PATHS = ("co/demo/a.log", "co/demo/keep.log", "co/demo/x", "co/demo/readme.txt")


@pytest.fixture(autouse=True)
def rules(demo):
    (demo / ".zsyncignore").write_text("*.log\n!keep.log\n")
    (demo / "a.log").write_text("x\n")


def test_ignore_shows_the_rule_that_decides(zsync):
    assert zsync("ignore", *PATHS) == (
        "co/demo/a.log: ignored by demo/.zsyncignore:1: *.log\n"
        "co/demo/keep.log: not ignored by demo/.zsyncignore:2: !keep.log\n"
        "co/demo/x: not ignored\n"
        "co/demo/readme.txt: not ignored, it is registered\n"
    )
    assert "I  co/demo/a.log\n" in zsync("status", "--ignored", "co")


def test_ignore_shows_all_rules_the_strongest_last(zsync):
    shown = zsync("-C", "co/demo", "ignore").splitlines()
    assert shown[-2:] == [
        "demo/.zsyncignore:1: *.log",
        "demo/.zsyncignore:2: !keep.log",
    ]
    assert "built in: *~" in shown


def test_the_status_tells_whether_anything_is_ignored(zsync):
    zsync("ignore", *PATHS[1:], status=1)
    zsync("ignore", "nosuch", status=1)


def test_programs_get_the_parts_of_a_rule(zsync):
    ignored, kept, *_ = zsync.items("ignore", *PATHS)
    rule = {"rule": "*.log", "source": "demo/.zsyncignore", "line": 1}
    assert ignored == rule | {
        "path": "co/demo/a.log",
        "ignored": True,
        "registered": False,
        "negated": False,
    }
    assert (kept["ignored"], kept["negated"]) == (False, True)
