"""Precautions against servers of 3.6.0, and none against others."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.client import compat36
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import ServerRefused
from zope.fssync.files import Tree
from zope.fssync.metadata import Metadata
from zope.fssync.repository import SnarfRepository


def network(old: bool | None, user: str = "", accepts: bool = False) -> Any:
    said: list[str] = []
    return SimpleNamespace(
        old_server=old,
        location=RootURL.parse(f"http://{user}example.org/demo"),
        accepts_login=lambda path: accepts,
        login_advice=lambda: "Log in.",
        options=SimpleNamespace(warn=said.append),
        said=said,
    )


def archive(*names: str) -> SnarfRepository:
    return SnarfRepository(io.BytesIO(Archive((name, b"x") for name in names).dump()))


def test_an_old_server_that_ignores_the_login_is_left() -> None:
    with pytest.raises(AccessDenied, match="only what everybody may see"):
        compat36.check_login(network(True, "ann@"), "/demo")
    compat36.check_login(network(True, "ann@", accepts=True), "/demo")
    compat36.check_login(network(True), "/demo")
    compat36.check_login(network(False, "ann@"), "/demo")


def test_extras_received_with_a_login_are_not_lost(tmp_path: Path) -> None:
    top = tmp_path / "demo"
    top.mkdir()
    plain, special = archive("demo/a"), archive("demo/@@Zope/Extra/a/title")
    compat36.check_anonymous(network(True), Tree(), plain, str(top))
    (top / "@@Zope" / "Extra" / "a").mkdir(parents=True)
    (top / "a").write_bytes(b"")
    compat36.check_anonymous(network(True), Tree(), special, str(top))
    compat36.check_anonymous(network(True, "ann@"), Tree(), plain, str(top))
    compat36.check_anonymous(network(False), Tree(), plain, str(top))
    with pytest.raises(AccessDenied, match="neither extras nor annotations"):
        compat36.check_anonymous(network(True), Tree(), plain, str(top))


def test_a_commit_that_fails_has_the_advice_that_fits(tmp_path: Path) -> None:
    metadata = Metadata()
    (tmp_path / "sub").mkdir()
    metadata.getentry(str(tmp_path / "sub"))["type"] = "folder"

    def advice(old: bool | None) -> str:
        return compat36.commit_advice(network(old), metadata, Tree(), str(tmp_path))

    assert "'zsync update' first" in advice(True)
    metadata.getentry(str(tmp_path / "sub" / "a-1"))["key"] = "A"
    assert "one by one" in advice(None)
    assert "'zsync update' first" in advice(False)


def test_a_site_is_told_from_other_conflicts() -> None:
    conflicts = ["demo/a", "demo/++etc++site"]
    assert compat36.site_advice(network(True), conflicts[:1]) is None
    assert compat36.site_advice(network(False), conflicts) is None
    assert "no site" in (compat36.site_advice(network(None), conflicts) or "")


def test_a_damaged_archive_may_be_of_an_old_server() -> None:
    error = ArchiveDamaged("damaged")
    compat36.archive_advice(network(False), error)
    assert not error.advice
    compat36.archive_advice(network(True), error)
    assert "3.6.0" in str(error.advice)


def test_files_that_become_empty_are_told(tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.write_bytes(b"")
    full.write_bytes(b"x")
    lines = [f"M {empty}", f"M {full}", f"A {empty}", "M missing"]
    for old, count in ((True, 1), (False, 0), (None, 0)):
        server = network(old)
        compat36.tell_unstored(server, Tree(), lines)
        assert len(server.said) == count
        assert all(str(empty) in line for line in server.said)


def test_only_a_missing_view_is_an_old_server_for_a_rehearsal() -> None:
    assert compat36.rehearsal_advice(ServerRefused("HTTP error 500")) is None
    advice = compat36.rehearsal_advice(ServerRefused("HTTP error 404 (Not Found)"))
    assert "cannot rehearse" in str(advice)
