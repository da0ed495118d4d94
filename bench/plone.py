"""Measure zsync beside plone.exportimport, on a site of Plone over ZEO.

    bin/py bench/plone.py [--documents 1000] [--changed 3]

Prints a line for each job: seconds on the clock, those of the processor that server and
client took, and the peak of the server's memory during the job.  Plone is installed
into ``.plone`` if need be.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.plone.site import PloneInstance
from zope.app.fssync.testing.plone.site import running_site

#: Documents that one transaction makes.
BATCH = 500

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
app.Live.manage_delObjects(["many"])
"""


class Meter:
    """Measures jobs that a server does."""

    def __init__(self, plone: PloneInstance) -> None:
        assert plone.server is not None
        self.process = Path("/proc", str(plone.server.pid))

    def processor(self) -> float:
        """Return the seconds of the processor that the server has used."""
        fields = (self.process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return the peak of its memory in MB, since it was forgotten."""
        status = (self.process / "status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def job(self, label: str, work: Callable[[], object]) -> None:
        """Do a job, and print what it took."""
        (self.process / "clear_refs").write_text("5")
        wall, used, own = time.monotonic(), self.processor(), time.process_time()
        work()
        wall, used = time.monotonic() - wall, self.processor() - used
        own = time.process_time() - own
        print(
            f"{label:40} {wall:8.2f} s, processor of the server {used:8.2f} s, "
            f"of the client {own:6.2f} s, memory {self.memory():5} MB",
            flush=True,
        )


def change(top: Path, count: int, text: str) -> None:
    """Add a line to some documents."""
    for path in sorted(top.glob("doc-*"))[:count]:
        path.write_text(f"{path.read_text()}<p>{text}</p>\n")


def run(place: Path, documents: int, changed: int) -> None:
    """Do all jobs."""
    with running_site(place / "instance") as plone:
        plone.patience = 24 * 3600
        for start in range(0, documents, BATCH):
            end = min(start + BATCH, documents)
            plone.run(MAKE.format(start=start, end=end))
        meter = Meter(plone)
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
        for count in (changed, documents):
            change(top, count, f"one of {count}")
            meter.job(
                f"zsync commit of {count}",
                lambda: me.zsync("commit", "-m", "more", "many"),
            )
            meter.job(
                f"zsync update after {count}", lambda: editor.zsync("update", "many")
            )


def _copy(plone: PloneInstance, meter: Meter, place: Path) -> None:
    """Bring all of a site to files, and the documents to another site."""
    (place / "export").mkdir()
    export, me = str(place / "export"), Person(place / "whole")
    root = plone.url.replace("//", "//zsync:zsync@")
    meter.job(
        "plone.exportimport: export of the site",
        lambda: plone.run(EXPORT.format(place=export)),
    )
    meter.job(
        "zsync checkout of the site", lambda: me.zsync("checkout", f"{root}/Plone", ".")
    )
    meter.job(
        "plone.exportimport: import", lambda: plone.run(IMPORT.format(place=export))
    )
    plone.run(CLEAN)
    meter.job(
        "zsync checkin of the documents",
        lambda: me.zsync("checkin", f"{root}/Live/many", "Plone/many"),
    )


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--changed", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        run(Path(place), arguments.documents, arguments.changed)


if __name__ == "__main__":
    main()
