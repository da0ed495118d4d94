"""Measure zsync against svn, git, curl and an empty Python.

    bin/py bench/compare.py [--rows ROW ...] [--files N ...] [--repeat 5]
                            [--layout 3] [--big BYTES] [--keep DIR]
                            [--alone] [--client PYTHON]

Rows: checkout first update changes commit status disk upgrade start big.  Each line
has the figure, what it is compared with, the ratio, and what it should be at most.
"""

import argparse
import base64
import contextlib
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import NamedTuple

from exchange import DEMO
from exchange import HERE
from exchange import ZSYNC
from exchange import environment
from exchange import free_port
from exchange import peak
from seed import lines
from views import ZCML
from wire import Wire

#: What is measured over an empty Python: commands, and the milliseconds they may take.
START = {
    "help": 20,
    "--version": 20,
    "completion bash": 20,
    "status co/bulk": 40,
    "diff co/bulk": 40,
    "update co": 70,
    "commit -m nothing co": 70,
}

#: Files that the others change before an update.
CHANGES = 10

#: From this number on a working copy is checked out once only.
MANY = 50_000

#: What the memory of the client may be, in megabytes.
MEMORY = 60

#: What an upgrade of MANY files or more may take, in seconds.
UPGRADE = 60

BULK = ("checkout", "first", "update", "changes", "commit", "status", "disk", "upgrade")
ROWS = (*BULK, "start", "big")


class Cost(NamedTuple):
    """What a command took: seconds, megabytes of memory, bytes on the wire.

    ``processor`` are the seconds of the processor that the client took.
    """

    wall: float
    client_mb: int = 0
    server_mb: int = 0
    sent: int = 0
    received: int = 0
    processor: float = 0


def median(costs):
    return Cost(*(statistics.median(each) for each in zip(*costs, strict=True)))


def line(what, cost, other=None, name="", limit=None, wire=None):
    """Print a figure, with its ratio to another one and what it may be."""
    ratio = cost.wall / other.wall if other else 0
    text = f"{what:<38}{cost.wall:9.3f} s"
    text += f"{name:>16} {other.wall:9.3f} s {ratio:7.2f}x" if other else " " * 36
    text += f" {f'<= {limit}x' if limit else '':>8}"
    verdict = "" if limit is None else "ok" if ratio <= limit else "MISSED"
    text += f" {verdict:<7}{cost.sent + cost.received:>12,} B"
    if cost.processor:
        text += f" {cost.processor:8.3f} s"
        if other and other.processor:
            text += f" {cost.processor / other.processor:6.2f}x"
    if wire is not None:
        text += (
            f" <= {wire:,} {'ok' if cost.sent + cost.received <= wire else 'MISSED'}"
        )
    text += f" {cost.client_mb:5.0f}/{cost.server_mb:.0f} MB"
    if cost.client_mb > MEMORY:
        text += f" > {MEMORY} MISSED"
    print(text, flush=True)


class Disk(NamedTuple):
    """What a working copy takes: inodes, bytes with and without whole blocks."""

    inodes: int = 0
    blocks: int = 0
    size: int = 0

    @classmethod
    def of(cls, top):
        counted = cls()
        for root, names, files in os.walk(top):
            for name in (*names, *files):
                status = os.lstat(os.path.join(root, name))
                size = status.st_size if name in files else 0
                each = (1, 512 * status.st_blocks, size)
                counted = cls(*(map(sum, zip(counted, each, strict=True))))
        return counted


class Runner:
    """Runs commands in a directory of its own."""

    pid: int | None = None

    def __init__(self, work, port):
        self.home = tempfile.mkdtemp(dir=work)
        self.wire = Wire(port)

    def run(self, *command, cwd=""):
        self.wire.reset()
        if self.pid:
            with open(f"/proc/{self.pid}/clear_refs", "w") as stream:
                stream.write("5")
        output = os.path.join(self.home, "out")
        began = time.perf_counter()
        with open(output, "wb") as out:
            process = subprocess.Popen(
                command,
                cwd=os.path.join(self.home, cwd),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment(HOME=self.home),
            )
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            with open(output) as out:
                raise SystemExit(f"{command} failed:\n{out.read()[-2000:]}")
        return Cost(
            wall,
            usage.ru_maxrss // 1024,
            peak(self.pid) if self.pid else 0,
            self.wire.sent,
            self.wire.received,
            usage.ru_utime + usage.ru_stime,
        )


def place(number):
    folder, index = divmod(number, 100)
    return f"folder{folder:04d}/file{index:04d}.txt"


class Zsync(Runner):
    """The client and the demo server of this package."""

    label = "zsync"

    def __init__(
        self, work, files=0, big=0, keep=None, layout=3, client=sys.executable
    ):
        self.layout = layout
        self.client = client
        self.data = os.path.join(work, "zsync")
        self._seed(files, big, keep)
        port = free_port()
        self._demo("start", "--port", str(port))
        with open(os.path.join(self.data, "server.lock"), encoding="ascii") as lock:
            self.pid = json.load(lock)["pid"]
        super().__init__(work, port)
        self.direct = f"http://127.0.0.1:{port}"
        self.url = f"http://zsync:zsync@127.0.0.1:{self.wire.port}"

    def _seed(self, files, big, keep):
        kept = keep and os.path.join(keep, f"zsync-{files}-{big}")
        if kept and os.path.isdir(kept):
            shutil.copytree(kept, self.data)
            return
        seed = [sys.executable, os.path.join(HERE, "seed.py"), self.data]
        seed += ["--files", str(files), "--big", str(big)]
        subprocess.run(seed, check=True)
        with open(os.path.join(self.data, "site.zcml"), "w") as stream:
            stream.write(ZCML)
        if kept:
            shutil.copytree(self.data, kept)

    def _demo(self, verb, *options):
        command = [sys.executable, "-c", DEMO, verb, "--data", self.data, *options]
        path = os.pathsep.join(filter(None, [HERE, os.environ.get("PYTHONPATH")]))
        env = environment(PYTHONPATH=path)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)

    def stop(self):
        self._demo("stop")

    def zsync(self, *args):
        return self.run(self.client, "-c", ZSYNC, *args)

    def checkout(self, target, layout=None):
        number = str(layout or self.layout)
        return self.zsync("checkout", "--layout", number, f"{self.url}/bulk", target)

    def update(self):
        return self.zsync("update", "co")

    def commit(self):
        return self.zsync("commit", "co")

    def status(self, target="co"):
        return self.zsync("status", target)

    def file(self, number):
        return os.path.join(self.home, "co", "bulk", place(number))

    def others_change(self, number, data):
        url = f"{self.direct}/bulk/{place(number)}"
        request = urllib.request.Request(url, data=data, method="PUT")
        token = base64.b64encode(b"zsync:zsync").decode()
        request.add_header("Authorization", f"Basic {token}")
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request).close()

    def others_are_done(self):
        """Each change was a transaction of its own."""


def write_tree(tree, files):
    """Write the files that the database of zsync has."""
    for number in range(files):
        path = os.path.join(tree, "bulk", place(number))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(lines(1024, number))


class Svn(Runner):
    """svn and svnserve, with the same files."""

    label = "svn"

    def __init__(self, work, files, keep=None):
        self.repository = os.path.join(work, "svn")
        self._seed(files, work, keep)
        port = free_port()
        command = ["svnserve", "-d", "--foreground", "-r", self.repository]
        command += ["--listen-host", "127.0.0.1", "--listen-port", str(port)]
        self.server = subprocess.Popen(command)
        time.sleep(0.5)
        super().__init__(work, port)
        self.url = f"svn://127.0.0.1:{self.wire.port}"
        self._other = None

    def _seed(self, files, work, keep):
        kept = keep and os.path.join(keep, f"svn-{files}")
        if kept and os.path.isdir(kept):
            shutil.copytree(kept, self.repository)
            return
        subprocess.run(["svnadmin", "create", self.repository], check=True)
        with open(os.path.join(self.repository, "conf/svnserve.conf"), "w") as stream:
            stream.write("[general]\nanon-access = write\n")
        tree = os.path.join(work, "tree")
        write_tree(tree, files)
        url = f"file://{self.repository}"
        subprocess.run(["svn", "import", "-q", "-m", "", tree, url], check=True)
        shutil.rmtree(tree)
        if kept:
            shutil.copytree(self.repository, kept)

    def stop(self):
        self.server.terminate()
        self.server.wait()

    def checkout(self, target):
        return self.run("svn", "checkout", "-q", f"{self.url}/bulk", target)

    def update(self):
        return self.run("svn", "update", "-q", "co")

    def commit(self):
        return self.run("svn", "commit", "-q", "-m", "", "co")

    def status(self, target="co"):
        return self.run("svn", "status", target)

    def file(self, number):
        return os.path.join(self.home, "co", place(number))

    def others_change(self, number, data):
        if self._other is None:
            self._other = tempfile.mkdtemp(dir=self.home)
        folder, name = os.path.split(place(number))
        path = os.path.join(self._other, folder)
        if not os.path.isdir(path):
            self.run("svn", "checkout", "-q", f"{self.url}/bulk/{folder}", path)
        with open(os.path.join(path, name), "wb") as stream:
            stream.write(data)

    def others_are_done(self):
        """Commit what was changed."""
        paths = glob.glob(os.path.join(self._other, "*"))
        for path in paths:
            self.run("svn", "commit", "-q", "-m", "", path)


class Git(Runner):
    """git and git daemon, with the same files; a commit is one that is pushed."""

    label = "git"

    def __init__(self, work, files, keep=None):
        self.base = os.path.join(work, "git")
        self._seed(files, keep)
        port = free_port()
        command = ["git", "daemon", "--export-all", "--enable=receive-pack"]
        command += [f"--base-path={self.base}", "--listen=127.0.0.1"]
        command += [f"--port={port}", "--reuseaddr", self.base]
        self.server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        super().__init__(work, port)
        for name, value in (("user.name", "zsync"), ("user.email", "zsync@localhost")):
            self.run("git", "config", "--global", name, value)
        self.url = f"git://127.0.0.1:{self.wire.port}/bulk.git"
        self._other = None

    def _seed(self, files, keep):
        kept = keep and os.path.join(keep, f"git-{files}")
        if kept and os.path.isdir(kept):
            shutil.copytree(kept, self.base)
            return
        bare = os.path.join(self.base, "bulk.git")
        tree = os.path.join(self.base, "tree")
        write_tree(tree, files)
        git = ["git", "-C", tree, "-c", "user.name=z", "-c", "user.email=z@localhost"]
        for command in (
            ["init", "-q", "-b", "main"],
            ["add", "--all"],
            ["commit", "-q", "-m", "seed"],
            ["clone", "-q", "--bare", tree, bare],
            ["--git-dir", bare, "gc", "-q"],
        ):
            subprocess.run([*git, *command], check=True)
        shutil.rmtree(tree)
        if kept:
            shutil.copytree(self.base, kept)

    def stop(self):
        self.server.terminate()
        self.server.wait()

    def checkout(self, target):
        return self.run("git", "clone", "-q", self.url, target)

    def update(self):
        return self.run("git", "-C", "co", "pull", "-q")

    def commit(self):
        command = "git commit -q -a -m change && git push -q"
        return self.run("sh", "-c", command, cwd="co")

    def status(self, target="co"):
        return self.run("git", "-C", target, "status", "--short")

    def file(self, number):
        return os.path.join(self.home, "co", "bulk", place(number))

    def others_change(self, number, data):
        if self._other is None:
            self._other = tempfile.mkdtemp(dir=self.home)
            self.run("git", "clone", "-q", self.url, self._other)
        path = os.path.join(self._other, "bulk", place(number))
        with open(path, "wb") as stream:
            stream.write(data)

    def others_are_done(self):
        """Commit and push what was changed."""
        command = "git commit -q -a -m others && git pull -q --rebase && git push -q"
        self.run("sh", "-c", command, cwd=self._other)


class Bulk:
    """Many small files: the same work by all, one after the other."""

    def __init__(self, options, files):
        self.repeat = options.repeat
        self.files = files
        self.number = 0
        self.work = tempfile.mkdtemp()
        ours = {"keep": options.keep, "layout": options.layout}
        self.sides = [Zsync(self.work, files, **ours, client=options.client)]
        if not options.alone:
            self.sides.append(Svn(self.work, files, options.keep))
            self.sides.append(Git(self.work, files, options.keep))

    def close(self):
        for side in self.sides:
            side.stop()
        shutil.rmtree(self.work)

    def row(self, what, costs, limit=None, wire=None):
        """Print what all sides took; ``limit`` is against svn."""
        ours, *others = costs
        svn, git = others or (None, None)
        limit = limit if others else None
        line(f"{what}, {self.files:,} files", ours, svn, "svn", limit, wire)
        if git is not None:
            line("", ours, git, "git")

    def each(self, method, repeat=None):
        return [
            median([method(side) for _ in range(repeat or self.repeat)])
            for side in self.sides
        ]

    def checkout(self, rows):
        """Check out, and look at each new working copy twice."""
        shown = {"checkout", "first"} & set(rows)
        repeat = 1 if self.files > MANY or not shown else self.repeat
        costs = []
        for side in self.sides:
            # Never into the place of a deleted one, whose inodes are slow.
            targets = ["co", *(f"co{number}" for number in range(1, repeat))]
            each = [
                (side.checkout(target), side.status(target), side.status(target))
                for target in targets
            ]
            costs.append([median(column) for column in zip(*each, strict=True)])
        taken, first, second = zip(*costs, strict=True)
        if "checkout" in rows:
            self.row("checkout", taken, 0.7 if self.files > MANY else 0.8)
        if "first" in rows:
            self.row("status, first run", first, 1.5)
            line("  against the second run", first[0], second[0], "second run", 1.1)

    def update(self):
        self.each(lambda side: side.update(), 1)
        costs = self.each(lambda side: side.update())
        self.row("update, no change", costs, 2, 4096)

    def changes(self):
        unchanged = self.each(lambda side: side.update())
        costs = self.each(self._update_changes)
        self.row(f"update, {CHANGES} changes", costs, wire=3 * CHANGES * 1024)
        line("  against the one with no change", costs[0], unchanged[0], "no change", 2)

    def _update_changes(self, side):
        self.number += 1
        step = self.files // CHANGES
        for number in range(0, step * CHANGES, step):
            data = lines(1024, number + 1_000_000 * self.number)
            side.others_change(number, data)
        side.others_are_done()
        return side.update()

    def commit(self):
        for number, wire in ((1, 3 * 1024), (10, None)):
            costs = self.each(lambda side, number=number: self._commit(side, number))
            what = "1 file" if number == 1 else f"{number} files"
            self.row(f"commit of {what}", costs, 2, wire)

    def _commit(self, side, number):
        step = self.files // number
        for each in range(step // 2, self.files, step):
            self.number += 1
            with open(side.file(each), "wb") as stream:
                stream.write(lines(1024, 7_000_000 + self.number))
        return side.commit()

    def status(self):
        self.each(lambda side: side.status(), 1)
        self.row("status, second run", self.each(lambda side: side.status()), 1.5)

    def disk(self):
        taken = [Disk.of(os.path.join(side.home, "co")) for side in self.sides]
        for side, each in zip(self.sides, taken, strict=True):
            print(
                f"working copy of {side.label}, {self.files:,} files:"
                f" {each.inodes / self.files:.2f} inodes per object,"
                f" {each.blocks / 1e6:.1f} MB on disk,"
                f" {each.size / 1e6:.1f} MB in files"
            )
        ours, *others = taken
        inodes = ours.inodes / self.files
        print(f"  inodes: {inodes:.2f} <= 2.1 {'ok' if inodes <= 2.1 else 'MISSED'}")
        if others:
            ratio = ours.blocks / others[0].blocks
            verdict = "ok" if ratio <= 1.3 else "MISSED"
            print(f"  disk against svn: {ratio:.2f}x <= 1.3x {verdict}")
        sys.stdout.flush()

    def upgrade(self):
        """Convert working copies of the older layouts."""
        side = self.sides[0]
        repeat = 1 if self.files > MANY else self.repeat
        for layout in (1, 2):
            costs = []
            for number in range(repeat):
                target = f"old{layout}-{number}"
                side.checkout(target, layout)
                costs.append(side.zsync("upgrade", "--layout", "3", target))
            cost = median(costs)
            line(f"upgrade from layout {layout}, {self.files:,} files", cost)
            verdict = "ok" if cost.wall < UPGRADE else "MISSED"
            print(f"  < {UPGRADE} s {verdict}", flush=True)


def bulk(options, files):
    jobs = Bulk(options, files)
    try:
        jobs.checkout(options.rows)
        for row in BULK[2:]:
            if row in options.rows:
                getattr(jobs, row)()
    finally:
        jobs.close()


def start(options):
    """Whole commands over an empty Python; one after the other, as others disturb."""
    work = tempfile.mkdtemp()
    side = Zsync(work, 100, client=options.client)
    try:
        side.checkout("co")
        repeat = 4 * options.repeat

        zsync = shutil.which("zsync", path=os.path.dirname(options.client))
        program = [zsync] if zsync else [options.client, "-c", ZSYNC]
        commands = [
            [options.client, "-I", "-c", "pass"],
            *([*program, *args.split()] for args in START),
        ]
        costs = [[side.run(*each) for each in commands] for _ in range(repeat + 1)]
        empty, *found = map(median, zip(*costs[1:], strict=True))
        for (args, limit), each in zip(START.items(), found, strict=True):
            over = 1000 * (each.wall - empty.wall)
            taken = 1000 * (each.processor - empty.processor)
            print(
                f"zsync {args}: {over:.0f} ms, {taken:.0f} of the processor, over an"
                f" empty Python ({1000 * empty.wall:.0f} ms) <= {limit}"
                f" {'ok' if over <= limit else 'MISSED'}",
                flush=True,
            )
    finally:
        side.stop()
        shutil.rmtree(work)


def big(options):
    """One large file, against curl and views that stream its body."""
    work = tempfile.mkdtemp()
    side = Zsync(work, big=options.big, keep=options.keep, client=options.client)
    curl = ["curl", "-sSf", "-u", "zsync:zsync"]
    address = f"http://127.0.0.1:{side.wire.port}/bigfile/big.bin"
    what = f"of {options.big >> 20} MB"
    try:
        costs = [
            side.zsync("checkout", f"{side.url}/bigfile", f"co{number}")
            for number in range(options.repeat)
        ]
        down = [
            side.run(*curl, "-o", f"down{number}", f"{address}/@@download")
            for number in range(options.repeat)
        ]
        line(f"checkout {what}", median(costs), median(down), "curl GET", 2)
        upload = [*curl, "-X", "POST", "-T", "down0", "-H", "Expect:"]
        upload += ["-H", "Content-Type: application/octet-stream"]
        path = os.path.join(side.home, "co0/bigfile/big.bin")
        costs, up = [], []
        for _ in range(options.repeat):
            up.append(side.run(*upload, f"{address}/@@upload"))
        side.zsync("update", "co0")
        for number in range(options.repeat):
            with open(path, "r+b") as stream:
                stream.write(b"change %d" % number)
            costs.append(side.zsync("commit", "co0"))
        line(f"commit {what}", median(costs), median(up), "curl POST", 2)
    finally:
        side.stop()
        shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="*", default=ROWS, choices=ROWS)
    parser.add_argument("--files", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--big", type=int, default=1 << 30)
    parser.add_argument("--layout", type=int, default=3, choices=(1, 2, 3))
    parser.add_argument("--alone", action="store_true", help="without svn and git")
    parser.add_argument("--client", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--keep", metavar="DIR", help="keep what was seeded there")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        if set(BULK) & set(options.rows):
            for files in options.files:
                bulk(options, files)
        if "start" in options.rows:
            start(options)
        if "big" in options.rows:
            big(options)


if __name__ == "__main__":
    main()
