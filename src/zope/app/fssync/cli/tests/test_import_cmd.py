"""zsync import."""

import pytest

from zope.app.fssync.testing.rawserver import answer

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def plain(zsync):
    plain = zsync.place / "plain"
    plain.mkdir()
    (plain / "a.txt").write_text("a\n")
    (plain / "a.txt~").write_text("old\n")
    return plain


def answers():
    """What a server says where nothing is yet."""
    return [answer(status="404 Not Found"), answer(b"1 object", "text/plain")]


def test_import_sends_what_is_not_ignored(zsync, plain):
    args = ("import", "plain", f"{zsync.url}/new", "-m", "a")
    shown = zsync(*args, answers=answers())
    assert shown.endswith("1 object\n")
    assert "a.txt" in shown
    assert "a.txt~" not in shown


def test_import_refuses_what_is_not_there(zsync, plain):
    said = zsync.refused("import", "nosuch", f"{zsync.url}/new", "-m", "a")
    assert "nosuch" in said
    assert "import requires DIR" in zsync.refused("import", "plain", status=2)


def test_programs_are_told_of_each_file(zsync, plain):
    args = ("import", "plain", f"{zsync.url}/new", "-m", "a")
    document = zsync.document(*args, answers=answers())
    assert document["items"][-1]["path"] == "plain/a.txt"
    assert document["messages"] == [{"level": "info", "text": "1 object"}]
