"""Measure the log in databases of growing size, against an update without news.

    bin/py bench/history.py [--sizes 1000 10000 100000] [--repeat 5] [--keep DIR]
                            [--zeo]

A database of N objects has N transactions more, each of which changes one file; a
quarter of the folders, the "quiet" ones, are changed in the first tenth only.  Measured
is ``log -l 10`` of all, of a folder, of a quiet folder and a quiet file, and of all
quiet folders together, and the time until the first line of a log without a limit, each
against updates between of a folder to which nothing happened.  After the first updates
a thread makes the index of references, which that of all quiet folders needs: it is
measured while there is none, with it, and after another start.  With ``--zeo`` the
database is that of a ZEO server.
"""

import argparse
import contextlib
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import transaction
import ZODB
from compare import Cost
from compare import Zsync
from compare import line
from compare import median
from exchange import HERE
from exchange import ZSYNC
from exchange import environment
from ZODB.Connection import TransactionMetaData
from zope.app.publication.zopepublication import ZopePublication

from zope.app.fssync.demo.instance import ZOPE_CONF
from zope.app.fssync.testing import databases
from zope.fssync.limits import PREPARED_RECORDS

#: How many files there are in a folder.
FOLDER = 100

#: What is logged: a name, and the path below the site.
LOGGED = {
    "all": "bulk",
    "a folder": "bulk/folder{last:04d}",
    "a quiet folder": "bulk/quiet/folder0001",
    "a quiet file": "bulk/quiet/folder0001/file0003.txt",
    "quiet folders": "bulk/quiet",
}

#: The first one that needs the index of references.
INDEXED = "bulk/quiet"


def write_transactions(data, count):
    """Append transactions, each of which stores the record of a file once more."""
    place = os.path.join(data, "Data.fs")
    # A class of the same name hides the module.
    filestorage = import_module("ZODB.FileStorage.FileStorage")
    # A crash of the machine would cost this database only.
    filestorage.fsync = None
    storage = filestorage.FileStorage(place, blob_dir=os.path.join(data, "blobs"))
    busy, quiet = _files(storage)
    dice = random.Random(7)
    current = {}
    for number in range(count):
        every = busy + quiet if number < count // 10 else busy
        oid = dice.choice(every)
        record, serial = current.get(oid) or storage.load(oid)
        told = TransactionMetaData(f"user{number % 7}", f"change {number}")
        storage.tpc_begin(told)
        storage.store(oid, serial, record, "", told)
        storage.tpc_vote(told)
        current[oid] = record, storage.tpc_finish(told)
    storage.close()


def _files(storage):
    """Move a quarter of the folders aside; return the oids of the busy files and the
    quiet ones."""
    from zope.site.folder import Folder

    db = ZODB.DB(storage)
    connection = db.open()
    root = connection.root()[ZopePublication.root_name]
    bulk = root["bulk"]
    quiet = Folder()
    names = list(bulk)
    for name in names[: len(names) // 4 or 1]:
        folder = bulk[name]
        del bulk[name]
        quiet[name] = folder
        folder.__parent__, folder.__name__ = quiet, name
    bulk["quiet"] = quiet
    transaction.commit()
    found = []
    for place in ((bulk[name] for name in bulk if name != "quiet"), quiet.values()):
        oids = []
        for folder in place:
            oids += [each._p_oid for each in folder.values()]
            connection.cacheGC()
        found.append(oids)
    transaction.abort()
    connection.close()
    return found


class Server(Zsync):
    """A demo server with that database."""

    def __init__(self, work, files, keep, zeo):
        self._stack = contextlib.ExitStack()
        self._zeo = zeo
        super().__init__(work, files, keep=keep)

    def _seed(self, files, big, keep):
        self._make(files, keep)
        if self._zeo:
            storage = self._stack.enter_context(databases.served(Path(self.data)))
            head, rest = ZOPE_CONF.split("  <filestorage>")
            _, tail = rest.split("</filestorage>")
            text = f"{storage.imports}\n{head}{storage.section}{tail}"
            Path(self.data, "zope.conf").write_text(text)

    def stop(self):
        super().stop()
        self._stack.close()

    def _make(self, files, keep):
        kept = keep and os.path.join(keep, f"history-{files}")
        if kept and os.path.isdir(kept):
            shutil.copytree(kept, self.data)
            return
        seed = [sys.executable, os.path.join(HERE, "seed.py"), self.data]
        subprocess.run([*seed, "--files", str(files)], check=True)
        command = [sys.executable, __file__, "--write", self.data, str(files)]
        subprocess.run(command, check=True)
        if kept:
            shutil.copytree(self.data, kept)

    def restart(self):
        """Begin another process, which answers one request first."""
        port = self.direct.rpartition(":")[2]
        self._demo("stop")
        self._demo("start", "--port", port)
        with open(os.path.join(self.data, "server.lock"), encoding="ascii") as lock:
            self.pid = json.load(lock)["pid"]
        return self.log("bulk", "-l", "10")

    def indexed(self):
        """Wait until the index is kept; return the seconds."""
        began = time.perf_counter()
        cache = os.path.join(os.environ["XDG_CACHE_HOME"], "zsync")
        while not glob.glob(os.path.join(cache, "*.sqlite")):
            time.sleep(0.1)
        return time.perf_counter() - began

    def log(self, path, *options):
        return self.zsync("log", *options, f"{self.url}/{path}")

    def first_line(self, path):
        """Return the seconds until a log without a limit tells its first line."""
        command = [sys.executable, "-c", ZSYNC, "log", f"{self.url}/{path}"]
        env = environment(HOME=self.home)
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
            process.stdout.readline()
            taken = time.perf_counter() - began
            process.kill()
        return Cost(taken)


def measure(size, repeat, keep, zeo):
    """Measure one size; return the cost of each log."""
    work = tempfile.mkdtemp()
    os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
    side = Server(work, size, keep, zeo)
    print(f"{size:,} objects, {size:,} transactions")
    try:
        cold = side.log("bulk", "-l", "10")
        last = size // FOLDER - 1
        side.zsync("checkout", f"{side.url}/bulk/folder{last:04d}", "co")
        update = median([side.update() for _ in range(repeat)])
        line("  first log of the server", cold, update, "update")

        def pairs(measured):
            """Return medians of what is measured and of updates between."""
            both = [(measured(), side.update()) for _ in range(repeat)]
            return [median(costs) for costs in zip(*both, strict=True)]

        costs = {}
        for name, place in LOGGED.items():
            path = place.format(last=last)
            first = side.log(path, "-l", "10")
            again = partial(side.log, path, "-l", "10")
            costs[name], update = pairs(again)
            line(f"  log -l 10 of {name}", costs[name], update, "update", 2)
            if path == INDEXED:
                line("    the first time, without an index", first, update, "update")
                if size >= PREPARED_RECORDS:
                    print(f"    the index is there {side.indexed():.0f} s later")
                line("    the first time, with the index", again(), update, "update")
                costs[name], update = pairs(again)
                line(f"    log -l 10 of {name}", costs[name], update, "update", 2)
                line(
                    "    first log of another process", side.restart(), update, "update"
                )
                line("    the first time in it", again(), update, "update", 2)
        told, update = pairs(lambda: side.first_line("bulk"))
        line("  first line of log", told, update, "update", 2)
        return costs
    finally:
        side.stop()
        shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--keep")
    parser.add_argument("--zeo", action="store_true")
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        data, count = options.write
        write_transactions(data, int(count))
        return
    more = options.repeat, options.keep, options.zeo
    found = [measure(size, *more) for size in options.sizes]
    for name, smallest in found[0].items():
        line(
            f"log of {name}, largest over smallest", found[-1][name], smallest, "", 1.5
        )


if __name__ == "__main__":
    main()
