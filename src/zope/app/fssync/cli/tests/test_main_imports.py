"""What each verb imports: the time until a command begins is that of its imports.

A module that is added to one of these lists is paid for at each start.  Import it
where it is needed, if few commands are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Modules of others that take half a millisecond and more, alone or with their own.
COSTLY = frozenset(
    [
        "argparse",
        "ast",
        "asyncio",
        "bz2",
        "calendar",
        "concurrent.futures",
        "configparser",
        "ctypes",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "email",
        "email.message",
        "fractions",
        "gzip",
        "hashlib",
        "hmac",
        "http.client",
        "http.cookies",
        "importlib.metadata",
        "importlib.resources",
        "inspect",
        "ipaddress",
        "json",
        "linecache",
        "locale",
        "logging",
        "lzma",
        "mimetypes",
        "multiprocessing",
        "optparse",
        "paramiko",
        "pathlib",
        "pickle",
        "platform",
        "pprint",
        "pyexpat",
        "queue",
        "random",
        "re",
        "secrets",
        "select",
        "selectors",
        "shlex",
        "shutil",
        "signal",
        "socket",
        "ssl",
        "statistics",
        "stringprep",
        "subprocess",
        "tempfile",
        "textwrap",
        "threading",
        "tokenize",
        "tomllib",
        "traceback",
        "typing",
        "unicodedata",
        "urllib.parse",
        "urllib.request",
        "uuid",
        "weakref",
        "xml.etree.ElementTree",
        "zipfile",
        "zlib",
        "zope.component",
        "zope.interface",
        "zope.schema",
    ]
)

#: The control data of a working copy, read.
LOOKING = frozenset(
    [
        "json",
        "pyexpat",
        "re",
        "typing",
        "unicodedata",
        "zlib",
        "zope.app.fssync.client",
        "zope.app.fssync.client.session",
        "zope.app.fssync.client.workingcopy",
        "zope.app.fssync.client.workingcopy.compact",
        "zope.app.fssync.client.workingcopy.controlpath",
        "zope.app.fssync.client.workingcopy.compression",
        "zope.app.fssync.client.workingcopy.indexjson",
        "zope.app.fssync.client.workingcopy.layout",
        "zope.app.fssync.client.workingcopy.lock",
        "zope.app.fssync.client.workingcopy.ownership",
        "zope.app.fssync.client.workingcopy.place",
        "zope.app.fssync.client.workingcopy.pack",
        "zope.app.fssync.client.workingcopy.packer",
        "zope.app.fssync.client.workingcopy.packindex",
        "zope.app.fssync.client.workingcopy.pristine",
        "zope.app.fssync.client.workingcopy.workingcopy",
        "zope.fssync.contracts",
        "zope.fssync.deflating",
        # What a description is called.
        "zope.fssync.descriptionnames",
        "zope.fssync.files",
        "zope.fssync.fsutil",
        "zope.fssync.limits",
        "zope.fssync.messages",
        "zope.fssync.metadata",
        "zope.fssync.paths",
        "zope.fssync.patterns",
        "zope.fssync.streams",
    ]
)

#: Control data that a command changes.
CHANGING = LOOKING | {
    "zope.app.fssync.client.workingcopy.dirfd",
    "zope.app.fssync.client.workingcopy.journal",
    "zope.app.fssync.client.workingcopy.compactchanges",
    "zope.app.fssync.client.workingcopy.compactwriter",
    "zope.app.fssync.client.workingcopy.staging",
}

#: The stat cache, by which unchanged files are not read.
SCANNING = LOOKING | {
    "zope.app.fssync.client.workingcopy.index",
    "zope.app.fssync.client.workingcopy.statcache",
    "zope.app.fssync.client.workingcopy.statscan",
}

#: The facade for all other verbs.
CLIENT = LOOKING | {
    "zope.app.fssync.client.api",
    "zope.app.fssync.client.opencopies",
    "zope.app.fssync.client.workingcopy.compactwriter",
}

#: A server is asked, and what it answers is merged.
ASKING = (
    CHANGING
    | SCANNING
    | CLIENT
    | frozenset(
        [
            "ipaddress",
            "select",
            "selectors",
            "socket",
            "urllib.parse",
            "zope.app.fssync.client.absent",
            "zope.app.fssync.client.addresses",
            "zope.app.fssync.client.compat36",
            "zope.app.fssync.client.configuration",
            "zope.app.fssync.client.connection",
            "zope.app.fssync.client.credentials",
            "zope.app.fssync.client.logins",
            "zope.app.fssync.client.missing",
            # The server of these tests does not answer.
            "zope.app.fssync.client.partial",
            "zope.app.fssync.client.response",
            "zope.app.fssync.client.rootfile",
            "zope.app.fssync.client.settings",
            "zope.app.fssync.client.transport",
            "zope.app.fssync.client.url",
            "zope.app.fssync.client.transport.http",
            "zope.app.fssync.client.transport.messages",
            "zope.app.fssync.client.transport.meter",
            "zope.app.fssync.client.workingcopy.receivedfiles",
            "zope.app.fssync.client.workingcopy.serverstate",
            "zope.app.fssync.protocol.headers",
            "zope.app.fssync.protocol.views",
            "zope.fssync.changeset",
            "zope.fssync.repository",
            "zope.fssync.snarf",
        ]
    )
)

#: What every command has.
STARTED = frozenset(
    ["zope.fssync.errors", "zope.fssync.report", "zope.fssync.terminal"]
)

LOADED = """
import sys
before = set(sys.modules)
try:
    from zope.app.fssync.main import main
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules.keys() - before), file=sys.stderr)
"""


def loaded(top: Path, *args: str) -> set[str]:
    """Return the modules that a command imports, ours and the costly ones of others."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *args],
        cwd=top,
        env={n: v for n, v in os.environ.items() if not n.startswith("COV")},
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(done.stderr.splitlines()[-1].split())
    ours = ("zope.fssync.", "zope.app.fssync.client", "zope.app.fssync.protocol.")
    return {name for name in modules if name in COSTLY or name.startswith(ours)}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A working copy of a server that is not there."""
    top = tmp_path / "site"
    for path, content in {
        "../@@Zope/Root": "http://u:p@127.0.0.1:1/site",
        "../@@Zope/Entries.xml": '<entries><entry name="site" id="/site" /></entries>',
        "@@Zope/Entries.xml": '<entries><entry name="a" id="/site/a" /></entries>',
        "@@Zope/Original/a": "a",
        "a": "a",
        "new": "new",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content)
    return top


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--version"], {"re", "zope.fssync.version"}),
        ([], set()),
        (["help"], set()),
        (["help", "commit"], set()),
        # A shell runs it at its start.
        (
            ["completion", "bash"],
            {"zope.app.fssync.client", "zope.app.fssync.client.settings"},
        ),
        (["nosuch"], {"difflib", "re"}),
        (
            ["status"],
            SCANNING
            | {
                "zope.fssync.ignorepatterns",
                "zope.app.fssync.client.ignoring",
                "zope.app.fssync.client.status",
            },
        ),
        (
            ["diff"],
            CLIENT
            | SCANNING
            | {
                "zope.app.fssync.client.diff",
                "zope.fssync.encoding",
                "zope.fssync.merge",
                "zope.fssync.merge.diffformat",
                "zope.fssync.merge.linediff",
            },
        ),
        (
            ["add", "new"],
            CHANGING
            | CLIENT
            | {
                "zope.app.fssync.client.adding",
                "zope.app.fssync.client.renames",
                "zope.app.fssync.client.schedule",
                "zope.app.fssync.client.workingcopy.naming",
                # What each file is.
                "zope.fssync.encoding",
                # What undo takes back.
                "zope.app.fssync.client.workingcopy.operations",
            },
        ),
        (
            # A shell waits for it at each press of a key.
            ["completion", "--list", "tracked", ""],
            {
                "pyexpat",
                "re",
                "typing",
                "unicodedata",
                "zope.fssync.contracts",
                "zope.fssync.descriptionnames",
                "zope.app.fssync.client",
                "zope.app.fssync.client.workingcopy",
                "zope.app.fssync.client.workingcopy.place",
                "zope.fssync.files",
                "zope.fssync.limits",
                "zope.fssync.messages",
                "zope.fssync.paths",
                "zope.fssync.patterns",
            },
        ),
        (
            ["completion", "--list", "conflicts", ""],
            LOOKING
            - {
                "pyexpat",
                "zope.app.fssync.client.session",
                "zope.app.fssync.client.workingcopy.compact",
                "zope.app.fssync.client.workingcopy.controlpath",
                "zope.app.fssync.client.workingcopy.layout",
                "zope.app.fssync.client.workingcopy.lock",
                "zope.app.fssync.client.workingcopy.ownership",
                "zope.app.fssync.client.workingcopy.workingcopy",
                "zope.fssync.fsutil",
                "zope.fssync.metadata",
            },
        ),
        (
            ["update"],
            ASKING
            | {
                "zope.app.fssync.client.merging",
                "zope.app.fssync.client.pinned",
                "zope.app.fssync.client.update",
            },
        ),
        (
            ["commit"],
            ASKING
            | {
                # All is sent, since this working copy has no state.
                "hashlib",
                "zope.app.fssync.client.commit",
                "zope.app.fssync.client.commitrefusal",
                "zope.app.fssync.client.committargets",
                "zope.app.fssync.client.pinned",
                "zope.app.fssync.client.sending",
                "zope.app.fssync.client.status",
                "zope.app.fssync.client.submission",
                "zope.app.fssync.client.workingcopy.modified",
                "zope.app.fssync.client.workingcopy.naming",
            },
        ),
    ],
    ids=lambda value: "-".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_a_command_imports_no_more_than_it_needs(
    top: Path, args: list[str], expected: set[str]
) -> None:
    assert loaded(top, *args) - STARTED - expected == set()


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        # A commit of one edited file reads descriptions, and tells when it was done.
        (
            "zope.fssync.description",
            {"pickle", "uuid", "zope.interface", "zope.fssync.xmlpickle.reader"},
        ),
        ("zope.app.fssync.client.transactionids", {"dataclasses", "re"}),
        # An update tells who made the changes that it brings.
        ("zope.app.fssync.client.blame", {"dataclasses", "inspect"}),
    ],
)
def test_a_module_imports_no_more_than_it_needs(
    module: str, unneeded: set[str]
) -> None:
    code = f"import {module}, sys; print(*sys.modules)"
    env = {n: v for n, v in os.environ.items() if not n.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, check=True
    )
    assert unneeded.isdisjoint(done.stdout.decode().split())
