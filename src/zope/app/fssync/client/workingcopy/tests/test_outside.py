"""Control data outside of the tree, and what a pointer to it may name."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from zope.app.fssync.client.configuration import load
from zope.app.fssync.client.workingcopy.outside import followed
from zope.app.fssync.client.workingcopy.outside import placing
from zope.app.fssync.client.workingcopy.outside import relocate
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.app.fssync.testing.filefaults import chosen
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError

pytestmark = pytest.mark.layout(3)

OTHERS = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108

as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root gives files away"
)


@pytest.fixture
def co(client: Client, server: Server, home: Path) -> Path:
    """A working copy whose control data is in ``state``."""
    server.objects["demo/big.bin"] = b"0123456789" * 200_000
    server.extras["demo/a.txt"] = b"text/plain"
    client("checkout", "co", url=URL, control="state")
    return home / "co" / "demo"


def changes(client: Client, target: str = "co/demo") -> list[str]:
    return [line for line in client("status", target) if line[0] not in "=/"]


def test_outside_is_what_a_checkout_makes_inside(
    client: Client, co: Path, home: Path
) -> None:
    client("checkout", "usual", url=URL)
    inside = snapshot(home / "usual" / ".zsync")
    outside = snapshot(home / "state")
    assert outside.pop("WorkingCopy") == b"../co\n"
    for control in (inside, outside):
        control.pop(".gitignore", None)
        control.pop("Index", None)
    assert outside == inside
    assert snapshot(home / "co" / ".zsync") == {
        ".gitignore": b"*\n",
        "Control": b"../state\n",
    }
    assert snapshot(co) == snapshot(home / "usual" / "demo")


def test_commands_work_as_ever(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/b.txt")
    client("move", ["co/demo/sub"], "co/demo/below")
    client("commit", "co/demo")
    assert server.objects["demo/a.txt"] == b"mine\n"
    assert server.objects["demo/new.txt"] == b"new\n"
    assert "demo/b.txt" not in server.objects
    assert server.objects["demo/below/deep.txt"] == b"deep\n"
    assert changes(client) == []

    server.objects["demo/big.bin"] = b"9876543210" * 200_000
    del server.objects["demo/new.txt"]
    client("update", "co/demo")
    assert (co / "big.bin").read_bytes() == server.objects["demo/big.bin"]
    assert not (co / "new.txt").exists()
    assert client("doctor", "co") == []
    assert changes(client) == []
    assert sorted(os.listdir(home / "co" / ".zsync")) == [".gitignore", "Control"]


def test_an_operation_is_taken_back(client: Client, co: Path, home: Path) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    client("revert", "co/demo/a.txt")
    assert changes(client) == []
    client("undo", "co")
    assert changes(client) == ["M co/demo/a.txt"]
    client("remove", "co/demo/sub")
    client("undo", "co")
    assert (co / "sub" / "deep.txt").exists()
    assert changes(client) == ["M co/demo/a.txt"]


def test_both_can_move_together(client: Client, server: Server, home: Path) -> None:
    client("checkout", "both/co", url=URL, control="both/state")
    (home / "both").rename(home / "elsewhere")
    assert changes(client, "elsewhere/co/demo") == []
    (home / "elsewhere/co/demo/a.txt").write_bytes(b"mine\n")
    client("commit", "elsewhere/co/demo")
    assert server.objects["demo/a.txt"] == b"mine\n"


def test_an_absolute_path_stays_absolute(client: Client, home: Path) -> None:
    client("checkout", "co", url=URL, control=str(home / "state"))
    assert (home / "co/.zsync/Control").read_text() == f"{home}/state\n"
    assert (home / "state/WorkingCopy").read_text() == f"{home}/co\n"
    assert changes(client) == []


MOVES = {
    "the tree": ("co", "moved", "moved", "state"),
    "the data": ("state", "data", "co", "data"),
}


@pytest.mark.parametrize("move", MOVES)
def test_moved_control_data_is_told_and_found_again(
    client: Client, co: Path, home: Path, move: str
) -> None:
    old, new, root, data = MOVES[move]
    (co / "a.txt").write_bytes(b"mine\n")
    (home / old).rename(home / new)
    with pytest.raises(Error, match="control data") as caught:
        client("status", f"{root}/demo")
    assert f"zsync relocate --control DIR {home / root}" in str(caught.value)
    client("relocate_control", root, data)
    assert changes(client, f"{root}/demo") == [f"M {root}/demo/a.txt"]
    client("commit", f"{root}/demo")
    assert changes(client, f"{root}/demo") == []


def test_outside_can_be_moved_out_and_in_again(
    client: Client, server: Server, home: Path
) -> None:
    client("checkout", "co", url=URL)
    (home / "co/.zsync").rename(home / "state")
    client("relocate_control", "co", "state")
    assert followed(str(home / "co")) == str(home / "state")
    assert changes(client) == []
    with pytest.raises(Error, match="is outside of it") as caught:
        client("downgrade", "co")
    assert f"remove {home}/co/.zsync, and move" in str(caught.value)
    client("upgrade", "co")
    assert changes(client) == []
    shutil.rmtree(home / "co/.zsync")
    (home / "state").rename(home / "co/.zsync")
    assert changes(client) == []
    client("downgrade", "co")
    assert changes(client) == []
    assert not (home / "co/.zsync").exists()


def test_a_copy_does_not_share_it(client: Client, co: Path, home: Path) -> None:
    shutil.copytree(home / "co", home / "copy")
    data = snapshot(home / "state")
    with pytest.raises(PathRefused, match=f"it belongs to {home}/co"):
        client("status", "copy/demo")
    with pytest.raises(Error, match=f"has the control data of {home}/co"):
        client("relocate_control", "copy", "state")
    assert snapshot(home / "state") == data
    assert changes(client) == []
    # The way out that is named.
    shutil.rmtree(home / "copy/.zsync")
    client("attach", "copy", url=URL, control="state2")
    assert changes(client, "copy/demo") == []
    assert changes(client) == []


@pytest.mark.parametrize(
    ("control", "message"),
    [
        ("full", "is not empty"),
        ("full/file", "is no directory"),
        ("co/inside", "lies in the working copy"),
        ("co", "lies in the working copy"),
        (".", "holds the working copy"),
        ("new/.zsync", "has the name of a control directory"),
        ("new/@@ZOPE", "has the name of a control directory"),
        ("a\nb", "line break"),
    ],
)
@pytest.mark.parametrize("verb", ["checkout", "attach"])
def test_a_directory_that_cannot_have_it_is_refused_at_once(
    client: Client, server: Server, home: Path, verb: str, control: str, message: str
) -> None:
    (home / "full").mkdir()
    (home / "full/file").touch()
    if verb == "attach":
        (home / "co/demo").mkdir(parents=True)
    before = snapshot(home)
    with pytest.raises(Error, match=message):
        client(verb, "co", url=URL, control=control)
    assert snapshot(home) == before
    assert server.requests == []


def test_older_layouts_have_it_inside(client: Client, home: Path) -> None:
    with pytest.raises(Error, match="in layout 3 only"):
        client("checkout", "co", url=URL, control="state", layout=2)
    assert os.listdir(home) == []


def test_a_working_copy_keeps_what_it_has(client: Client, co: Path, home: Path) -> None:
    before = snapshot(home)
    with pytest.raises(Error, match="is a working copy already"):
        client("checkout", "co", url=URL, control="state2")
    assert snapshot(home) == before
    (home / "state2").mkdir()
    (home / "state2/Root").write_text(f"{URL}\n")
    (home / "usual/.zsync").mkdir(parents=True)
    (home / "usual/.zsync/Root").write_text(f"{URL}\n")
    with pytest.raises(Error, match="has control data of its own"):
        relocate(str(home / "usual"), "state2")
    with pytest.raises(Error, match="no control data in"):
        relocate(str(home / "co"), "usual")


@pytest.mark.parametrize("there", [True, False])
def test_a_checkout_that_fails_leaves_nothing(
    client: Client, server: Server, home: Path, there: bool
) -> None:
    if there:
        (home / "deep/state").mkdir(parents=True)
    before = snapshot(home)
    server.answer = server.archive("demo")[:-100]
    with pytest.raises(ArchiveDamaged):
        client("checkout", "new/co", url=URL, control="deep/state")
    assert snapshot(home) == before


def test_files_of_an_interrupted_checkout_are_used(client: Client, home: Path) -> None:
    with placing(str(home / "co"), "state"):
        pass
    (home / "state/Journal").mkdir()
    (home / "state/Journal/0").write_bytes(b"staged\n")
    client("checkout", "co", url=URL, control="state")
    assert changes(client) == []
    assert not (home / "state/Journal").exists()
    (home / "co/.zsync/Control").unlink()
    with pytest.raises(Error, match="is not empty"):
        client("checkout", "co", url=URL, control="state")


@pytest.fixture
def elsewhere(home: Path) -> Iterator[Path]:
    """A directory on another file system than the working copies."""
    here = home.stat().st_dev
    others = [each for each in OTHERS if each.is_dir() and each.stat().st_dev != here]
    if not others:
        pytest.skip("there is no other file system")
    with tempfile.TemporaryDirectory(dir=others[0]) as directory:
        yield Path(directory)


def test_control_data_may_be_on_another_file_system(
    client: Client, server: Server, home: Path, elsewhere: Path
) -> None:
    server.objects["demo/big.bin"] = b"0123456789" * 200_000
    client("checkout", "co", url=URL, control=str(elsewhere / "state"))
    co = home / "co/demo"
    assert changes(client) == []
    (co / "a.txt").write_bytes(b"mine\n")
    (co / "new").mkdir()
    (co / "new/b.txt").write_bytes(b"new\n")
    client("add", "co/demo/new", recursive=True)
    client("remove", "co/demo/b.txt")
    client("move", ["co/demo/sub"], "co/demo/below")
    client("commit", "co/demo")
    assert server.objects["demo/new/b.txt"] == b"new\n"
    assert server.objects["demo/below/deep.txt"] == b"deep\n"
    server.objects["demo/big.bin"] = b"9876543210" * 200_000
    del server.objects["demo/new/b.txt"]
    client("update", "co/demo")
    assert (co / "big.bin").read_bytes() == server.objects["demo/big.bin"]
    assert changes(client) == []
    assert client("doctor", "co") == []
    (co / "a.txt").write_bytes(b"again\n")
    client("revert", "co/demo/a.txt")
    client("undo", "co")
    assert (co / "a.txt").read_bytes() == b"again\n"
    assert sorted(os.listdir(home / "co/.zsync")) == [".gitignore", "Control"]
    assert "Journal" not in os.listdir(elsewhere / "state")


def test_an_update_is_all_or_nothing_on_two_file_systems(
    client: Client, server: Server, home: Path, elsewhere: Path
) -> None:
    client("checkout", "co", url=URL, control=str(elsewhere / "state"))
    kept = {home / "co": home / "kept", elsewhere / "state": elsewhere / "kept"}
    for path, copy in kept.items():
        shutil.copytree(path, copy)
    old = snapshot(home / "co/demo")
    server.objects["demo/a.txt"] = b"theirs\n"
    server.objects["demo/more"] = None
    server.objects["demo/more/c.txt"] = b"more\n"
    with Faults() as counted:
        client("update", "co/demo")
    new = snapshot(home / "co/demo")
    for step in range(counted.done):
        for path, copy in kept.items():
            shutil.rmtree(path)
            shutil.copytree(copy, path)
        for fault in chosen(step):
            with suppress(Killed, Error, OSError), Faults(step, fault):
                client("update", "co/demo")
            assert changes(client) == []
            assert snapshot(home / "co/demo") in (old, new)
            client("update", "co/demo")
            assert snapshot(home / "co/demo") == new
            assert sorted(os.listdir(home / "co/.zsync")) == [".gitignore", "Control"]
            assert "Journal" not in os.listdir(elsewhere / "state")


# What strangers make


def of_another(home: Path) -> str:
    """Name the control data of somebody's working copy."""
    return "../state"


def nothing_there(home: Path) -> str:
    return "../nothing"


def without_a_name(home: Path) -> str:
    shutil.copytree(home / "state", home / "nameless")
    (home / "nameless/WorkingCopy").unlink()
    return "../nameless"


def named_by_a_link(home: Path) -> str:
    shutil.copytree(home / "state", home / "linked")
    (home / "linked/WorkingCopy").unlink()
    (home / "linked/WorkingCopy").symlink_to(home / "name")
    (home / "name").write_text("../hostile\n")
    return "../linked"


def in_the_tree(home: Path) -> str:
    shutil.copytree(home / "state", home / "hostile/data")
    (home / "hostile/data/WorkingCopy").write_text("..\n")
    return "data"


HOSTILE: dict[str, tuple[Callable[[Path], str] | str | bytes, type[Error]]] = {
    "of another": (of_another, PathRefused),
    "nothing": (nothing_there, WorkingCopyError),
    "nameless": (without_a_name, PathRefused),
    "named by a link": (named_by_a_link, PathRefused),
    "in the tree": (in_the_tree, PathRefused),
    "empty": ("", MetadataDamaged),
    "a server": ("//host/share", MetadataDamaged),
    "a server of Windows": ("\\\\host\\share", MetadataDamaged),
    "a return": ("../state\r", MetadataDamaged),
    "two lines": ("../state\n../co", MetadataDamaged),
    "a zero": ("../state\0", MetadataDamaged),
    "no text": (b"\xff\xfe", WorkingCopyError),
    "long": ("../state/" + "x/" * 40_000, MetadataDamaged),
    "very long": ("x" * 300, WorkingCopyError),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_pointer_leads_to_data_that_names_its_root(
    client: Client, server: Server, co: Path, home: Path, kind: str
) -> None:
    (home / "hostile/.zsync").mkdir(parents=True)
    shutil.copytree(co, home / "hostile/demo")
    (home / "hostile/demo/a.txt").write_bytes(b"of a stranger\n")
    named, error = HOSTILE[kind]
    text = named(home) if callable(named) else named
    data = text if isinstance(text, bytes) else text.encode()
    (home / "hostile/.zsync/Control").write_bytes(data + b"\n")
    before, asked = snapshot(home), list(server.requests)
    for verb in ("status", "commit", "update", "add", "doctor"):
        with pytest.raises(error) as caught:
            client(verb, "hostile/demo")
        assert caught.value.advice
    assert snapshot(home) == before
    assert server.requests == asked


@pytest.mark.parametrize("name", ["co/.zsync/Control", "state/WorkingCopy"])
def test_a_link_is_not_followed(
    client: Client, co: Path, home: Path, name: str
) -> None:
    (home / name).rename(home / "text")
    (home / name).symlink_to(home / "text")
    with pytest.raises(PathRefused, match="not a regular file"):
        client("status", "co/demo")


@pytest.mark.parametrize("name", ["Journal", "Operations", "tree", "Lock", "Index"])
def test_a_link_in_the_control_data_is_not_followed(
    client: Client, co: Path, home: Path, name: str
) -> None:
    target = home / "target"
    target.mkdir()
    (target / "mine").write_bytes(b"mine\n")
    place = home / "state" / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(target)
    (co / "a.txt").write_bytes(b"edited\n")
    before = snapshot(target)
    try:
        client("commit", "co/demo")
    except (Error, OSError):
        pass
    assert snapshot(target) == before


@as_root
@pytest.mark.parametrize(
    "name",
    ["co/.zsync", "co/.zsync/Control", "state", "state/Root", "state/WorkingCopy"],
)
def test_files_that_belong_to_others_are_refused(
    co: Path, home: Path, name: str
) -> None:
    os.chown(home / name, 4711, -1)
    with pytest.raises(PathRefused, match="belongs to the user 4711"):
        WorkingCopy.find(str(co))


@pytest.mark.parametrize("name", ["co/.zsync", "state", "state/WorkingCopy"])
def test_files_everybody_can_write_are_refused(co: Path, home: Path, name: str) -> None:
    (home / name).chmod(0o777)
    with pytest.raises(PathRefused, match="can be written by everybody"):
        WorkingCopy.find(str(co))


def test_its_settings_are_those_of_a_working_copy(co: Path, home: Path) -> None:
    settings = home / "state/config.toml"
    settings.write_text('[timeout]\nread = 7\n[credential]\nhelper = ["evil"]\n')
    said: list[str] = []
    found = load(str(co), warn=said.append)
    assert found.seconds("timeout.read", 1) == 7
    assert found.texts("credential.helper") == []
    settings.rename(home / "elsewhere.toml")
    settings.symlink_to(home / "elsewhere.toml")
    with pytest.raises(PathRefused):
        load(str(co))
