"""An unfinished promotion is found by the next command for the same sites."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.promotioncopy import Begun
from zope.app.fssync.client.promotioncopy import PromotionCopy
from zope.fssync.errors import Locked

SITES = "http://staging/site", "http://www/site"
UNTIL = "03" * 8


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_a_promotion_is_recorded_without_login() -> None:
    wanted = Wanted(*SITES, ("a",), ("File",), note="May")
    copy = PromotionCopy(wanted)
    copy.make()
    assert copy.begun() is None
    copy.note(wanted._replace(source="http://me:pw@staging/site"), UNTIL)
    assert PromotionCopy(Wanted(*SITES)).begun() == Begun(wanted, UNTIL)
    assert PromotionCopy(Wanted(SITES[0], "http://other/site")).begun() is None
    copy.remove()
    assert copy.begun() is None


def test_a_promotion_is_locked_against_other_commands(state: Path) -> None:
    copy = PromotionCopy(Wanted(*SITES))
    other = PromotionCopy(Wanted(*SITES))
    refused = pytest.raises(Locked, match="the promotion is locked")
    with copy.locked(), refused, other.locked():
        pass
    assert list(state.iterdir()) == []
