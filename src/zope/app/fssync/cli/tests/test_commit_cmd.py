"""zsync commit."""

import pytest

from zope.app.fssync.cli.tests.caller import CHECKOUT
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)


def test_a_message_comes_from_standard_input(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    refused = recorded_answer("commit-conflict")
    said = zsync.refused(
        *("ci", "co", "-F", "-"), stdin="why", answer=refused, status=5
    )
    assert "?note=why" in zsync.server.requests[-1].line
    assert said.startswith("zsync: Up-to-date check failed:\ndemo/both.txt\n")
    assert said.endswith("Nothing was committed. Run 'zsync update' first.\n")


def test_an_object_that_is_out_of_date_is_named_once(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    part = "demo/@@Zope/Extra/{}/contentType"
    paths = ["demo/readme.txt", part.format("readme.txt"), part.format("crlf.txt")]
    text = "\n".join(["Up-to-date check failed:", *paths])
    refused = answer(text.encode(), "text/plain")
    said = zsync.refused("commit", "co", "-m", "a", answer=refused, status=5)
    listed = said.partition("hint: ")[0].splitlines()[1:]
    assert listed == ["demo/readme.txt", "co/demo/@@crlf.txt.meta"]


def test_each_object_that_is_sent_is_a_line(zsync, demo):
    (demo / "new.txt").write_text("new\n")
    zsync("add", "co/demo/new.txt")
    shown = zsync("commit", "co", "-m", "a", answer=CHECKOUT)
    assert "Adding    co/demo/new.txt\n" in shown


def test_programs_are_told_what_is_sent(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    sent, *_ = zsync.items("commit", "co", "-m", "a", answer=CHECKOUT)
    assert (sent["action"], sent["detail"]) == ("sent", "modified")
    assert sent["path"] == str(demo / "readme.txt")


def test_without_changes_there_is_nothing_to_commit(zsync):
    shown = zsync("commit", "co", "-m", "a", answer=CHECKOUT)
    assert shown == "Nothing to commit.\n"
