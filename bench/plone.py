"""Measure zsync beside plone.exportimport, on a site of Plone over ZEO.

    bin/py bench/plone.py [--documents 1000] [--changed 3]

Prints a line for each job: seconds on the clock, seconds of the server's processor, and
the peak of the server's memory so far.  Plone is installed into ``.plone`` if need be.
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

MAKE = """
from plone import api
from plone.app.textfield.value import RichTextValue
folder = api.content.create(site, "Folder", "many", title="Many")
for number in range({documents}):
    api.content.create(
        folder, "Document", f"doc-{{number:05}}", title=f"Document {{number}}",
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
        """Return the peak of its memory in MB."""
        status = (self.process / "status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def job(self, label: str, work: Callable[[], object]) -> None:
        """Do a job, and print what it took."""
        wall, used = time.monotonic(), self.processor()
        work()
        wall, used = time.monotonic() - wall, self.processor() - used
        print(
            f"{label:34} {wall:8.2f} s {used:8.2f} s of processor {self.memory():6} MB",
            flush=True,
        )


def change(top: Path, count: int, text: str) -> None:
    """Add a line to some documents."""
    for path in sorted(top.glob("doc-*"))[:count]:
        path.write_text(f"{path.read_text()}<p>{text}</p>\n")


def run(place: Path, documents: int, changed: int) -> None:
    """Do all jobs."""
    with running_site(place / "instance") as plone:
        meter = Meter(plone)
        me = Person(place / "me")
        root = plone.url.replace("//", "//zsync:zsync@")
        url, top = f"{root}/Plone/many", me.place / "many"
        plone.run(MAKE.format(documents=documents))
        export = str(place / "export")
        meter.job(
            "plone.exportimport: export",
            lambda: plone.run(EXPORT.format(place=export)),
        )
        meter.job("zsync checkout", lambda: me.zsync("checkout", url, "."))
        meter.job(
            "zsync checkin (whole import)",
            lambda: me.zsync("checkin", f"{root}/Live/many", "many"),
        )
        me.zsync("update", "many")
        meter.job("zsync update without news", lambda: me.zsync("update", "many"))
        for count in (changed, documents):
            change(top, count, f"one of {count}")
            meter.job(
                f"zsync commit of {count}",
                lambda: me.zsync("commit", "-m", "more", "many"),
            )
            meter.job(f"zsync update after {count}", lambda: me.zsync("update", "many"))


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
