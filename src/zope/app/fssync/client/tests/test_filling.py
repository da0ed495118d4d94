"""A folder of a server is filled with what is new, and nothing else changes."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing.demoserver import Place

pytestmark = pytest.mark.slow


def test_an_import_fills_a_folder(place: Place) -> None:
    plain = place.directory / "plain"
    (plain / "archive" / "2026").mkdir(parents=True)
    (plain / "archive" / "2026" / "new.txt").write_text("new\n")
    (plain / "more").mkdir()
    (plain / "more" / "b.txt").write_text("b\n")
    report = place.demo.get("demo/notes/archive/2026/report.txt")
    target = place.url("/demo/notes")
    with place.unchanged():
        said = place("import", "-n", "plain", target, "-m", "try")
    assert "Adding    plain/archive/2026/new.txt\n" in said
    said = place("import", "plain", "co/notes", "-m", "by path")
    assert "Imported into co/notes as 0x" in said
    assert place.demo.get("demo/notes/archive/2026/new.txt") == b"new\n"
    assert place.demo.get("demo/notes/more/b.txt") == b"b\n"
    assert place.demo.get("demo/notes/archive/2026/report.txt") == report

    (plain / "more" / "b.txt").write_text("c\n")
    (plain / "z.txt").write_text("z\n")
    with place.unchanged():
        said = place("import", "plain", target, "-m", "twice", status=1)
        assert "'plain/archive/2026/new.txt', 'plain/more/b.txt'" in said
        assert "--force replaces" in said
        (plain / "todo.txt").mkdir()
        said = place("import", "--force", "plain", target, "-m", "kind", status=1)
        assert "'plain/todo.txt'" in said
        (plain / "todo.txt").rmdir()
    said = place("import", "--force", "plain", target, "-m", "forced")
    assert "Sending   plain/more/b.txt\n" in said
    assert "new.txt" not in said
    assert place.demo.get("demo/notes/more/b.txt") == b"c\n"
    assert place("import", "--force", "plain", target) == "Nothing to import.\n"
    place("update", "co")
    assert (place.notes / "z.txt").read_text() == "z\n"
    with place.unchanged():
        place("import", "plain", place.url("/demo/notes", "reader:reader@"), status=4)
