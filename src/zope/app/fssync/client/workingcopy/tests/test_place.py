"""Where the control data of a working copy lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy.place import control_at
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import find_place
from zope.app.fssync.client.workingcopy.place import is_root
from zope.fssync.errors import PathRefused
from zope.fssync.files import Tree
from zope.fssync.paths import check_name


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".zsync").mkdir()
    (tmp_path / ".zsync" / "Root").write_text("http://localhost/demo\n")
    (tmp_path / "demo" / "sub").mkdir(parents=True)
    return tmp_path


def test_all_of_it_lies_below_the_root(root: Path) -> None:
    control = root / ".zsync"
    assert is_root(str(root))
    assert control_of(str(root)) == control_at(str(root), ".") == str(control)
    wanted = str(control / "tree" / "demo" / "sub" / "@@Zope")
    assert control_at(str(root), "demo/sub") == wanted
    place = find_place(Tree(), str(root / "demo" / "sub"), {})
    assert (place.control, place.home, place.is_described) == (wanted, str(root), True)
    above = find_place(Tree(), str(root), {})
    assert above.mirror_of("demo") == str(control / "tree" / "demo")


def test_entries_in_a_directory_count_while_it_is_converted(root: Path) -> None:
    own = root / "demo" / "@@Zope"
    own.mkdir()
    assert find_place(Tree(), str(root / "demo"), {}).is_described
    (own / "Entries.xml").write_text("<entries/>")
    place = find_place(Tree(), str(root / "demo"), {})
    assert (place.control, place.is_described) == (str(own), False)
    assert control_at(str(root), "demo") == str(own)
    assert find_place(Tree(), str(root / "demo" / "sub"), {}).is_described


@pytest.mark.parametrize("name", ["@@Zope", ".zsync"])
def test_a_conversion_ends_where_its_journal_is(root: Path, name: str) -> None:
    (root / "@@Zope").mkdir()
    (root / "@@Zope" / "Root").write_text("http://localhost/demo\n")
    (root / name / "Journal").mkdir()
    assert control_of(str(root)) == str(root / name)


def test_another_working_copy_in_one_is_its_own(root: Path) -> None:
    control = root / "demo" / "@@Zope"
    control.mkdir()
    (control / "Root").write_text("http://localhost/other\n")
    inner = root / "demo" / "sub"
    assert find_place(Tree(), str(inner), {}).control == str(inner / "@@Zope")


@pytest.mark.parametrize(
    "name", [".zsync", ".ZSYNC", ".zs\u200cync", ".zsync.", "zsync~1", ".git", "GIT~2"]
)
def test_nobody_sends_a_control_directory(name: str) -> None:
    with pytest.raises(PathRefused, match="control directory"):
        check_name(name)


@pytest.mark.parametrize("name", ["zsync", ".zsyncignore", ".gitignore", "git"])
def test_other_names_stay(name: str) -> None:
    assert check_name(name) == name
