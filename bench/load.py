"""Load: many clients of a realistic mix against the processes of one site.

The clients are those of zsync, in as many processes as ``--workers`` says.  Each works
in a checkout of its own: mostly updates, some commits of 1 to 20 files, of which some
are in the way of others, and now and then a new checkout.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import multiprocessing
import os
import random
import resource
import shutil
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any
from typing import NamedTuple

from lightclient import LightClient
from lightclient import Request
from lightclient import recording

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.demo.instance import ZOPE_CONF
from zope.app.fssync.testing import databases
from zope.app.fssync.testing.demoserver import Demo
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate

LOGIN = "zsync:zsync"

#: What a client does next, of a hundred times.
MIX = (("update", 75), ("commit", 18), ("conflict", 4), ("checkout", 3))

#: Seconds between two looks at the memory of the servers.
SAMPLE = 5.0


#: Requests are recorded one client after the other.
_recorder = threading.Lock()


class Done(NamedTuple):
    """One thing that a client has done."""

    verb: str
    seconds: float
    result: str


class Client:
    """A person with a checkout."""

    def __init__(self, url: str, place: Path, number: int) -> None:
        self._url = url
        self._place = place
        self._number = number
        self._random = random.Random(number)
        self._top = place / "co" / "load"

    def _run(self, verb: str, path: Path) -> None:
        url = self._url if verb == "checkout" else None
        with contextlib.closing(Network(filename=str(self._place / "tokens"))) as net:
            fs = FSSync(network=net, rooturl=url, reporter=_silent)
            getattr(fs, verb)(str(path))

    def checkout(self) -> None:
        shutil.rmtree(self._place / "co", ignore_errors=True)
        self._run("checkout", self._place / "co")

    def update(self) -> None:
        self._run("update", self._top)

    def commit(self) -> None:
        """Change some files of an own folder."""
        folder = self._top / f"d{self._number % 10}"
        names = [f"f{self._number % 5 * 10 + each}.txt" for each in range(10)]
        for name in self._random.sample(names, self._random.randint(1, 10)):
            with (folder / name).open("a") as stream:
                stream.write(f"{self._number} {time.time()}\n")
        self._run("commit", self._top)

    def conflict(self) -> None:
        """Change what all others change as well."""
        (self._top / "shared.txt").write_text(f"{self._number} {time.time()}\n")
        self._run("commit", self._top)

    def record(self, verb: str) -> list[Request]:
        """Do one thing, and return the requests; ``change`` is of a file of its own."""
        with recording() as sent:
            if verb == "change":
                name = f"d{self._number % 10}/f{self._number // 10 % 50}.txt"
                self._flip(self._top / name)
                self._run("commit", self._top)
            else:
                getattr(self, verb)()
        return sent

    def _flip(self, path: Path) -> None:
        text = path.read_text()
        path.write_text(text[5:] if text.startswith("more\n") else f"more\n{text}")

    def act(self, verb: str) -> Done:
        """Do one thing; an update follows a conflict."""
        began = time.monotonic()
        try:
            getattr(self, verb)()
            result = "done"
        except OutOfDate:
            result = "conflict"
        except Error as error:
            result = type(error).__name__
        seconds = time.monotonic() - began
        if result != "done":
            with contextlib.suppress(Error):
                self._settle()
        return Done(verb, seconds, result)

    def _settle(self) -> None:
        """Take what others have changed, as a person would."""
        self._run("update", self._top)
        with contextlib.suppress(Error):
            self._run("revert", self._top)
        self._run("update", self._top)

    def next_verb(self) -> str:
        verbs, weights = zip(*MIX, strict=True)
        found: str = self._random.choices(verbs, weights)[0]
        return found


class Light:
    """Looks like a `Client`, and sends recorded requests."""

    def __init__(self, client: Client, url: str) -> None:
        self.next_verb = client.next_verb
        self._light = LightClient(url, client.record)

    def act(self, verb: str) -> Done:
        """Do one thing; what would be in conflict is another commit."""
        began = time.monotonic()
        send = getattr(self._light, "commit" if verb == "conflict" else verb)
        status = send()
        result = "done" if status == 200 else str(status)
        return Done(verb, time.monotonic() - began, result)


def _silent(change: str) -> None:
    """Tell nobody."""


def work(
    urls: list[str], place: Path, numbers: range, options: Any, queue: Any
) -> None:
    """Be some of the clients, each in a thread, until the time is over."""
    done: list[Done] = []
    ready = threading.Barrier(len(numbers) + 1)

    def be(number: int) -> None:
        home = place / f"client{number}"
        home.mkdir()
        url = urls[number % len(urls)]
        client: Client | Light = Client(url, home, number)
        if options.light:
            with _recorder:
                client = Light(client, url)
        else:
            client.checkout()
        ready.wait()
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            done.append(client.act(client.next_verb()))
            time.sleep(options.pause)

    threads = [threading.Thread(target=be, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    ready.wait()
    for thread in threads:
        thread.join()
    queue.put(done)


class Site:
    """The processes of a site on one storage, with 500 files."""

    def __init__(self, kind: str, processes: int, place: Path) -> None:
        self._stack = contextlib.ExitStack()
        (place / "storage").mkdir()
        self._demos = []
        storage = self._storage(kind, place / "storage")
        head, rest = ZOPE_CONF.split("  <filestorage>")
        _, tail = rest.split("</filestorage>")
        for number in range(processes):
            demo = Demo(place / f"server{number}")
            demo.instance.prepare()
            text = f"{storage.imports}\n{head}{storage.section}{tail}"
            (demo.data / "zope.conf").write_text(text)
            self._demos.append(demo)
            demo("start", "--port", "0")
            self._stack.callback(demo, "stop")
        self._fill(place)

    def _storage(self, kind: str, place: Path) -> databases.Storage:
        if kind == "file":
            return databases.file_storage(place)
        if kind == "zeo":
            return self._stack.enter_context(databases.served(place))
        database = self._stack.enter_context(databases.postgresql())
        return databases.relational(database("load"), True, place)

    def _fill(self, place: Path) -> None:
        self._demos[0]("sample")
        tree = place / "tree" / "demo" / "load"
        with contextlib.closing(Network(filename=str(place / "tokens"))) as network:
            url = self.urls[0].removesuffix("/load")
            fs = FSSync(network=network, rooturl=url, reporter=_silent)
            fs.checkout(str(place / "tree"))
            for folder in range(10):
                (tree / f"d{folder}").mkdir(parents=True)
                for file in range(50):
                    (tree / f"d{folder}" / f"f{file}.txt").write_text("a line\n" * 40)
            (tree / "shared.txt").write_text("0\n")
            fs.add(str(tree), recursive=True)
            fs.commit(str(tree))

    @property
    def urls(self) -> list[str]:
        ports = [demo.running.port for demo in self._demos]
        return [f"http://{LOGIN}@127.0.0.1:{port}/demo/load" for port in ports]

    def memory(self) -> list[int]:
        """The megabytes of each process."""
        return [int(each) >> 20 for each in self._metrics("resident_memory_bytes")]

    def processor(self) -> float:
        """The seconds that the processes took of the processor."""
        return sum(self._metrics("cpu_seconds_total"))

    def _metrics(self, name: str) -> list[float]:
        return [_metric(demo.running.url, f"process_{name}") for demo in self._demos]

    def close(self) -> None:
        self._stack.close()


def _metric(url: str, name: str) -> float:
    request = urllib.request.Request(f"{url}/@@zsync-metrics")
    token = base64.b64encode(LOGIN.encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
    raise LookupError("the system does not tell")


class Taken(NamedTuple):
    """The seconds that servers and clients took of the processor."""

    servers: float
    clients: float


def measure(
    site: Site, place: Path, options: Any
) -> tuple[list[Done], list[list[int]], Taken]:
    """Let the clients work; return what they did, the memory meanwhile, the time."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = min(options.workers, options.clients)
    shares = [range(n, options.clients, workers) for n in range(workers)]
    processes = [
        context.Process(target=work, args=(site.urls, place, share, options, queue))
        for share in shares
    ]
    for process in processes:
        process.start()
    memory = []
    done: list[Done] = []
    before = site.processor(), _children()
    for _ in processes:
        while queue.empty():
            memory.append(site.memory())
            time.sleep(SAMPLE)
        done += queue.get()
    for process in processes:
        process.join()
    taken = Taken(site.processor() - before[0], _children() - before[1])
    return done, memory, taken


def _children() -> float:
    """The seconds that processes which ended took of the processor."""
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times.ru_utime + times.ru_stime


def report(
    done: list[Done], memory: list[list[int]], taken: Taken, options: Any
) -> Iterator[str]:
    """The lines of the result."""
    yield (
        f"{options.storage}, {options.processes} processes, {options.clients} clients: "
        f"{len(done) / options.seconds:.1f} exchanges/s"
    )
    by_verb = defaultdict(list)
    for each in done:
        by_verb[each.verb].append(each)
    yield f"{'verb':10} {'count':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}  results"
    for verb, _ in MIX:
        found = by_verb.get(verb, [])
        if len(found) < 2:
            continue
        cuts = quantiles([each.seconds * 1000 for each in found], n=100)
        results = Counter(each.result for each in found)
        said = ", ".join(f"{name} {count}" for name, count in results.most_common())
        times = " ".join(f"{cuts[n - 1]:8.0f}" for n in (50, 95, 99))
        yield f"{verb:10} {len(found):6} {times}  {said}"
    thirds = [memory[len(memory) * n // 4] for n in (1, 2, 3)] + [memory[-1]]
    yield (
        f"processor: servers {taken.servers:.0f} s, clients {taken.clients:.0f} s, "
        f"{1000 * taken.servers / len(done):.0f} + "
        f"{1000 * taken.clients / len(done):.0f} ms each"
    )
    yield f"memory, MB: {', '.join('+'.join(map(str, each)) for each in thirds)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--storage", choices=("file", "zeo", "postgresql"), default="file"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument(
        "--light", action="store_true", help="send recorded requests instead"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    if options.storage == "file" and options.processes > 1:
        parser.error("a FileStorage is of one process")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        site = Site(options.storage, options.processes, place)
        try:
            for line in report(*measure(site, place, options), options):
                print(line, flush=True)
        finally:
            site.close()


if __name__ == "__main__":
    main()
