"""A conversion that was interrupted is finished by the next one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.workingcopy import conversion
from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.tests.convertible import edit
from zope.app.fssync.client.workingcopy.tests.convertible import server as server
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed


def test_another_working_copy_inside_is_left_alone(
    client: Client, co: Path, home: Path
) -> None:
    client("checkout", "co/demo/inner", url=URL)
    before = snapshot(co / "inner")
    client("downgrade", "co")
    assert snapshot(co / "inner") == before


# That to descriptions is in the scenarios.
@pytest.mark.layout(2)
@pytest.mark.slow
@pytest.mark.parametrize("verbs", [("upgrade", "downgrade"), ("downgrade", "upgrade")])
def test_an_interruption_anywhere_is_finished_by_another(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    verbs: tuple[str, str],
) -> None:
    # So that it is not all or nothing.
    monkeypatch.setattr(conversion, "CONVERTED_DIRECTORIES", 2)
    verb, back = verbs
    said = edit(client, co)
    for each in (verb, back, verb):
        client(each, "co")
    whole = snapshot(co.parent)
    client(back, "co")
    shutil.copytree("co", "pristine", symlinks=True)
    last = 0
    while True:
        shutil.rmtree("co")
        shutil.copytree("pristine", "co", symlinks=True)
        try:
            with Faults(last):
                client(verb, "co")
            break
        except Killed:
            last += 1
        assert client.each("status", "co") == said, last
        client(verb, "co")
        assert {n: d for n, d in snapshot(co.parent).items() if "Lock" not in n} == {
            n: d for n, d in whole.items() if "Lock" not in n
        }, last
    assert last > 20


@pytest.mark.layout(2)
@pytest.mark.parametrize("verb", ["cleanup", "update", "upgrade", "downgrade"])
def test_the_next_command_tells_of_edits_before_it_was_killed(
    client: Client, co: Path, verb: str
) -> None:
    perform = Journal.perform

    def edit_then_perform(journal: Journal, steps: list[Step]) -> None:
        if "demo/@@Zope" in {step.staged for step in steps}:
            (co / "@@Zope/Extra/a.txt/contentType").write_bytes(b"'text/late'")
            patched.setattr(conversion, "remove_all", killed)
        perform(journal, steps)

    def killed(root: str) -> list[str]:
        raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Journal, "perform", edit_then_perform)
        with pytest.raises(Killed):
            client("upgrade", "co", layout=DESCRIBED)
    kept = co / "a.txt.contentType.mine"
    assert not kept.exists()
    lines = client(verb, "co/demo")
    assert kept.read_bytes() == b"'text/late'"
    assert [line for line in lines if str(kept.relative_to(co.parent)) in line]
    assert not list(co.parent.rglob("Left"))
