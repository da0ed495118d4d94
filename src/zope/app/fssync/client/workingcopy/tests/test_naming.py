"""Files have the names of their objects, and are found by them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.app.fssync.client.workingcopy import conversion
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.naming import as_named
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.casefolding import make_insensitive
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import metadata
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import has
from zope.app.fssync.testing.controldata import listed
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.app.fssync.testing.namingserver import NamingServer
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError

NFC, NFD = "gr\u00f6\u00dfe.txt", "gro\u0308\u00dfe.txt"
ACUTE, TILDE = "\u00e9.txt", "\u00f1"
FOLDER = "\u00dcbers"


@pytest.fixture(autouse=True)
def composing(monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems leave names as they are, wherever the tests run."""
    monkeypatch.setattr(paths, "DECOMPOSES", False)


@pytest.fixture
def server() -> Server:
    server = NamingServer(
        {
            "demo": None,
            "demo/Docs": None,
            "demo/Docs/a.txt": b"Docs\n",
            "demo/Readme.txt": b"Readme\n",
            "demo/docs": None,
            "demo/docs/a.txt": b"docs\n",
            "demo/readme.txt": b"readme\n",
            "demo/todo.txt": b"lower\n",
            f"demo/{FOLDER}": None,
            f"demo/{FOLDER}/\u00e9.txt": b"e\n",
            f"demo/{NFC}": b"composed\n",
        }
    )
    server.extras.update({f"demo/{NFC}": b"'text/plain'", f"demo/{FOLDER}": b"'x'"})
    return server


def decomposed(client: Client, monkeypatch: pytest.MonkeyPatch, target: str) -> Path:
    """A checkout as releases before this one make it."""
    with monkeypatch.context() as patch:
        patch.setattr(paths, "DECOMPOSES", True)
        client("checkout", target, url=URL, layout=COMPACT)
    return client.home / target / "demo"


def keys(directory: Path) -> dict[str, str]:
    entries = metadata().getmanager(str(directory)).entries
    return {name: entry.get("key", name) for name, entry in entries.items()}


def contents(directory: Path) -> list[bytes]:
    return sorted(p.read_bytes() for p in directory.iterdir() if p.is_file())


# Checkout, update, commit


@pytest.mark.parametrize("streamed", [False, True])
def test_a_checkout_has_the_names_of_the_objects(
    client: Client, server: Server, home: Path, streamed: bool
) -> None:
    server.streamed = streamed
    server.objects[f"demo/{NFD}"] = b"decomposed\n"
    client("checkout", "co", url=URL)
    co = home / "co" / "demo"
    assert keys(co) == {
        "Docs": "Docs",
        "Readme.txt": "Readme.txt",
        "docs-1": "docs",
        "readme-1.txt": "readme.txt",
        "todo.txt": "todo.txt",
        FOLDER: FOLDER,
        # Of two that look the same one is numbered.
        NFD: NFD,
        "gr\u00f6\u00dfe-1.txt": NFC,
    }
    assert set(listed(co)) == keys(co).keys()
    assert has(co / FOLDER / "@@Zope/Entries.xml")
    for name in (FOLDER, "gr\u00f6\u00dfe-1.txt"):
        assert has(co / "@@Zope/Extra" / name / "contentType")
    assert keys(co / FOLDER) == {"\u00e9.txt": "\u00e9.txt"}
    assert client.each("status", "co", verbose=False) == []
    assert client("update", "co/demo") == []
    assert client("doctor", "co") == []


@pytest.mark.parametrize("streamed", [False, True])
def test_a_top_has_the_name_of_the_object(
    client: Client, server: Server, home: Path, streamed: bool
) -> None:
    server.streamed = streamed
    client("checkout", "co", url=f"{URL}/{FOLDER}")
    assert listed(home / "co") == [FOLDER]
    assert client("update", f"co/{FOLDER}") == []
    client("checkout", "one", url=f"{URL}/{NFC}")
    assert listed(home / "one") == [NFC]


def test_decomposed_names_stay_as_archives_have_them(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "DECOMPOSES", True)
    client("checkout", "co", url=URL)
    co = home / "co" / "demo"
    assert keys(co)[NFD] == NFC
    before = snapshot(home / "co")
    client("upgrade", "co")
    assert snapshot(home / "co") == before


def test_a_working_copy_in_the_layout_of_3_6_0_keeps_its_names(
    client: Client, server: Server, co: Path
) -> None:
    client("downgrade", "co")
    assert keys(co)[NFD] == NFC
    server.objects["demo/\u00f1.txt"] = b"n\n"
    assert client("update", "co/demo") == ["U co/demo/n\u0303.txt"]
    assert (co / NFD).exists()


@pytest.mark.parametrize("name", ["readme-1.txt", "docs-1", "docs-1/a.txt", NFC])
def test_objects_with_another_name_here_are_committed_and_updated_alone(
    client: Client, server: Server, co: Path, name: str
) -> None:
    file = co / name if (co / name).is_file() else co / name / "a.txt"
    key = str(file.relative_to(co)).replace("-1", "")
    file.write_bytes(b"edited\n")
    client("commit", f"co/demo/{name}")
    assert server.objects[f"demo/{key}"] == b"edited\n"
    assert client.each("status", "co", verbose=False) == []
    server.objects[f"demo/{key}"] = b"theirs\n"
    assert client("update", f"co/demo/{name}") == [
        f"U {file.relative_to(co.parents[1])}"
    ]
    assert file.read_bytes() == b"theirs\n"
    client("remove", f"co/demo/{name}")
    client("commit", f"co/demo/{name}")
    assert f"demo/{name.replace('-1', '')}" not in server.objects
    assert "demo/Readme.txt" in server.objects
    assert client.each("status", "co", verbose=False) == []


_names = st.sets(
    st.one_of(
        st.sampled_from(
            ["a", "A", "a-1", "A-1", NFC, NFD, "\u00fc", "u\u0308", "\u00dc"]
        ),
        st.text(
            "aAb\u0308\u0301\u00e4\u1100\u1161\u212b\u212a\u0130.-",
            min_size=1,
            max_size=5,
        ),
    ).filter(lambda name: paths.portable_name(name) == name),
    max_size=8,
)


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=_names, second=_names, streamed=st.booleans())
def test_names_go_round(
    monkeypatch: pytest.MonkeyPatch, first: set[str], second: set[str], streamed: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory, monkeypatch.context() as patch:
        patch.chdir(directory)
        server = NamingServer({"demo": None, **{f"demo/{n}": b"1" for n in first}})
        server.streamed = streamed
        client = Client(server, Path(directory))
        client("checkout", "co", url=URL)
        co = Path("co/demo")
        for names in (first, second):
            server.objects = {"demo": None, **{f"demo/{n}": b"1" for n in names}}
            client("update", "co/demo")
            found = keys(co)
            # Each object has one file.
            assert sorted(found.values()) == sorted(names)
            assert set(listed(co)) == found.keys()
            for file in found:
                (co / file).write_text(f"of {found[file]}")
            client("commit", "co/demo")
            assert server.objects == {
                "demo": None,
                **{f"demo/{n}": f"of {n}".encode() for n in names},
            }
            assert client.each("status", "co", verbose=False) == []
            assert client("update", "co/demo") == []
        before = snapshot(Path("co"))
        client("downgrade", "co")
        assert all(paths.nfd(name) == name for name in keys(co))
        assert sorted(keys(co).values()) == sorted(second)
        assert client.each("status", "co", verbose=False) == []
        client("upgrade", "co")
        assert {n: d for n, d in snapshot(Path("co")).items() if "Base" not in n} == {
            n: d for n, d in before.items() if "Base" not in n
        }


# Arguments and twins


def test_arguments_are_found_in_either_form(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"co/demo/{FOLDER}/\u00e9.txt"
    assert as_named(paths.nfd(here)) == here
    assert as_named(f"{paths.nfd(f'co/demo/{FOLDER}')}/") == f"co/demo/{FOLDER}/"
    # What is gone from the disk is found by what is registered.
    Path(here).unlink()
    assert as_named(paths.nfd(here)) == here
    Path(here).parent.joinpath(paths.nfd("\u00e9.txt")).write_bytes(b"twin\n")
    assert as_named(paths.nfd(here)) == f"co/demo/{FOLDER}/{paths.nfd(ACUTE)}"
    new = f"co/demo/{paths.nfd(FOLDER)}/{paths.nfd(TILDE)}"
    assert as_named(new) == f"co/demo/{FOLDER}/{paths.nfd(TILDE)}"
    assert as_named("\udcfc/x") == "\udcfc/x"
    old = decomposed(client, monkeypatch, "old")
    monkeypatch.chdir(old)
    assert as_named(NFC) == NFD
    assert as_named(f"{FOLDER}/\u00e9.txt") == paths.nfd(f"{FOLDER}/\u00e9.txt")


def test_a_damaged_working_copy_does_not_hinder_finding(co: Path) -> None:
    (control(co) / "Entries.xml").write_text("<")
    assert as_named("co/demo/\u00f1") == "co/demo/\u00f1"


@pytest.mark.parametrize(
    ("verb", "name", "said"),
    [
        ("add", NFD, ascii(f"co/demo/{NFC}")),
        ("mkdir", paths.nfd(FOLDER), ascii(f"co/demo/{FOLDER}")),
        ("add", "docs", "docs-1"),
        ("add", "readme.txt", "readme-1.txt"),
    ],
)
def test_a_second_file_for_an_object_is_refused(
    client: Client, co: Path, verb: str, name: str, said: str
) -> None:
    before = keys(co)
    if verb == "add":
        (co / name).write_bytes(b"twin\n")
    with pytest.raises(Error, match="another file has its name") as caught:
        client(verb, f"co/demo/{name}")
    assert said in str(caught.value)
    with pytest.raises(Error, match="nothing known about") as caught:
        client("revert", f"co/demo/{name}")
    assert said in str(caught.value)
    assert keys(co) == before


def test_a_second_file_that_an_older_release_added_is_named_by_a_commit(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    co = decomposed(client, monkeypatch, "old")
    (co / NFC).write_bytes(b"twin\n")
    entries = metadata()
    entries.getentry(str(co / NFC)).update(flag="added", id=f"/demo/{NFC}")
    entries.flush()
    before = dict(server.objects)
    with pytest.raises(Error, match="another file has its name") as caught:
        client("commit", "old/demo")
    assert ascii(NFD) in str(caught.value)
    assert server.objects == before
    client("revert", f"old/demo/{NFC}")
    client("commit", "old/demo")
    assert (co / NFC).read_bytes() == b"twin\n"


# Upgrade


def prepare(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[str]]:
    """A working copy with decomposed names, with changes of each kind."""
    co = decomposed(client, monkeypatch, "old")
    (co / NFD).write_bytes(b"edited\n")
    (co / paths.nfd(FOLDER) / "unregistered").write_bytes(b"mine\n")
    (co / f"@@Zope/Extra/{NFD}/contentType").write_bytes(b"'text/html'")
    client("remove", f"old/demo/{paths.nfd(FOLDER)}/{paths.nfd(ACUTE)}")
    (co / "added\u00fc").write_bytes(b"new\n")
    client("add", "old/demo/added\u00fc")
    return co, client.each("status", "old", verbose=False)


@pytest.mark.parametrize("plain", [False, True])
def test_upgrade_gives_files_the_names_of_their_objects(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    co, said = prepare(client, monkeypatch)
    if plain:
        client("downgrade", "old")
        assert sorted(map(paths.nfc, client.each("status", "old", verbose=False))) == (
            sorted(map(paths.nfc, said))
        )
    stamp = (co / NFD).stat()
    client("upgrade", "old")
    assert keys(co)[NFC] == NFC
    assert keys(co / FOLDER) == {"\u00e9.txt": "\u00e9.txt"}
    assert not any(paths.nfc(n) != n for n in snapshot(co.parent))
    assert sorted(client.each("status", "old", verbose=False)) == sorted(
        map(paths.nfc, said)
    )
    moved = (co / NFC).stat()
    assert (moved.st_ino, moved.st_mtime_ns) == (stamp.st_ino, stamp.st_mtime_ns)
    assert (co / NFC).read_bytes() == b"edited\n"
    assert (co / FOLDER / "unregistered").read_bytes() == b"mine\n"
    assert client("doctor", "old") == []
    again = snapshot(co.parent)
    client("upgrade", "old")
    assert snapshot(co.parent) == again
    client("commit", "old/demo")
    assert server.objects[f"demo/{NFC}"] == b"edited\n"
    assert f"demo/{FOLDER}/\u00e9.txt" not in server.objects
    assert client.each("status", "old", verbose=False) == [
        f"? old/demo/{FOLDER}/unregistered"
    ]


def test_upgrade_names_what_is_in_the_way(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    co = decomposed(client, monkeypatch, "old")
    (co / NFC).write_bytes(b"twin\n")
    with pytest.raises(WorkingCopyError, match="1 not renamed") as caught:
        client("upgrade", "old")
    assert ascii(NFD)[1:-1] in str(caught.value)
    assert (co / NFC).read_bytes() == b"twin\n"
    assert keys(co)[NFD] == NFC
    assert FOLDER in keys(co)
    # As the message says.
    (co / NFC).rename(co / "twin")
    client("upgrade", "old")
    assert keys(co)[NFC] == NFC
    assert client.each("status", "old", verbose=False) == ["? old/demo/twin"]


# That of a description on the way is in test_convert.
@pytest.mark.layout(2)
@pytest.mark.slow
@pytest.mark.parametrize("verb", ["upgrade", "downgrade"])
def test_an_interrupted_renaming_loses_nothing_and_is_finished(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(conversion, "CONVERTED_DIRECTORIES", 1)
    prepare(client, monkeypatch)
    if verb == "downgrade":
        client("upgrade", "old")
    shutil.copytree("old", "pristine", symlinks=True)
    client(verb, "old")
    whole = {n: d for n, d in snapshot(home / "old").items() if "Lock" not in n}
    said = client.each("status", "old", verbose=False)
    last = 0
    while True:
        shutil.rmtree("old")
        shutil.copytree("pristine", "old", symlinks=True)
        try:
            with Faults(last):
                client(verb, "old")
            break
        except Killed:
            last += 1
        found = client.each("status", "old", verbose=False)
        assert sorted(map(paths.nfc, found)) == sorted(map(paths.nfc, said)), last
        client(verb, "old")
        assert client.each("status", "old", verbose=False) == said
        after = {n: d for n, d in snapshot(home / "old").items() if "Lock" not in n}
        assert after.keys() == whole.keys()
        assert {n: d for n, d in after.items() if "Base" not in n} == {
            n: d for n, d in whole.items() if "Base" not in n
        }, last
    assert last > 20


# Case


def settle(client: Client, co: Path) -> None:
    """Another update changes nothing, and brings nothing."""
    for _ in range(2):
        before = snapshot(co)
        lines = client("update", "co/demo")
        assert not [line for line in lines if line[0] in "UDN"]
        assert snapshot(co) == before


@pytest.mark.parametrize("insensitive", [False, True])
@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("change", ["added", "renamed", "removed here", "in the way"])
def test_an_update_with_names_that_differ_in_case_settles(
    client: Client,
    co: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    insensitive: bool,
    edited: bool,
    change: str,
) -> None:
    if insensitive:
        make_insensitive(home, monkeypatch)
    objects = client.server.objects
    if edited:
        (co / "todo.txt").write_bytes(b"mine\n")
    if change == "in the way":
        (co / "NEW.txt").write_bytes(b"upper\n")
        objects["demo/new.txt"] = b"theirs\n"
    else:
        objects["demo/TODO.txt"] = b"theirs\n"
    if change == "renamed":
        del objects["demo/todo.txt"]
    if change == "removed here":
        (co / "todo.txt").unlink()
        client("remove", "co/demo/todo.txt")
    client("update", "co/demo")
    settle(client, co)
    found = contents(co)
    assert b"theirs\n" in found
    assert (b"mine\n" in found) == (edited and change != "removed here")
    assert (b"upper\n" in found) == (change == "in the way")
    assert not list(co.glob("*.mine*"))
    assert (b"lower\n" in found) == (not edited and change in ("added", "in the way"))
    assert "demo/TODO.txt" in objects or "demo/new.txt" in objects
    if change == "added":
        client("commit", "co/demo")
        assert objects["demo/TODO.txt"] == b"theirs\n"
        assert objects["demo/todo.txt"] == (b"mine\n" if edited else b"lower\n")
        settle(client, co)


def test_an_object_is_not_taken_for_another_that_has_its_name_now(
    client: Client, server: Server, co: Path
) -> None:
    # Alone, `docs` and `readme.txt` are called so by the server.
    (co / "readme-1.txt").write_bytes(b"mine\n")
    server.objects["demo/readme-1.txt"] = b"another\n"
    del server.objects["demo/readme.txt"]
    client("update", "co/demo")
    assert client.conflicts == ["co/demo/readme-1.txt"]
    assert (co / "readme-1.txt").read_bytes() == b"mine\n"
    assert keys(co)["readme-1.txt"] == "readme.txt"
    assert b"another\n" in contents(co)
    client("resolve", "co/demo/readme-1.txt")
    client("commit", "co/demo")
    assert server.objects["demo/readme.txt"] == b"mine\n"
    assert server.objects["demo/readme-1.txt"] == b"another\n"


# Merge of working copies


def test_a_merge_pairs_files_by_their_objects(
    client: Client, co: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = decomposed(client, monkeypatch, "old")
    (old / NFD).write_bytes(b"edited\n")
    lines: list[str] = client("merge", ["old/demo", "co/demo"])
    assert lines == [f"M co/demo/{NFC}"]
    assert (co / NFC).read_bytes() == b"edited\n"
    assert not (co / NFD).exists()


# Doctor


def test_doctor_finds_the_object_of_a_file_that_has_another_name(
    client: Client, server: Server, co: Path
) -> None:
    (control(co) / "Entries.xml").unlink()
    client("doctor", "co")
    assert set(keys(co)) == set(listed(co))
    assert keys(co)[NFC] == NFC
    assert keys(co)["readme-1.txt"] == "readme.txt"
    assert client.each("status", "co", verbose=False) == []


# Messages


def test_a_message_that_is_no_text_is_refused_before_anything_is_sent(
    client: Client, co: Path
) -> None:
    client.server.requests.clear()
    with pytest.raises(Error, match="no text in the encoding") as caught:
        client("commit", "co/demo", "m\udcfcll")
    assert "-F FILE" in str(caught.value)
    for size in (20_001, 100_000):
        with pytest.raises(Error, match=f"has {size} bytes"):
            client("commit", "co/demo", "a" * size)
    with pytest.raises(Error, match="no text in the encoding"):
        client("checkin", "co/demo", "m\udcfcll", url=f"{URL}/new")
    assert client.server.requests == []
    client("commit", "co/demo", "\u00fc" * 10_000)
    assert len(client.server.requests) == 1


def test_a_name_with_a_line_break_is_not_added(client: Client, co: Path) -> None:
    (co / "x\nM todo.txt").write_bytes(b"")
    with pytest.raises(PathRefused, match="control characters") as caught:
        client("add", "co/demo/x\nM todo.txt")
    assert "\n" not in caught.value.message


def test_a_name_that_is_no_text_is_refused_for_that(client: Client, co: Path) -> None:
    (co / "bad\udcff.txt").write_bytes(b"")
    with pytest.raises(PathRefused, match="no text in the encoding of names"):
        client("add", "co/demo/bad\udcff.txt")
