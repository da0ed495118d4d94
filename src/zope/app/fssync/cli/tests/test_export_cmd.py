"""zsync export."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_export_writes_files_alone(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    (demo / "new.txt").write_text("not registered\n")
    shown = zsync("export", "co/demo", "plain")
    plain = zsync.place / "plain"
    assert (plain / "readme.txt").read_text() == "mine\n"
    found = {path.name for path in plain.rglob("*")}
    assert not found & {"@@Zope", "new.txt"}
    assert shown.endswith(f"Exported {len(found)} files and directories.\n")


def test_export_replaces_nothing_without_force(zsync, demo):
    zsync("export", "co/demo", "plain")
    readme = zsync.place / "plain" / "readme.txt"
    readme.write_text("changed\n")
    assert "plain" in zsync.refused("export", "co/demo", "plain")
    assert readme.read_text() == "changed\n"
    zsync("export", "--force", "co/demo", "plain")
    assert readme.read_bytes() == (demo / "readme.txt").read_bytes()


def test_export_refuses_a_place_in_the_working_copy(zsync):
    zsync.refused("export", "--force", "co/demo", "co/demo/sub")
    assert "export requires DIR" in zsync.refused("export", status=2)


def test_programs_are_told_of_each_file(zsync):
    items = zsync.items("export", "co/demo", "plain")
    assert {"action": "created", "path": "plain/readme.txt"} in items
