"""Fairness: how long a page takes while others check the whole site out."""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from statistics import quantiles
from typing import Any

from load import LOGIN
from load import Site
from zodbsync import FILL

from zope.app.fssync.testing.ofs.instance import ZopeInstance

PAGE = "@@synchronize.html"


def ask(url: str, view: str) -> None:
    """Read an answer to its end, without looking at it."""
    address = url.replace(f"{LOGIN}@", "")
    request = urllib.request.Request(f"{address}/{view}")
    token = base64.b64encode(LOGIN.encode()).decode()
    request.add_header("Authorization", f"Basic {token}")
    request.add_header("X-Zsync-State", "none")
    request.add_header("X-Zsync-Alive", "yes")
    with urllib.request.urlopen(request, timeout=600) as answer:
        while answer.read(1 << 16):
            pass


def check_out(url: str, count: Any) -> None:
    """Check out again and again, and wait where the server says so."""
    while True:
        try:
            ask(url, "@@toFS.snarf")
            with count:
                count.value += 1
        except urllib.error.HTTPError as error:
            time.sleep(float(error.headers["Retry-After"]))


def pages(url: str, count: int) -> list[float]:
    """How long pages take, in milliseconds."""
    taken = []
    for _ in range(count):
        began = time.monotonic()
        ask(url, PAGE)
        taken.append((time.monotonic() - began) * 1000)
        time.sleep(0.05)
    return taken


def measure(url: str, others: int, count: int) -> str:
    """Ask for pages while others check out; return a line of the result."""
    context = multiprocessing.get_context("fork")
    done = context.Value("i", 0)
    busy = [
        context.Process(target=check_out, args=(url, done), daemon=True)
        for _ in range(others)
    ]
    for each in busy:
        each.start()
    # Who is busy is told a second later that there is room.
    time.sleep(1 if busy else 0)
    began, before = time.monotonic(), done.value
    cuts = quantiles(pages(url, count), n=100)
    rate = (done.value - before) / (time.monotonic() - began)
    for each in busy:
        each.terminate()
        each.join()
    return (
        f"{others} checkouts: p50 {cuts[49]:6.1f} ms  p95 {cuts[94]:6.1f} ms  "
        f"{rate:5.2f} checkouts/s"
    )


def alone(url: str, count: int) -> str:
    """How long a checkout takes while nothing else is asked for."""
    # The server has to notice that others were ended within an answer.
    time.sleep(2)
    taken = []
    for _ in range(count):
        began = time.monotonic()
        ask(url, "@@toFS.snarf")
        taken.append((time.monotonic() - began) * 1000)
    return f"a checkout alone: {median(taken):6.1f} ms"


@contextmanager
def site_of_zope(place: Path) -> Iterator[str]:
    """Run a Zope with 500 objects; return their URL."""
    instance = ZopeInstance(place / "instance")
    instance.script(FILL.replace("OBJECTS", "500"))
    with instance.running():
        yield f"{instance.url}/bench"


@contextmanager
def site_of_demo(storage: str, place: Path) -> Iterator[str]:
    """Run a demo server with 500 files; return their URL."""
    site = Site(storage, 1, place)
    try:
        yield site.urls[0]
    finally:
        site.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zope", action="store_true", help="measure a site of Zope")
    parser.add_argument("--storage", default="file")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--others", type=int, nargs="*", default=(0, 1, 2, 4))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        site = (
            site_of_zope(place)
            if options.zope
            else site_of_demo(options.storage, place)
        )
        with site as url:
            pages(url, 20)
            for _ in range(options.repeat):
                print(alone(url, 20), flush=True)
                for others in options.others:
                    print(measure(url, others, options.count), flush=True)


if __name__ == "__main__":
    main()
