"""Nothing reaches the disk, a name or a program around its gate.

What may is listed here, each with the reason.  Who needs an exception more should
first ask why the gate cannot do it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import zope.app.fssync
import zope.fssync
from zope.app.fssync.tests.gates import FILES
from zope.app.fssync.tests.gates import NAMES
from zope.app.fssync.tests.gates import PROGRAMS
from zope.app.fssync.tests.gates import used

_demo = "works in its own folder, on the machine of who tries it"
_own_files = "reads the files that ssh has of the user or of the machine"
_named = "what the person names on the command line may be a link to a directory"
_staging = "puts in place what it staged, below a root it has checked"

#: Module or package, the names it may use (none: all), and why.
MAY: dict[str, list[tuple[str, tuple[str, ...], str]]] = {
    "files": [
        ("zope.fssync.files", (), "is the gate"),
        (
            "zope.app.fssync.client.workingcopy.dirfd",
            (),
            "is the gate of changes: works in directories that it holds open",
        ),
        ("zope.app.fssync.client.workingcopy.staging", (), _staging),
        ("zope.app.fssync.client.workingcopy.journal", (), _staging),
        ("zope.app.fssync.client.workingcopy.operations", (), _staging),
        ("zope.app.fssync.client.undoing", ("os.mkdir",), _staging),
        ("zope.app.fssync.client.workingcopy.lock", (), "holds the file it locks"),
        (
            "zope.app.fssync.client.workingcopy.workingcopy",
            ("os.makedirs", "os.path.isdir", "os.access"),
            _named,
        ),
        ("zope.app.fssync.client.checkout", ("os.path.isdir",), _named),
        ("zope.app.fssync.client.copying", ("os.path.isdir",), _named),
        (
            "zope.app.fssync.cli.common",
            ("open",),
            "the file with the message of a commit, or with targets, may be a pipe",
        ),
        (
            "zope.fssync.repository",
            ("os.path.isdir",),
            "a repository of files may be reached through links",
        ),
        ("zope.app.fssync.cli.output", ("os.open",), "opens the null device"),
        (
            "zope.app.fssync.server.metrics",
            ("open",),
            "the system tells there how much memory the process has",
        ),
        (
            "zope.app.fssync.client.credentials",
            ("os.unlink",),
            "removes the token file of the user, which `SaveFile` has made",
        ),
        (
            "zope.app.fssync.cli.completing",
            ("os.scandir", "os.path.isdir"),
            "looks for what a shell offers, and reads no content of it",
        ),
        (
            "zope.app.fssync.client.logins",
            ("open",),
            "the file that ZSYNC_PASSWORD_FILE names may be a pipe",
        ),
        (
            "zope.app.fssync.cli.editor",
            ("os.unlink",),
            "removes the message that `SaveFile` has made, once it was sent",
        ),
        (
            "zope.app.fssync.cli.edit_cmd",
            ("os.unlink",),
            "removes the file of External Editor, which holds a login, once it is done",
        ),
        (
            "zope.app.fssync.client.hiddencopy",
            ("os.mkdir",),
            "makes the directory of a hidden working copy for its owner only",
        ),
        (
            "zope.app.fssync.cli.difftool",
            ("tempfile.TemporaryDirectory", "open", "os.path.isfile"),
            "lays out the sides of a difference for a tool",
        ),
        (
            "zope.app.fssync.cli.git_remote",
            ("tempfile.TemporaryDirectory",),
            "a repository for git where the person has none",
        ),
        (
            "zope.app.fssync.cli.resolving",
            ("tempfile.TemporaryDirectory", "open"),
            "lays out the sides of a conflict for a merge tool",
        ),
        ("zope.app.fssync.client.transport.ssh.knownhosts", (), _own_files),
        ("zope.app.fssync.client.transport.ssh.keys", (), _own_files),
        ("zope.app.fssync.sshserver.access", (), _own_files),
        (
            "zope.app.fssync.server.changes.keptindex",
            ("os.path.isfile", "os.mkdir", "os.unlink"),
            "keeps its index in the cache directory of who runs the server",
        ),
        ("zope.app.fssync.sshserver.hostkey", (), "makes the key of the demo server"),
        ("zope.app.fssync.sshserver.subsystem", (), "reads what only root can change"),
        ("zope.app.fssync.sshserver.demo", ("pathlib.Path.exists",), _own_files),
        ("zope.app.fssync.demo", (), _demo),
    ],
    "names": [
        ("zope.fssync.registry.names", ("importlib.import_module",), "is the gate"),
        ("zope.fssync.registry.globals", ("importlib.import_module",), "is the gate"),
        (
            "zope.fssync.binarypickle",
            ("pickle._Unpickler",),
            "is the gate: what it finds and calls is checked by its subclass",
        ),
        (
            "zope.fssync.xmlpickle.construct",
            ("copyreg.__newobj__",),
            "is the gate: it knows the function by which calls are told apart",
        ),
        (
            "zope.app.fssync.cli.verbs",
            ("importlib.import_module",),
            "a constant table names the module",
        ),
        (
            "zope.app.fssync.client.transport",
            ("importlib.import_module",),
            "imports one of three modules by the scheme of a URL",
        ),
        (
            "zope.app.fssync.content.available",
            ("importlib.import_module",),
            "imports a module that the ZCML of the site names",
        ),
        (
            "zope.app.fssync.content.checks",
            ("compile",),
            "finds faults in the code of modules, and runs none",
        ),
    ],
    "programs": [
        (
            "zope.app.fssync.client.transport.ssh.connection",
            ("subprocess.Popen",),
            "runs the ProxyCommand of the user's ssh configuration",
        ),
        (
            "zope.app.fssync.cli.utf8names",
            ("os.execv",),
            "begins itself anew in the UTF-8 mode of Python",
        ),
        (
            "zope.app.fssync.cli.editor",
            ("subprocess.run",),
            "runs the editor that the user has named",
        ),
        (
            "zope.app.fssync.cli.editing",
            ("subprocess.Popen",),
            "runs the editor that the user has named",
        ),
        (
            "zope.app.fssync.cli.desktopfile",
            ("subprocess.run",),
            "tells the desktop of the user of the file that it has written",
        ),
        (
            "zope.app.fssync.cli.paging",
            ("subprocess.Popen",),
            "runs the pager that the user has named",
        ),
        (
            "zope.app.fssync.cli.resolving",
            ("subprocess.run",),
            "runs the merge tool and the editor that the user has named",
        ),
        (
            "zope.app.fssync.client.git.plumbing",
            ("subprocess.Popen",),
            "runs git, with ids and with names that were checked",
        ),
        (
            "zope.app.fssync.client.githelper",
            ("subprocess.run",),
            "runs the credential helpers of the user's own settings",
        ),
        (
            "zope.app.fssync.client.workingcopy.statscan",
            ("os.fork",),
            "looks at files in processes that run nothing else and end",
        ),
        ("zope.app.fssync.demo", (), _demo),
    ],
}
GATES = {"files": FILES, "names": NAMES, "programs": PROGRAMS}


def modules() -> Iterator[tuple[str, str]]:
    """All modules of ours but the tests, with their source."""
    for package in (zope.fssync, zope.app.fssync):
        top = Path(package.__path__[0])
        for path in sorted(top.rglob("*.py")):
            parts = path.relative_to(top).with_suffix("").parts
            if not {"tests", "testing"} & set(parts):
                name = ".".join([package.__name__, *parts])
                yield name.removesuffix(".__init__"), path.read_text(encoding="utf-8")


@cache
def uses() -> list[tuple[str, str, int]]:
    """Return what all modules use of what any gate has: module, name and line."""
    names = frozenset().union(*GATES.values())
    return [
        (module, name, line)
        for module, source in modules()
        for name, line in used(source, names)
    ]


def allowed(gate: str, module: str, name: str) -> str | None:
    """The entry of the list that covers a use."""
    for owner, names, reason in MAY[gate]:
        if (module == owner or module.startswith(owner + ".")) and (
            not names or name in names
        ):
            return reason
    return None


@pytest.mark.slow
@pytest.mark.parametrize("gate", GATES)
def test_nothing_goes_around_the_gate(gate: str) -> None:
    around = [
        f"{module}, line {line}: {name}"
        for module, name, line in uses()
        if name in GATES[gate] and allowed(gate, module, name) is None
    ]
    assert not around, "\n".join(around)


@pytest.mark.slow
@pytest.mark.parametrize("gate", GATES)
def test_every_exception_is_needed(gate: str) -> None:
    needed = {(module, name) for module, name, _ in uses() if name in GATES[gate]}
    for owner, names, reason in MAY[gate]:
        inside = {
            name
            for module, name in needed
            if module == owner or module.startswith(owner + ".")
        }
        assert inside, owner
        assert set(names) <= inside, owner
        assert reason


@pytest.mark.parametrize(
    ("source", "names", "found"),
    [
        ("open(path)", FILES, ["open"]),
        ("import os\nos.unlink(path)", FILES, ["os.unlink"]),
        ("import os as o\nf = o.rename", FILES, ["os.rename"]),
        ("from os import remove as gone", FILES, ["os.remove"]),
        ("from os import path\npath.exists(x)", FILES, ["os.path.exists"]),
        ("import os.path\nos.path.isdir(x)", FILES, ["os.path.isdir"]),
        (
            "from pathlib import Path\nx.write_text(y)",
            FILES,
            ["pathlib.Path.write_text"],
        ),
        ("tree.open(x); tree.mkdir(x)", FILES, []),
        ("import os\nos.path.lexists(x); os.lstat(x)", FILES, []),
        ("import pickle\nclass U(pickle.Unpickler): pass", NAMES, ["pickle.Unpickler"]),
        (
            "from importlib import import_module as get",
            NAMES,
            ["importlib.import_module"],
        ),
        ("x = eval", NAMES, ["eval"]),
        ("import re\nre.compile(x)", NAMES, []),
        ("import subprocess as s\ns.run([])", PROGRAMS, ["subprocess.run"]),
    ],
)
def test_the_wanted_object_is_found(
    source: str, names: frozenset[str], found: list[str]
) -> None:
    assert [name for name, _ in used(source, names)] == found
