"""A working copy that somebody else can have made is not used unasked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.workingcopy.ownership import VARIABLE
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.fssync.errors import PathRefused

as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root gives files away"
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "SUDO_UID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "co"
    (root / "demo" / "@@Zope").mkdir(parents=True)
    (root / "@@Zope").mkdir()
    (root / "@@Zope" / "Root").write_text("http://me@localhost/demo\n")
    return root


PLACES = ["", "@@Zope", "@@Zope/Root"]


def refused(root: Path, message: str) -> None:
    with pytest.raises(PathRefused, match=message) as caught:
        WorkingCopy.find(str(root / "demo"))
    assert f"{VARIABLE}={root} " in str(caught.value)
    with pytest.raises(PathRefused, match=message):
        Network().loadrooturl(str(root / "demo"))


@pytest.mark.parametrize("place", PLACES)
def test_files_everybody_can_write_are_refused(root: Path, place: str) -> None:
    (root / place).chmod(0o777)
    refused(root, "can be written by everybody")


def test_a_directory_where_others_replace_nothing_is_accepted(root: Path) -> None:
    root.chmod(0o1777)
    assert WorkingCopy.find(str(root)).root == str(root)


def test_a_group_may_share_it(root: Path) -> None:
    root.chmod(0o775)
    assert WorkingCopy.find(str(root)).root == str(root)


@as_root
@pytest.mark.parametrize("place", PLACES)
def test_files_that_belong_to_others_are_refused(root: Path, place: str) -> None:
    os.chown(root / place, 4711, -1)
    refused(root, "belongs to the user 4711")


@as_root
def test_with_sudo_it_may_belong_to_who_called_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(root, 4711, -1)
    monkeypatch.setenv("SUDO_UID", "4711")
    assert WorkingCopy.find(str(root)).root == str(root)


def test_a_tree_taken_out_is_looked_at_too(root: Path) -> None:
    (root / "@@Zope" / "Root").unlink()
    root.chmod(0o777)
    with pytest.raises(PathRefused, match="can be written by everybody"):
        WorkingCopy.find(str(root / "demo"))


@pytest.mark.parametrize("spelling", ["{root}", "/nosuch:{root}/../co", "*"])
def test_ownership_can_be_declared_safe(
    root: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    root.chmod(0o777)
    monkeypatch.setenv(VARIABLE, spelling.format(root=root))
    assert WorkingCopy.find(str(root)).root == str(root)
    Network().loadrooturl(str(root))


def test_another_directory_does_not_count(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.chmod(0o777)
    monkeypatch.setenv(VARIABLE, f"{root}/demo:{root.parent}:")
    refused(root, "can be written by everybody")


def test_no_working_copy_is_made_where_others_can_change_it(tmp_path: Path) -> None:
    target = tmp_path / "open"
    target.mkdir()
    target.chmod(0o777)
    with pytest.raises(PathRefused, match="everybody"), WorkingCopy.making(str(target)):
        pass  # pragma: no cover
    assert os.listdir(target) == []
