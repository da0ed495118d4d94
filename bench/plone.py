"""Measure zsync beside plone.exportimport, on a site of Plone over ZEO.

    bin/py bench/plone.py [--documents 1000] [--changed 3] [--repeat 3] [--reading]

Prints a line for each job: seconds on the clock, those of the processor that server and
client took, all medians, and the peak of the server's memory during the job.  Plone is
installed into ``.plone`` if need be.  ``--reading`` leaves out what takes longest: the
import, the checkin and the commits.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.plone.site import PloneInstance
from zope.app.fssync.testing.plone.site import running_site

#: Documents that one transaction makes.
BATCH = 500

#: Documents that the largest commit changes.
MANY = 1000

MAKE = """
from plone import api
from plone.app.textfield.value import RichTextValue
if "many" not in site:
    api.content.create(site, "Folder", "many", title="Many")
for number in range({start}, {end}):
    api.content.create(
        site.many, "Document", f"doc-{{number:05}}", title=f"Document {{number}}",
        description=f"About {{number}}",
        text=RichTextValue(
            f"<p>Text {{number}}</p>" * 20, "text/html", "text/x-html-safe"
        ),
    )
"""

EXPORT = """
from pathlib import Path
from plone.exportimport.exporters import get_exporter
get_exporter(site).export_site(Path({place!r}))
"""

IMPORT = """
from pathlib import Path
from plone.exportimport.importers import get_importer
get_importer(app.Live).import_site(Path({place!r}))
"""

CLEAN = """
from zope.component.hooks import setSite
setSite(app.Live)
if "many" in app.Live:
    app.Live.manage_delObjects(["many"])
"""


class Meter:
    """Measures jobs that a server does."""

    def __init__(self, plone: PloneInstance, repeat: int) -> None:
        assert plone.server is not None
        self.process = Path("/proc", str(plone.server.pid))
        self.repeat = repeat

    def processor(self) -> float:
        """Return the seconds of the processor that the server has used."""
        fields = (self.process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the peak of its memory in MB, since it was forgotten."""
        status = (self.process / "status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def job(
        self,
        label: str,
        work: Callable[[], object],
        prepare: Callable[[], object] = lambda: None,
        repeat: int | None = None,
    ) -> None:
        """Do a job several times, and print what it took."""
        (self.process / "clear_refs").write_text("5")
        taken = []
        for _ in range(self.repeat if repeat is None else repeat):
            prepare()
            wall, used, own = time.monotonic(), self.processor(), time.process_time()
            work()
            taken.append(
                (
                    time.monotonic() - wall,
                    self.processor() - used,
                    time.process_time() - own,
                )
            )
        wall, used, own = map(statistics.median, zip(*taken, strict=True))
        print(
            f"{label:40} {wall:8.2f} s, processor of the server {used:8.2f} s, "
            f"of the client {own:6.2f} s, memory {self.memory():5} MB",
            flush=True,
        )


def change(top: Path, count: int, text: str) -> None:
    """Add a line to some documents."""
    for path in sorted(top.glob("doc-*"))[:count]:
        path.write_text(f"{path.read_text()}<p>{text}</p>\n")


def run(place: Path, documents: int, changed: int, repeat: int, reading: bool) -> None:
    """Do all jobs."""
    with running_site(place / "instance") as plone:
        plone.patience = 24 * 3600
        for start in range(0, documents, BATCH):
            end = min(start + BATCH, documents)
            plone.run(MAKE.format(start=start, end=end))
        meter = Meter(plone, repeat)
        _read(plone, meter, place)
        if not reading:
            _copy(plone, meter, place)
        me, editor = Person(place / "me"), Person(place / "editor")
        root = plone.url.replace("//", "//{}@")
        url, top = root.format("zsync:zsync") + "/Plone/many", me.place / "many"
        me.zsync("checkout", url, ".")
        user = root.format("editor:secret-1234")
        editor.zsync("checkout", f"{user}/Plone/many", ".")
        for who, label in ((me, "Manager"), (editor, "user of Plone")):
            meter.job(
                f"zsync update without news, {label}",
                lambda who=who: who.zsync("update", "many"),  # type: ignore[misc]
            )
        # The first update that has news reads the references of the whole database.
        change(top, 1, "the first")
        me.zsync("commit", "-m", "first", "many")
        meter.job(
            "zsync update, the first with news",
            lambda: editor.zsync("update", "many"),
            repeat=1,
        )
        numbers = itertools.count()
        for count in (changed,) if reading else (changed, min(documents, MANY)):

            def edit(count: int = count) -> None:
                change(top, count, f"change {next(numbers)}")

            def commit() -> None:
                me.zsync("commit", "-m", "more", "many")

            def edit_and_commit(edit: Callable[[], None] = edit) -> None:
                edit()
                commit()

            meter.job(f"zsync commit of {count}", commit, edit)
            editor.zsync("update", "many")
            meter.job(
                f"zsync update after {count}",
                lambda: editor.zsync("update", "many"),
                edit_and_commit,
            )
        meter.job("zsync log of the folder", lambda: me.zsync("log", "many"))
        meter.job("zsync log of a document", lambda: me.zsync("log", "many/doc-00000"))


def _read(plone: PloneInstance, meter: Meter, place: Path) -> None:
    """Bring all of a site to files."""
    numbers = itertools.count()
    whole = Person(place / "whole")
    root = plone.url.replace("//", "//zsync:zsync@")

    def export() -> None:
        to = place / f"export-{next(numbers)}"
        to.mkdir()
        plone.run(EXPORT.format(place=str(to)))

    meter.job("plone.exportimport: export of the site", export)
    meter.job(
        "zsync checkout of the site",
        lambda: whole.zsync("checkout", f"{root}/Plone", f"site-{next(numbers)}"),
    )


def _copy(plone: PloneInstance, meter: Meter, place: Path) -> None:
    """Bring the documents to another site."""
    me = Person(place / "copy")
    root = plone.url.replace("//", "//zsync:zsync@")
    me.zsync("checkout", f"{root}/Plone/many", ".")

    def clean() -> None:
        plone.run(CLEAN)

    meter.job(
        "plone.exportimport: import",
        lambda: plone.run(IMPORT.format(place=str(place / "export-0"))),
        clean,
    )
    meter.job(
        "zsync checkin of the documents",
        lambda: me.zsync("checkin", f"{root}/Live/many", "many"),
        clean,
    )


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--changed", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--reading", action="store_true")
    with tempfile.TemporaryDirectory() as place:
        run(Path(place), **vars(parser.parse_args()))


if __name__ == "__main__":
    main()
