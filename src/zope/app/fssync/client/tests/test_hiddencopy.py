"""A command makes a place for itself, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.hiddencopy import agree
from zope.app.fssync.client.hiddencopy import directory_for
from zope.app.fssync.client.hiddencopy import left_places
from zope.app.fssync.client.hiddencopy import locked_place
from zope.app.fssync.client.hiddencopy import make_place
from zope.app.fssync.client.hiddencopy import remove_place
from zope.fssync.errors import Locked


def test_a_place_is_private_and_goes_with_what_is_empty_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    above = Path(directory_for("edit"))
    assert above == tmp_path / "zsync" / "edit"
    first, second = above / "1", above / "2"
    for place in (first, second):
        make_place(str(place))
        (place / "file").write_text("x")
        assert place.stat().st_mode & 0o777 == 0o700
    remove_place(str(first))
    assert list(above.iterdir()) == [second]
    remove_place(str(second))
    assert list(tmp_path.iterdir()) == []
    # Nothing is there any more.
    remove_place(str(second))


def test_a_place_is_locked_before_it_is_made_and_left_ones_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert left_places("edit") == []
    place = str(Path(directory_for("edit")) / "0123cdef")
    with locked_place(place, "edit"):
        make_place(place)
        own = Path(directory_for("edit")) / "my notes"
        own.write_text("kept")
        assert left_places("edit") == [place]
        own.unlink()
        with pytest.raises(Locked), locked_place(place, "edit"):
            pass
    assert left_places("edit") == [place]
    remove_place(place)
    assert list(tmp_path.iterdir()) == []
    # Of a command that was killed at its beginning only the lock may be left.
    with locked_place(place, "edit"):
        assert left_places("edit") == [place]
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_not_shared(tmp_path: Path) -> None:
    make_place(str(tmp_path / "a"))
    with pytest.raises(FileExistsError):
        make_place(str(tmp_path / "a"))


def test_without_a_variable_state_is_below_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert directory_for("promote") == str(tmp_path / ".local/state/zsync/promote")


def test_deletions_are_agreed_to() -> None:
    assert agree("Delete 3 files?")
