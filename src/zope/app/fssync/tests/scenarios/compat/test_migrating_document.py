"""The page for the owner of a site does what it says."""

from __future__ import annotations

import shlex
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from zope.configuration import xmlconfig

from zope.app.fssync.cli.main import main
from zope.app.fssync.testing.registrations import aliases_undone
from zope.app.fssync.tests.scenarios.compat.support import serving
from zope.app.fssync.tests.scenarios.compat.workingcopies import unpack
from zope.fssync.metadata import Metadata
from zope.fssync.tests.documents import run_document

NOTES = (
    '<?xml version="1.0" encoding="utf-8" ?><pickle><list>'
    f'<string encoding="base64">{b64encode("Grüße".encode()).decode()}</string>'
    f'<string encoding="base64">{b64encode(bytes(3)).decode()}</string>'
    "</list></pickle>"
)

ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.app.fssync" file="meta.zcml" />
  %s
</configure>
"""


def old_checkout(place: Path) -> None:
    """Make ``old``, as it was checked out from 3.6.0, with a little more in it."""
    unpack("demo-checkout", place / "unpacked")
    (place / "unpacked" / "co").rename(place / "old")
    (place / "old" / "demo" / "scratch.txt").write_text("not registered")
    notes = place / "old/demo/@@Zope/Annotations/readme.txt/acme.notes"
    for path in (notes, notes.parent / "@@Zope/Original/acme.notes"):
        path.write_text(NOTES)
    metadata = Metadata()
    metadata.getentry(str(notes)).update(
        type="__builtin__.list", id="/demo/readme.txt/acme.notes"
    )
    metadata.flush()


def edit(filename: str, after: str, new: str) -> None:
    """Change the ``type`` of an entry, and its factory."""
    path = Path(filename)
    start, found, rest = path.read_text().partition(after)
    kind = new.partition("=")[2]
    rest = rest.replace('type="zope.app.file.file.File"', new, 1)
    rest = rest.replace('factory="zope.app.file.file.File"', f"factory={kind}", 1)
    path.write_text(start + found + rest)


def test_migrating(site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    old_checkout(tmp_path)
    with aliases_undone(), serving(site) as live:

        def zsync(*words: str) -> None:
            monkeypatch.setattr(sys, "stderr", sys.stdout)
            main([*shlex.split(words[0]), *words[1:]])

        run_document(
            "zope.app.fssync",
            "migrating.txt",
            site=live,
            url=live.url,
            zsync=zsync,
            edit=edit,
            configure=lambda text: xmlconfig.string(ZCML % text) and None,
        )
