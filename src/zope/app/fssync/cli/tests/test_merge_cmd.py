"""zsync merge."""

import pytest

from zope.app.fssync.cli.tests.caller import CHECKOUT

pytestmark = pytest.mark.layout(3)


@pytest.fixture
def other(zsync, demo):
    """Another working copy of the same, and a change in the first."""
    zsync("checkout", f"{zsync.url}/demo", "other", answer=CHECKOUT)
    (demo / "readme.txt").write_text("mine\n")
    return zsync.place / "other" / "demo"


def test_merge_takes_local_changes_over(zsync, other):
    assert zsync("merge", "co", "other").endswith("Merged 1 object.\n")
    assert (other / "readme.txt").read_text() == "mine\n"


def test_merge_tells_of_conflicts(zsync, other):
    (other / "readme.txt").write_text("theirs\n")
    (item,) = zsync.items("merge", "co", "other", status=3)
    assert (item["action"], item["path"]) == ("conflict", str(other / "readme.txt"))


def test_merge_needs_two_working_copies(zsync):
    assert "Merge requires one or two arguments" in zsync.refused("merge", status=2)
    (zsync.place / "plain").mkdir()
    zsync.refused("merge", "plain", "co")
