"""Measure zsync on an instance of Zope 6 against perfact-zodbsync.

    bin/py bench/zodbsync.py --peer DIR [--objects 1000 10000] [--repeat 3]

DIR is a Python environment with Zope, ZEO and perfact-zodbsync.  Both work on
/bench of one database behind ZEO: files, images, page templates, scripts and DTML
methods in turn, 100 to a folder.  zsync asks a Zope over HTTP, as a user; zodbsync
opens the database itself, and that it starts a Zope each time is part of its cost.

Each line has the seconds of both, how many times as long zodbsync takes, and the
peaks of memory: of zsync, of its Zope, of zodbsync.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from compare import CHANGES
from compare import Runner
from compare import median
from exchange import ZSYNC

from zope.app.fssync.testing.ofs.instance import ZopeInstance

#: Fills the database, a hundred objects in a transaction.
FILL = """
import random
import struct
import zlib

from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File, Image
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from Products.PythonScripts.PythonScript import PythonScript

noise = random.Random(5)

def body(size=1000):
    return "".join(f"# line {noise.random()}\\n" for _ in range(size // 26))

def chunk(kind, data):
    tail = kind + data
    return struct.pack(">I", len(data)) + tail + struct.pack(">I", zlib.crc32(tail))

def image(side=18):
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = b"".join(b"\\0" + noise.randbytes(3 * side) for _ in range(side))
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\\x89PNG\\r\\n\\x1a\\n" + b"".join(chunk(*part) for part in parts)

def script(name):
    made = PythonScript(name)
    made.ZPythonScript_edit("a=1", body() + "return a\\n")
    return made

def page(name):
    return ZopePageTemplate(name, f"<html><body>{body()}</body></html>\\n")

def put(place, number):
    name = f"object{number:06d}"
    kind = number % 5
    if kind == 0:
        made = File(name + ".txt", f"File {number}", body().encode(), "text/plain")
    elif kind == 1:
        made = Image(name + ".png", f"Image {number}", image(), "image/png")
    elif kind == 2:
        made = page(name)
    elif kind == 3:
        made = script(name)
    else:
        made = DTMLMethod(body(), __name__=name)
    place._setObject(made.getId(), made)

app._setObject("bench", Folder("bench"))
for number in range(OBJECTS):
    if number % 100 == 0:
        transaction.commit()
        app._p_jar.cacheMinimize()
        app.bench._setObject(f"folder{number // 100:04d}", Folder())
        place = app.bench[f"folder{number // 100:04d}"]
        place.id = f"folder{number // 100:04d}"
    put(place, number)
"""

#: What others do: each change is a transaction with the note of Zope's publisher.
CHANGE = """
folders = app.bench.objectIds()
for number in range(CHANGES):
    folder = app.bench[folders[number * len(folders) // CHANGES]]
    method = folder[folder.objectIds()[4]]
    method.munge(method.raw + "# TAG\\n")
    transaction.get().note("/".join(method.getPhysicalPath()) + "/manage_edit")
    transaction.commit()
"""

CONF = """
%define INSTANCE {place}
instancehome $INSTANCE
<zodb_db main>
  cache-size 30000
  <zeoclient>
    server 127.0.0.1:{port}
    storage 1
  </zeoclient>
  mount-point /
</zodb_db>
"""

SETTINGS = """
conf_path = "{place}/zope.conf"
datafs_path = "{data}"
base_dir = "{place}/repo"
manager_user = "zsync"
default_owner = "zsync"
commit_name = commit_email = commit_message = "bench"
"""


class Zsync(Runner):
    """The client, and an instance of Zope with the views."""

    def __init__(self, work, instance):
        self.instance = instance
        super().__init__(work, instance.port)
        self.url = f"http://zsync:zsync@127.0.0.1:{self.wire.port}/bench"
        self.number = 0

    def zsync(self, *args):
        self.pid = self.instance.server.pid
        return self.run(sys.executable, "-c", ZSYNC, *args)

    def all(self):
        self.number += 1
        return self.zsync("checkout", self.url, f"co{self.number}")

    @property
    def copy(self):
        return f"co{self.number}"

    def get(self):
        return self.zsync("update", self.copy)

    def put(self):
        return self.zsync("commit", self.copy)

    def put_all(self):
        return self.zsync("checkin", self.url, f"{self.copy}/bench")

    def methods(self):
        return sorted(Path(self.home, self.copy, "bench").glob("folder*/object*4"))


class Zodbsync(Runner):
    """zodbsync, and a folder for what it writes."""

    def __init__(self, work, instance, peer):
        super().__init__(work, instance.zeo_port)
        data = instance.place / "var" / "Data.fs"
        place = Path(self.home)
        conf = CONF.format(place=place, port=instance.zeo_port)
        (place / "zope.conf").write_text(conf)
        self.settings = place / "zodb.py"
        self.settings.write_text(SETTINGS.format(place=place, data=data))
        self.repo = place / "repo"
        self.repo.mkdir()
        (place / "var").mkdir()
        self.program = os.path.join(peer, "bin", "zodbsync")
        self.number = 0

    def zodbsync(self, *args):
        return self.run(self.program, "-c", str(self.settings), *args)

    def all(self):
        # Moved, as deleting takes longer than what is measured.
        self.number += 1
        self.repo.rename(self.repo.with_name(f"repo{self.number}"))
        self.repo.mkdir()
        return self.get()

    def get(self):
        return self.zodbsync("record", "/bench")

    def get_noted(self):
        return self.zodbsync("record", "--lasttxn")

    def put(self):
        return self.zodbsync("playback", "/bench")

    put_all = put

    def put_some(self):
        paths = [
            f"/{path.parent.relative_to(self.root)}" for path in some(self.methods())
        ]
        return self.zodbsync("playback", "--no-recurse", *paths)

    @property
    def root(self):
        return self.repo / "__root__"

    def methods(self):
        return sorted(self.root.glob("bench/folder*/object*4/__source*"))


def some(paths):
    """Return as many of them as there are changes, from all over the tree."""
    return [paths[number * len(paths) // CHANGES] for number in range(CHANGES)]


def line(what, ours, theirs):
    ours, theirs = median(ours), median(theirs)
    print(
        f"{what:<42}{ours.wall:8.2f} s{theirs.wall:9.2f} s"
        f"{theirs.wall / ours.wall:8.1f}x {ours.client_mb:6.0f} MB"
        f"{ours.server_mb:6.0f} MB{theirs.client_mb:6.0f} MB",
        flush=True,
    )


class Bench:
    """Both sides, on one database."""

    def __init__(self, work, objects, repeat, peer):
        self.objects = objects
        self.repeat = repeat
        self.instance = ZopeInstance(Path(work, "instance"), zeo=True)
        self.ours = Zsync(work, self.instance)
        self.theirs = Zodbsync(work, self.instance, peer)
        self.tag = 0

    def run(self):
        with self.instance.storage():
            self.script(FILL)
            self.whole()
            with self.instance.running():
                self.theirs.get_noted()
                self.ours.get()
                self.nothing()
                self.little()
            self.back()

    def script(self, source):
        self.tag += 1
        for name, value in (
            ("OBJECTS", self.objects),
            ("CHANGES", CHANGES),
            ("TAG", self.tag),
        ):
            source = source.replace(name, str(value))
        self.instance.script(source)

    def rows(self, what, ours, before=None, **theirs):
        """Measure all, each after what happened ``before``."""
        verbs = [ours, *theirs.values()]
        costs = [[] for _ in verbs]
        for _ in range(self.repeat):
            for kept, verb in zip(costs, verbs, strict=True):
                if before is not None:
                    before()
                kept.append(verb())
        for name, kept in zip(theirs, costs[1:], strict=True):
            line(f"{self.objects:>6} {what:<18} {name}", costs[0], kept)

    def cold(self, verb):
        """Return ``verb`` done with a server that has just started."""

        def run():
            with self.instance.running():
                return verb()

        return run

    def whole(self):
        self.rows("checkout", self.cold(self.ours.all), record=self.theirs.all)

    def nothing(self):
        self.rows("update, nothing", self.ours.get, record=self.theirs.get)
        self.rows("commit, nothing", self.ours.put, playback=self.theirs.put)

    def little(self):
        def others():
            self.script(CHANGE)

        self.rows(
            f"update, {CHANGES}",
            self.ours.get,
            others,
            record=self.theirs.get,
            record_lasttxn=self.theirs.get_noted,
        )
        self.rows(
            f"commit, {CHANGES}",
            self.ours.put,
            self.edit,
            playback=self.theirs.put,
            playback_of_paths=self.theirs.put_some,
        )

    def edit(self):
        """Do the same in both trees, as what one sends the other has to know."""
        self.tag += 1
        for side in (self.ours, self.theirs):
            side.get()
            for path in some(side.methods()):
                with path.open("a") as stream:
                    stream.write(f"# edit {self.tag}\n")

    def back(self):
        """The whole tree, to where it is not."""

        def remove():
            self.script("app._delObject('bench')")

        self.rows(
            "checkin",
            self.cold(self.ours.put_all),
            remove,
            playback=self.theirs.put_all,
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", required=True)
    parser.add_argument("--objects", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for objects in options.objects:
        work = tempfile.mkdtemp()
        try:
            Bench(work, objects, options.repeat, options.peer).run()
        finally:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
