"""What one generation of zsync makes of working copies that 3.6.0 left.

Run as a program this records the answers of 3.6.0, for the tests to compare with::

    python -m zope.app.fssync.tests.scenarios.compat.workingcopies DIRECTORY
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing import working_copy
from zope.app.fssync.tests.scenarios.compat.support import Client
from zope.fssync.metadata import load_entries

__all__ = ["ARCHIVES", "VERBS", "answer", "state", "unpack"]

ARCHIVES = [
    "demo-before-conflict",
    "demo-checkout",
    "demo-committed",
    "demo-conflict",
    "demo-copied",
    "demo-pending",
    "demo-pending+found",
    "file-checkout",
    "names-checkout",
    "pickles-checkout",
    "site-checkout",
]

#: Commands that need no server; TOP is what was checked out.
VERBS = {
    "status": ["status", "TOP"],
    "status-verbose": ["status", "-v", "TOP"],
    "diff": ["diff", "TOP"],
    "diff-unified": ["diff", "-u", "TOP"],
    "resolve": ["resolve", "TOP"],
    "revert": ["revert", "TOP"],
}

_stamp = re.compile(r"(?m)^((?:---|\+\+\+|\*\*\*) [^\t\n]+)\t.*$")


def unpack(name: str, place: Path) -> Path:
    """Unpack a working copy; return the object that was checked out.

    After a plus sign in ``name`` comes that a lost file is found again.
    """
    place.mkdir(parents=True, exist_ok=True)
    name, _, found = name.partition("+")
    root = working_copy(f"{name}.tar.gz", place)
    (name,) = load_entries((root / "@@Zope" / "Entries.xml").read_bytes())
    if found:
        # A lost file ends the commands of 3.6.0 with a traceback.
        shutil.copy(root / name / "@@Zope/Original/crlf.txt", root / name)
    return root / name


def state(root: Path) -> dict[str, Any]:
    """Return the files below a directory, entries as what they say.

    But for what only we keep, as `snapshot` does.
    """
    result: dict[str, Any] = {}
    for name in snapshot(root):
        path = root / name
        if not path.is_file():
            continue
        data = path.read_bytes()
        if name.endswith("@@Zope/Entries.xml"):
            if entries := load_entries(data):
                result[name] = entries
        else:
            result[name] = _digest(data)
    return result


def answer(client: Client, name: str, verb: str) -> dict[str, Any]:
    """Run one command in a fresh copy."""
    place = client.home / "copies"
    top = unpack(name, place)
    shown = str(top.relative_to(client.home))
    done = client.run(*(shown if word == "TOP" else word for word in VERBS[verb]))
    result = {
        "failed": done.returncode != 0,
        "output": _stamp.sub(r"\1", done.stdout),
        "state": _digest(json.dumps(state(place), sort_keys=True).encode()),
    }
    shutil.rmtree(place)
    return result


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def main() -> None:
    client = Client(Path(sys.argv[1]), old=True)
    answers = {
        name: {verb: answer(client, name, verb) for verb in VERBS} for name in ARCHIVES
    }
    json.dump(answers, sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
