"""Working copies that 3.6.0 left, with our commands, and the other way round."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import server_site
from zope.app.fssync.tests.scenarios.compat.described import tree
from zope.app.fssync.tests.scenarios.compat.support import Client
from zope.app.fssync.tests.scenarios.compat.support import LiveSite
from zope.app.fssync.tests.scenarios.compat.support import requires_peer
from zope.app.fssync.tests.scenarios.compat.support import serving
from zope.app.fssync.tests.scenarios.compat.workingcopies import ARCHIVES
from zope.app.fssync.tests.scenarios.compat.workingcopies import VERBS
from zope.app.fssync.tests.scenarios.compat.workingcopies import answer
from zope.app.fssync.tests.scenarios.compat.workingcopies import state
from zope.app.fssync.tests.scenarios.compat.workingcopies import unpack
from zope.fssync.metadata import dump_entries

pytestmark = pytest.mark.slow

ANSWERS = json.loads(recorded("wc-answers.json"))


#: 3.6.0 left the extras and annotations of a copy registered when it was reverted;
#: a later file of that name inherited them.
OTHERWISE = {("demo-copied", "revert")}


@pytest.mark.parametrize("name", ARCHIVES)
def test_commands_answer_and_leave_what_360_does(tmp_path: Path, name: str) -> None:
    """Where 3.6.0 ended with a traceback ours succeed."""
    client = Client(tmp_path, old=False)
    for verb in VERBS:
        ours, theirs = answer(client, name, verb), ANSWERS[name][verb]
        assert not ours["failed"]
        if (name, verb) in OTHERWISE:
            assert changed(ours)["output"] == changed(theirs)["output"]
            assert ours["state"] != theirs["state"]
        elif not theirs["failed"]:
            assert (verb, changed(ours)) == (verb, changed(theirs))


def changed(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out directories: 3.6.0 says of each that it is reverted."""
    lines = answer["output"].splitlines()
    kept = [line for line in lines if not re.fullmatch("Reverted .*/", line)]
    return {**answer, "output": kept}


#: Checked out whole, from the root, of classes that every site knows.
EXCHANGED = [
    name
    for name in ARCHIVES
    if name[:4] not in ("file", "pick") and "conflict" not in name
] + ["demo-conflict"]


def base(top: Path) -> Archive:
    """What the server had sent of a working copy, made of its Originals."""
    root = top.parent
    archive = Archive()
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_file() and "@@Zope/Original/" in name:
            archive[name.replace("@@Zope/Original/", "")] = path.read_bytes()
        elif path.is_file() and name.endswith("@@Zope/Entries.xml"):
            archive[name] = path.read_bytes()
    for name in [name for name in archive if name.endswith("@@Zope/Entries.xml")]:
        where = name.removesuffix("@@Zope/Entries.xml").rstrip("/")
        entries = archive.entries(where)
        archive[name] = dump_entries(
            {
                key: {k: v for k, v in entry.items() if k not in ("flag", "conflict")}
                for key, entry in entries.items()
                if entry.get("flag") != "added"
            }
        )
    return archive


def exchanged(layer: Any, home: Path, old: bool, name: str) -> tuple[Any, ...]:
    """Update and commit a working copy; return all that comes of it."""
    with server_site(layer) as site, serving(site) as live:
        client = Client(home, old)
        top = unpack(name, home / "copies")
        shown = str(top.relative_to(home))
        store(live, top)
        live.put(f"{top.name}/added-by-others.txt", b"others\n")
        said = []
        for verb in ("update", "commit", "status", "update"):
            done = client.run(verb, shown)
            lines = done.stdout.replace(f"{home}/", "").splitlines()
            # 3.6.0 mentions directories of extras and annotations to be added, and
            # what nobody has registered also where nothing is to be done.
            said.append((verb, sorted(filter(_is_compared, lines))))
        files = {
            path: pending(data)
            for path, data in state(top).items()
            # Both hold dates, which differ from run to run.
            if not path.endswith(("ZopeDublinCore", "++etc++site"))
        }
        return said, files, tree(live.root)


def _is_compared(line: str) -> bool:
    return not line.startswith("? ") and ("@@Zope" not in line or line[-1] != "/")


def pending(data: Any) -> Any:
    """Return what entries say that is not told anew by each answer."""
    if not isinstance(data, dict):
        return data
    kept = ("conflict", "flag", "key")
    return {
        name: {key: value for key, value in entry.items() if key in kept}
        for name, entry in data.items()
    }


def store(live: LiveSite, top: Path) -> None:
    """Let the server have what the working copy is based on."""
    response = live.site.request(
        "POST", f"/@@checkin.snarf?name={top.name}", "manager", base(top).dump()
    )
    assert response.status_int == 200, response.text
    (top.parent / "@@Zope" / "Root").write_text(f"{live.url}/{top.name}\n")


@requires_peer
@pytest.mark.parametrize("name", EXCHANGED)
def test_update_and_commit_come_to_the_same(
    configured_layer: Any, tmp_path: Path, name: str
) -> None:
    theirs = exchanged(configured_layer, tmp_path / "old", True, name)
    ours = exchanged(configured_layer, tmp_path / "new", False, name)
    assert ours == theirs
