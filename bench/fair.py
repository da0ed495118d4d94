"""Fairness: how long a page takes while others check the whole site out."""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import quantiles

from load import LOGIN
from load import Site

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


def check_out(url: str) -> None:
    """Check out again and again, and wait where the server says so."""
    while True:
        try:
            ask(url, "@@toFS.snarf")
        except urllib.error.HTTPError as error:
            time.sleep(float(error.headers["Retry-After"]))


def pages(url: str, count: int) -> str:
    """How long a page takes, in milliseconds: median and 95th percentile."""
    taken = []
    for _ in range(count):
        began = time.monotonic()
        ask(url, PAGE)
        taken.append((time.monotonic() - began) * 1000)
        time.sleep(0.05)
    cuts = quantiles(taken, n=100)
    return f"p50 {cuts[49]:6.1f} ms  p95 {cuts[94]:6.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", default="file")
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        site = Site(options.storage, 1, Path(name))
        try:
            (url,) = site.urls
            pages(url, 20)
            for others in (0, 1, 2, 4):
                context = multiprocessing.get_context("fork")
                busy = [
                    context.Process(target=check_out, args=(url,), daemon=True)
                    for _ in range(others)
                ]
                for each in busy:
                    each.start()
                print(f"{others} checkouts: {pages(url, options.count)}", flush=True)
                for each in busy:
                    each.terminate()
                    each.join()
        finally:
            site.close()


if __name__ == "__main__":
    main()
