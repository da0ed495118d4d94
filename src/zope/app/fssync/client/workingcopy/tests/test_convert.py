"""From one layout to the other and back: nothing is lost, wherever it stops."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy import convert
from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.journal import Step
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.app.fssync.client.workingcopy.statcache import Unchanged
from zope.app.fssync.client.workingcopy.tests.packs import contents_of
from zope.app.fssync.client.workingcopy.tests.packs import first_version
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import pristine
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import write
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import WorkingCopyError
from zope.fssync.limits import UNPACKED_SIZE


@pytest.fixture
def server() -> Server:
    server = Server(
        {
            "demo": None,
            "demo/a.txt": b"a\n",
            "demo/large.bin": b"x" * (UNPACKED_SIZE + 1),
            "demo/sub": None,
            "demo/sub/deep.txt": b"deep\n",
            "demo/void": None,
        }
    )
    server.extras.update({"demo/a.txt": b"'text/plain'", "demo/sub": b"'x'"})
    return server


def received(root: Path) -> dict[str, object]:
    """What is there, without what only servers can tell anew."""
    return {name: data for name, data in snapshot(root).items() if "Base" not in name}


def edit(client: Client, co: Path) -> list[str]:
    """Change something of each kind; returns what status says."""
    (co / "a.txt").write_bytes(b"edited\n")
    (co / "sub" / "deep.txt").unlink()
    write(co / "@@Zope/Extra/a.txt/contentType", b"'text/html'")
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    return client.each("status", "co")


@pytest.mark.parametrize("layout", [COMPACT, DESCRIBED])
def test_all_layouts_tell_the_same(client: Client, home: Path, layout: int) -> None:
    client("checkout", "co", url=URL, layout=layout)
    co = home / "co" / "demo"
    said = edit(client, co)
    before = received(co.parent)
    client("downgrade", "co/demo/sub")
    plain = snapshot(co.parent)
    assert client.each("status", "co") == said
    for what in ("Base", "Format", "Received", ".zsync", "*.meta"):
        assert not list(co.parent.rglob(what))
    assert (co / "@@Zope/Original/a.txt").read_bytes() == b"a\n"
    assert (co / "@@Zope/Extra/a.txt/@@Zope/Original/contentType").exists()
    client("downgrade", "co")
    assert snapshot(co.parent) == plain
    client("upgrade", "co", layout=layout)
    assert client.each("status", "co") == said
    assert received(co.parent) == before
    assert not list(co.parent.rglob("Original/a.txt"))
    client("downgrade", "co")
    assert snapshot(co.parent) == plain


def test_a_working_copy_of_3_6_0_is_upgraded(client: Client, home: Path) -> None:
    root = working_copy("demo-pending.tar.gz", home)
    before, said = snapshot(root), client.each("status", "co")
    client("upgrade", "co")
    assert client.each("status", "co") == said
    after = snapshot(root)
    assert len(after) < len(before) / 2
    client("downgrade", "co")
    downgraded = snapshot(root)
    assert {n: d for n, d in before.items() if d != "/"} == {
        n: d for n, d in downgraded.items() if d != "/"
    }


def test_after_an_upgrade_an_update_and_a_commit_go_on(
    client: Client, server: Server, co: Path
) -> None:
    client("downgrade", "co")
    client("upgrade", "co")
    (co / "a.txt").write_bytes(b"edited\n")
    client.each("commit", "co")
    assert server.objects["demo/a.txt"] == b"edited\n"
    server.objects["demo/sub/deep.txt"] = b"news\n"
    assert client.each("update", "co") == ["U co/demo/sub/deep.txt"]
    assert client.each("status", "co", verbose=False) == []


@pytest.mark.layout(2)
def test_packs_of_the_first_version_serve_until_their_directory_changes(
    client: Client, server: Server, co: Path
) -> None:
    for pack in co.parent.rglob("Base"):
        pack.write_bytes(first_version(contents_of(pack)))
    said = edit(client, co)
    first = (co / "sub/@@Zope/Base").read_bytes()
    assert first.startswith(b"zsync base 1 ")
    assert said == client.each("status", "co")
    assert client("doctor", "co") == []
    client.each("commit", "co/demo/a.txt")
    assert (co / "@@Zope/Base").read_bytes().startswith(b"zsync base 2\n")
    assert pristine(co / "a.txt") == b"edited\n"
    client.each("update", "co")
    assert (co / "sub/@@Zope/Base").read_bytes() == first
    client("downgrade", "co")
    assert (co / "@@Zope/Original/a.txt").read_bytes() == b"edited\n"
    assert (co / "sub/@@Zope/Original/deep.txt").read_bytes() == b"deep\n"


def test_another_working_copy_inside_is_left_alone(
    client: Client, co: Path, home: Path
) -> None:
    client("checkout", "co/demo/inner", url=URL)
    before = snapshot(co / "inner")
    client("downgrade", "co")
    assert snapshot(co / "inner") == before


@pytest.mark.parametrize("layout", [COMPACT, DESCRIBED])
@pytest.mark.parametrize("before", [PLAIN, COMPACT])
def test_the_first_look_after_an_upgrade_reads_no_more_than_one_after_a_checkout(
    client: Client,
    server: Server,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    layout: int,
) -> None:
    if before == PLAIN:
        client("downgrade", "co")
    client("upgrade", "co", layout=layout)
    server.streamed = True
    client("checkout", "fresh", url=URL, layout=layout)
    examined: list[str] = []
    examine = Unchanged._examine_file

    def counted(self: Unchanged, directory: str, name: str, parts: Any) -> Any:
        # What was checked out is found anew where its record is too young.
        if name != "demo":
            examined.append(name)
        return examine(self, directory, name, parts)

    monkeypatch.setattr(Unchanged, "_examine_file", counted)
    client("status", "fresh/demo")
    assert examined == []
    client("status", "co/demo")
    assert examined == []
    (co / "sub" / "deep.txt").write_bytes(b"edited\n")
    assert "M co/demo/sub/deep.txt" in client("status", "co/demo")
    assert examined == ["deep.txt"]


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
    monkeypatch.setattr(convert, "CONVERTED_DIRECTORIES", 2)
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
            patched.setattr(convert, "remove_all", killed)
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


def test_files_named_like_descriptions_are_kept(client: Client, co: Path) -> None:
    client("downgrade", "co")
    (co / "@@a.txt.meta").write_bytes(b"my own notes")
    client("upgrade", "co", layout=DESCRIBED)
    assert (co / "@@a.txt.meta.mine").read_bytes() == b"my own notes"
    assert b"text/plain" in (co / "@@a.txt.meta").read_bytes()


def test_files_in_the_place_of_control_data_are_kept(
    client: Client, home: Path
) -> None:
    client("checkout", "co", url=URL, layout=DESCRIBED)
    co = home / "co" / "demo"
    (co / "sub" / "deep.txt").write_bytes(b"edited\n")
    said = client.each("status", "co")
    for directory, name in ((co / "sub", "notes"), (home / "co", "Format")):
        (directory / "@@Zope").mkdir()
        (directory / "@@Zope" / name).write_bytes(b"my own notes")
    told = client("downgrade", "co")
    kept = ["co/@@Zope/Format.mine", "co/demo/sub/@@Zope.mine"]
    assert sorted(told) == [f"C {path}" for path in kept]
    assert (home / kept[0]).read_bytes() == b"my own notes"
    assert (home / kept[1] / "notes").read_bytes() == b"my own notes"
    known = [line for line in client.each("status", "co") if line[0] != "?"]
    assert known == said


@pytest.mark.parametrize("verb", ["status", "update", "upgrade", "downgrade"])
def test_a_layout_of_a_newer_release_is_not_touched(
    client: Client, co: Path, verb: str
) -> None:
    named = control(co.parent) / "Format"
    named.write_text("4\n")
    before = snapshot(co.parent)
    with pytest.raises(WorkingCopyError, match="made by a newer zsync"):
        client(verb, "co/demo")
    named.write_text("two\n")
    with pytest.raises(MetadataDamaged, match="no number of a layout"):
        client(verb, "co/demo")
    named.write_text("4\n")
    assert snapshot(co.parent) == before


def test_an_object_takes_few_files(client: Client, server: Server, home: Path) -> None:
    server.objects = {"demo": None}
    for number in range(20):
        server.objects[f"demo/{number}"] = b"%d" % number * 500
        server.extras[f"demo/{number}"] = b"'text/plain'" * 10
    client("checkout", "co", url=URL)
    found = snapshot(home / "co")
    size = sum(len(data) for data in found.values())
    content = sum(len(d or b"") for d in server.objects.values())
    content += sum(map(len, server.extras.values()))
    assert len(found) <= 20 * 3 + 10
    assert size <= 3 * content
