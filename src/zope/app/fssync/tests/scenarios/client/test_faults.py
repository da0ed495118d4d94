"""A command may fail at any operation on a file, for any reason.

Each changing command is run again and again, and its k-th operation fails for
all k: as if the process were killed, the disk full, unreadable or read-only.
Afterwards each file is the old or the new one, also in control directories; the
next command finishes the change or takes it back; and once more does the rest.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.workingcopy.place import control_at
from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.clientside import lose_original
from zope.app.fssync.testing.filefaults import FAULTS
from zope.app.fssync.testing.filefaults import NEW
from zope.app.fssync.testing.filefaults import OLD
from zope.app.fssync.testing.filefaults import Fault
from zope.app.fssync.testing.filefaults import Faults
from zope.app.fssync.testing.filefaults import Killed
from zope.app.fssync.testing.filefaults import chosen
from zope.fssync.errors import Error
from zope.fssync.files import is_temporary

pytestmark = [pytest.mark.slow, pytest.mark.layout(3)]


@pytest.fixture
def server() -> Server:
    server = Server(dict(OLD))
    server.extras["demo/a.txt"] = b"text/plain"
    return server


#: Of a working copy whose control data is in `co2`: what any command may write, and
#: what an interrupted checkout leaves for the next one.
OUTSIDE = (
    *("co2/Lock", "co2/Index", "co2/Operations", "co2/WorkingCopy", "co2/Control"),
    *("co/.zsync/Control", "co/.zsync/.gitignore"),
)


def tree(home: Path) -> dict[str, Any]:
    """All files of the working copies, but those of who is or was at work there."""
    return {
        path: content
        for path, content in snapshot(home).items()
        if path.startswith("co")
        and content != "/"
        and not path.endswith(("@@Zope/Lock", ".zsync/Lock"))
        and not path.startswith(OUTSIDE)
        and "/Journal/" not in path
        and "@@Zope/Left/" not in path
        and not is_temporary(os.path.basename(path))
    }


def unfinished(home: Path) -> list[Path]:
    """What was to replace a file, and what a conversion has moved away."""
    temporary = [path for path in home.rglob("co/**/.#*") if is_temporary(path.name)]
    return [*temporary, *home.glob("co/*/Left")]


class Ordeal:
    """A command, run from the same state with a fault at every step.

    ``before`` is called to get from the state that can be copied to that state,
    ``look`` is the target of the next command.
    """

    def __init__(
        self,
        client: Client,
        home: Path,
        command: Callable[[], Any],
        before: Callable[[], Any] = lambda: None,
        look: str = "co",
    ) -> None:
        self.client = client
        self.home = home
        self.command = command
        self.before = before
        self.look = look
        self.pristine = home / "pristine"
        self.cases = 0
        for name in ("co", "co2"):
            if (home / name).exists():
                shutil.copytree(home / name, self.pristine / name, symlinks=True)
        self.before()
        self.old = tree(home)
        self.command()
        self.new = tree(home)
        assert self.new != self.old

    def restore(self) -> None:
        for name in ("co", "co2"):
            shutil.rmtree(self.home / name, ignore_errors=True)
            if (self.pristine / name).exists():
                shutil.copytree(self.pristine / name, self.home / name, symlinks=True)
        self.before()

    def steps(self, fault: Fault) -> int:
        """To how many operations of the command can it happen?"""
        self.restore()
        with Faults(fault=fault) as faults:
            self.command()
        return faults.done

    def run(self) -> None:
        for fault in FAULTS:
            for last in range(self.steps(fault)):
                if fault in chosen(last):
                    self.fail(last, fault)
        assert self.cases > 3

    def fail(self, last: int, fault: Fault) -> None:
        self.cases += 1
        self.restore()
        done = False
        with Faults(last, fault) as faults:
            try:
                self.command()
                done = True
            except (OSError, Error, Killed):
                pass
        case = fault.name, last
        assert faults.happened, case
        self.check_files(case)
        # Another command comes, which has nothing else to do.
        if (self.home / "co").exists():
            self.client("status", self.look, verbose=False)
        if unfinished(self.home):
            self.client("cleanup", "co")
            assert not unfinished(self.home), case
        state = tree(self.home)
        control = control_of(str(self.home / "co"))
        assert not os.path.exists(os.path.join(control, "Journal")), case
        if done:
            assert state == self.new, case
        elif state != self.new:
            assert state == self.old, case
            self.command()
            assert tree(self.home) == self.new, case

    def check_files(self, case: tuple[str, int]) -> None:
        for path, content in tree(self.home).items():
            known = (self.old.get(path), self.new.get(path))
            assert content in known, (case, path)


Run = Callable[..., None]


@pytest.fixture
def run_with_faults(client: Client, home: Path) -> Run:
    def run(command: Callable[[], Any], **options: Any) -> None:
        Ordeal(client, home, command, **options).run()

    return run


def test_checkout_survives_a_fault_at_every_step(
    client: Client, server: Server, run_with_faults: Run
) -> None:
    run_with_faults(lambda: client("checkout", "co", url=URL))


def test_streamed_checkout_survives_a_fault_at_every_step(
    client: Client, server: Server, run_with_faults: Run
) -> None:
    server.streamed = True

    def checkout() -> None:
        server.requests.clear()
        client("checkout", "co", url=URL)
        # A second one would tell that it was received first.
        assert len(server.requests) == 1

    run_with_faults(checkout)


def test_update_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    (co / "stray.txt").write_bytes(b"stray\n")
    server.objects = dict(NEW)
    run_with_faults(lambda: client.each("update", "co"))


def test_checkout_with_data_outside_survives_a_fault_at_every_step(
    client: Client, server: Server, run_with_faults: Run
) -> None:
    # `co2` is put back like `co`.
    run_with_faults(lambda: client("checkout", "co", url=URL, control="co2"))


def test_update_with_data_outside_survives_a_fault_at_every_step(
    client: Client, server: Server, run_with_faults: Run, home: Path
) -> None:
    client("checkout", "co", url=URL, control="co2")
    (home / "co/demo/edited.txt").write_bytes(b"ONE\n2\n3\n")
    server.objects = {**OLD, "demo/edited.txt": b"1\n2\nTHREE\n"}
    del server.objects["demo/gone.txt"]
    run_with_faults(lambda: client.each("update", "co"))


def test_update_of_the_layout_of_3_6_0_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run
) -> None:
    client("downgrade", "co")
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    server.objects = {**OLD, "demo/edited.txt": b"1\n2\nTHREE\n"}
    del server.objects["demo/gone.txt"]
    run_with_faults(lambda: client.each("update", "co"))


@pytest.mark.layout(2)
def test_update_of_the_compact_layout_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    server.objects = {**OLD, "demo/edited.txt": b"1\n2\nTHREE\n"}
    del server.objects["demo/gone.txt"]
    run_with_faults(lambda: client.each("update", "co"))


def test_a_move_by_hand_is_registered_in_spite_of_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    (co / "sub").rename(co / "moved")
    text = co / "moved" / "@@.meta"
    text.write_bytes(text.read_bytes().replace(b"Folder", b"Other"))
    run_with_faults(lambda: client("move", ["co/demo/sub"], "co/demo/moved", True))


# On the way to descriptions there is the compact layout: see `test_conversions`.
@pytest.mark.layout(2)
@pytest.mark.parametrize("verb", ["upgrade", "downgrade"])
def test_upgrade_and_downgrade_survive_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run, verb: str
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    if verb == "upgrade":
        client("downgrade", "co")
    run_with_faults(lambda: client(verb, "co"))


def test_commit_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    (co / "new.txt").write_bytes(b"new\n")
    client("add", "co/demo/new.txt")
    client("remove", "co/demo/gone.txt")
    committed = {**OLD, "demo/a.txt": b"changed\n", "demo/new.txt": b"new\n"}
    del committed["demo/gone.txt"]
    server.answer = Server(committed).archive("demo")
    server.store = lambda top, archive: None  # type: ignore[method-assign]
    run_with_faults(lambda: client("commit", "co/demo"))


def test_add_survives_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    (co / "new").mkdir()
    run_with_faults(lambda: client("add", "co/demo/new"))


def test_mkdir_survives_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    run_with_faults(lambda: client("mkdir", "co/demo/sub/new"))


def test_copy_survives_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    run_with_faults(lambda: client("copy", "co/demo/sub", "co/demo/sub2"))


def test_remove_survives_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    run_with_faults(lambda: client("remove", "co/demo/sub"))


def test_revert_survives_a_fault_at_every_step(
    client: Client, co: Path, run_with_faults: Run
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    (co / "sub" / "deep.txt").unlink()
    client("remove", "co/demo/gone.txt")
    run_with_faults(lambda: client("revert", "co/demo"))


def test_resolve_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run
) -> None:
    (co / "a.txt").write_bytes(b"mine\n")
    (co / "sub" / "deep.txt").write_bytes(b"mine\n")
    server.objects.update({"demo/a.txt": b"theirs\n", "demo/sub/deep.txt": b"theirs\n"})
    client("update", "co/demo")
    assert len(client.conflicts) == 2
    run_with_faults(lambda: client("resolve", "co/demo"))


def test_merge_survives_a_fault_at_every_step(
    client: Client, co: Path, home: Path, run_with_faults: Run
) -> None:
    client("checkout", "co2", url=URL)
    other = home / "co2" / "demo"
    (other / "a.txt").write_bytes(b"there\n")
    (other / "edited.txt").write_bytes(b"1\n2\nTHREE\n")
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    (other / "new.txt").write_bytes(b"new\n")
    client("add", "co2/demo/new.txt")
    run_with_faults(lambda: client("merge", ["co2/demo", "co/demo"]))


def test_doctor_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, home: Path, run_with_faults: Run
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    for name in ("a.txt", "edited.txt"):
        lose_original(co / name)
    control = Path(control_at(str(home / "co"), "demo/sub"))
    (control / "Entries.xml").write_bytes(b"<entries>")
    run_with_faults(lambda: client("doctor", "co"), look="co/demo/b.txt")


class KilledOnce(Faults):
    """The process is killed at its first operation once a file is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(0)
        self.path = path

    def step(self, operation: str, path: object) -> None:
        if self.fault.concerns(operation) and self.path.exists():
            raise self.fault.error(path)


def test_recovery_survives_a_fault_at_every_step(
    client: Client, server: Server, co: Path, run_with_faults: Run, home: Path
) -> None:
    (co / "edited.txt").write_bytes(b"ONE\n2\n3\n")
    server.objects = dict(NEW)
    plan = Path(control_of(str(home / "co")), "Journal", "plan")

    def interrupt() -> None:
        with KilledOnce(plan), pytest.raises(Killed):
            client("update", "co/demo")

    pristine = tree(home)
    interrupt()
    shutil.rmtree(plan.parent)
    assert tree(home) == pristine
    run_with_faults(lambda: client("status", "co/demo"), before=interrupt)
