"""What holds for every command, from its command line to its exit status."""

import pytest

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.rawserver import answer

pytestmark = pytest.mark.layout(3)


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


@pytest.mark.parametrize("name", sorted(line[0].__name__ for line in command_table))
def test_every_command_shows_its_help(capfd, name):
    assert main([name, "--help"]) == 0
    shown = capfd.readouterr().out
    assert shown.startswith(f"zsync {name}")
    examples = shown.partition("\nExamples:\n")[2].splitlines()
    assert [line[:4] for line in examples[:4]] == ["  # ", "  zs", "  # ", "  zs"]
