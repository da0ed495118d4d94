"""Measure zsync against a live demo server, and against 3.6.0.

    bin/py bench/exchange.py [--files 1000 10000] [--big BYTES] [--repeat 3]
                             [--peer DIR]

Prints a table: for each number of files of 1 KB the checkout, an update with
nothing changed, the commit of one changed file, and status; for one big file
its checkout and commit.  Wall seconds are medians; memory is the peak of the
whole process (client: of its life; server: since the command began); bytes are
those on the wire.

DIR holds the 3.6.0 peer (its serve.py and zsync27); the environment variable
FSSYNC_PEER27 names its Python environment.  The same work is then done by it
in the same run, and the ratio is printed.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

from wire import Wire

HERE = os.path.dirname(os.path.abspath(__file__))
ZSYNC = "import sys; from zope.app.fssync.main import main; sys.exit(main())"
DEMO = "import sys; from zope.app.fssync.demo.control import main; sys.exit(main())"


class Result(NamedTuple):
    wall: float
    client_mb: int
    server_mb: int
    sent: int
    received: int


def environment(**variables):
    """The environment, as a user has it: compiled modules are kept."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **variables}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Ours:
    """The client and the demo server of this package."""

    label = "ours"
    zsync = (sys.executable, "-c", ZSYNC)

    def __init__(self, work, files, big):
        self.data = os.path.join(work, "ours")
        seed = [sys.executable, os.path.join(HERE, "seed.py"), self.data]
        seed += ["--files", str(files), "--big", str(big)]
        subprocess.run(seed, check=True)
        self.port = free_port()
        self._demo("start", "--port", str(self.port))
        with open(os.path.join(self.data, "server.lock"), encoding="ascii") as lock:
            self.pid = json.load(lock)["pid"]

    def _demo(self, verb, *options):
        command = [sys.executable, "-c", DEMO, verb, "--data", self.data, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self._demo("stop")


class Peer:
    """3.6.0 under Python 2.7."""

    label = "3.6.0"

    def __init__(self, work, files, big, place):
        python = os.path.join(os.environ["FSSYNC_PEER27"], "venv", "bin", "python")
        self.zsync = (os.path.join(place, "zsync27"),)
        self.port = free_port()
        command = [python, os.path.join(place, "serve.py"), str(self.port)]
        command += [os.path.join(work, "peer.fs"), "--files", "100"]
        command += ["--folders", str(files // 100), "--size", "1024"]
        command += ["--big", str(big)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(LC_ALL="C.UTF-8"),
        )
        assert self.process.stdout.readline().startswith(b"READY")
        self.pid = self.process.pid

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Bench:
    """Runs commands of one side and keeps what they cost."""

    def __init__(self, side, work):
        self.side = side
        self.home = tempfile.mkdtemp(dir=work)
        self.wire = Wire(side.port)
        self.url = f"http://zsync:zsync@127.0.0.1:{self.wire.port}"

    def run(self, *args):
        self.wire.reset()
        with open(f"/proc/{self.side.pid}/clear_refs", "w") as stream:
            stream.write("5")
        began = time.perf_counter()
        with open(os.path.join(self.home, "out"), "wb") as out:
            process = subprocess.Popen(
                [*self.side.zsync, *args],
                cwd=self.home,
                stdout=out,
                stderr=out,
                env=environment(HOME=self.home),
            )
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            with open(os.path.join(self.home, "out")) as out:
                raise SystemExit(f"{args} failed:\n{out.read()[-2000:]}")
        return Result(
            wall,
            usage.ru_maxrss // 1024,
            peak(self.side.pid),
            self.wire.sent,
            self.wire.received,
        )

    def bulk(self, repeat):
        """Yield the work done on many small files and its results."""
        yield "checkout", [self._checkout("bulk", n) for n in range(repeat)]
        yield "update, no change", [self.run("update", "co") for _ in range(repeat)]
        yield "commit of 1 file", [self._commit(n) for n in range(repeat)]
        yield "status", [self.run("status", "co") for _ in range(repeat)]

    def big(self, repeat):
        """Yield the work done on one big file and its results."""
        yield "checkout", [self._checkout("bigfile", n) for n in range(repeat)]
        yield "commit", [self._commit_big(n) for n in range(repeat)]

    def _checkout(self, name, number):
        # Never into the place of a deleted one: ext4 is slow to use the inodes
        # of files that were deleted a moment ago.
        target = f"co{number}" if number else "co"
        return self.run("checkout", f"{self.url}/{name}", target)

    def _commit(self, number):
        path = os.path.join(self.home, "co/bulk/folder0000/file0000.txt")
        with open(path, "a") as stream:
            stream.write(f"change {number}\n")
        return self.run("commit", "co")

    def _commit_big(self, number):
        path = os.path.join(self.home, "co/bigfile/big.bin")
        with open(path, "r+b") as stream:
            stream.write(b"change %d" % number)
        return self.run("commit", "co")


def peak(pid):
    with open(f"/proc/{pid}/status") as stream:
        for line in stream:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    raise SystemExit(f"no such process: {pid}")


def median(results):
    return Result(
        *(statistics.median(figures) for figures in zip(*results, strict=True))
    )


def measure(sides, work, method, repeat, what):
    """Print a row for each work and side, with the ratio of the first side."""
    benches = [Bench(side, work) for side in sides]
    rows = [dict(getattr(bench, method)(repeat)) for bench in benches]
    for name in rows[0]:
        for bench, results in zip(benches, rows, strict=True):
            row = median(results[name])
            ratio = row.wall / median(rows[0][name]).wall
            print(
                f"{what:>16} {name:<18} {bench.side.label:<6}"
                f"{row.wall:9.2f} s {ratio:8.1f}x {row.client_mb:6.0f} MB"
                f" {row.server_mb:6.0f} MB"
                f" {row.sent / 1e6:9.3f} {row.received / 1e6:9.3f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument("--big", type=int, default=200 << 20)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", metavar="DIR")
    options = parser.parse_args()
    print(
        f"{'objects':>16} {'work':<18} {'side':<6}{'wall':>11} {'ratio':>9}"
        f" {'client':>9} {'server':>9} {'MB sent':>9} {'received':>9}"
    )
    jobs = [("bulk", files, 0, f"{files} files") for files in options.files]
    if options.big:
        jobs.append(("big", 0, options.big, f"{options.big >> 20} MB file"))
    for method, files, big, what in jobs:
        with tempfile.TemporaryDirectory() as work:
            sides = [Ours(work, files, big)]
            if options.peer:
                sides.append(Peer(work, files, big, options.peer))
            try:
                measure(sides, work, method, options.repeat, what)
            finally:
                for side in sides:
                    side.stop()


if __name__ == "__main__":
    main()
