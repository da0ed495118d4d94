"""Measure zsync watch: how long a change takes, and what idle watchers cost.

    bin/py bench/watch.py [--changes 20] [--idle 100] [--seconds 30]

Prints the median and the largest time from a saved file to the page and from an edit
on the server to the file, and the share of a processor that the server takes for so
many clients that wait.  Those are connections that ask as a watch does.
"""

from __future__ import annotations

import argparse
import base64
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from exchange import DEMO
from exchange import ZSYNC
from exchange import environment
from exchange import free_port

from zope.app.fssync.demo.instance import Instance

LOGIN = "zsync:zsync"
TOKEN = base64.b64encode(LOGIN.encode()).decode()


def run(code: str, *arguments: str, place: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=place,
        env=environment(HOME=str(place)),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def ask(url: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, data=body)
    request.method = "GET" if body is None else "PUT"
    request.add_header("Authorization", f"Basic {TOKEN}")
    request.add_header("Content-Type", "text/plain")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def until(holds) -> float:
    began = time.monotonic()
    while not holds():
        time.sleep(0.01)
    return time.monotonic() - began


def latencies(place: Path, url: str, changes: int) -> None:
    file, page = place / "co/demo/hello.txt", f"{url}/demo/hello.txt"
    watch = subprocess.Popen(
        [sys.executable, "-c", ZSYNC, "--json-lines", "watch", "co"],
        cwd=place,
        env=environment(HOME=str(place)),
        stdout=subprocess.PIPE,
    )
    assert watch.stdout is not None
    while b'"watching"' not in watch.stdout.readline():
        continue
    out, back = [], []
    for number in range(changes):
        text = f"saved {number}\n".encode()
        time.sleep(1)
        file.write_bytes(text)
        out.append(until(lambda text=text: ask(page) == text))
        text = f"edited {number}\n".encode()
        time.sleep(1)
        ask(page, text)
        back.append(until(lambda text=text: file.read_bytes() == text))
    watch.terminate()
    watch.communicate()
    for label, found in (("file to page", out), ("page to file", back)):
        middle, worst = statistics.median(found), max(found)
        print(f"{label}: median {middle:.2f} s, at most {worst:.2f} s")


def processor_time(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(place: Path, port: int, watchers: int, seconds: int) -> None:
    """Ask as so many clients do that know the last transaction."""
    running = Instance(place / "parts/demo").running()
    assert running is not None
    server = running.pid
    question = (
        f"GET /demo/@@watch.snarf?since=0x7000000000000000 HTTP/1.1\r\n"
        f"Host: localhost:{port}\r\nAuthorization: Basic {TOKEN}\r\n\r\n"
    ).encode()
    before, began = processor_time(server), time.monotonic()
    connections: list[socket.socket] = []
    asked = 0
    while time.monotonic() - began < seconds:
        while len(connections) < watchers:
            connections.append(socket.create_connection(("127.0.0.1", port)))
            connections[-1].sendall(question)
            connections[-1].setblocking(False)
            asked += 1
        time.sleep(0.5)
        for each in list(connections):
            try:
                data = each.recv(10_000)
            except BlockingIOError:
                continue
            if not data or b"none\n" in data or b"news\n" in data or b"later" in data:
                connections.remove(each)
                each.close()
    passed = time.monotonic() - began
    share = (processor_time(server) - before) / passed
    for each in connections:
        each.close()
    print(
        f"{watchers} idle watchers: {share:.2%} of a processor in {passed:.0f} s, "
        f"{asked} questions"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--idle", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zsync-bench-") as name:
        place, port = Path(name), free_port()
        run(DEMO, "start", "--port", str(port), place=place)
        try:
            run(DEMO, "sample", place=place)
            url = f"http://localhost:{port}"
            there = url.replace("//", f"//{LOGIN}@")
            run(ZSYNC, "checkout", "-q", f"{there}/demo", "co", place=place)
            latencies(place, url, options.changes)
            idle(place, port, options.idle, options.seconds)
        finally:
            run(DEMO, "stop", place=place)


if __name__ == "__main__":
    main()
