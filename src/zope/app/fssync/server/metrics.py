"""Numbers of a server process, in the text form of Prometheus.

They are added up from the start of the process.  A number is there once it was counted;
verbs and results are few, so that the text stays short.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from threading import Lock

from zope.app.fssync.server.exchange import Exchange

__all__ = ["CONTENT_TYPE", "METRICS", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: The upper bounds, in seconds, of the classes of durations.
BOUNDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)

#: The name, the kind and the meaning of each number.
_MEANINGS = {
    "zsync_exchanges_total": ("counter", "Exchanges that have ended."),
    "zsync_exchange_seconds": ("histogram", "How long exchanges took."),
    "zsync_received_bytes_total": ("counter", "Bytes of the bodies of requests."),
    "zsync_sent_bytes_total": ("counter", "Bytes of the bodies of responses."),
    "zsync_objects_total": ("counter", "Objects that were read or written."),
    "zsync_withheld_total": ("counter", "Objects that callers may not see."),
    "zsync_retries_total": ("counter", "Exchanges that began again after a conflict."),
    "zsync_exchanges_running": ("gauge", "Exchanges that are under way."),
    "process_resident_memory_bytes": ("gauge", "Memory of the process."),
    "process_cpu_seconds_total": ("counter", "Processor time of the process."),
    "process_start_time_seconds": ("gauge", "When the process began, since 1970."),
}

_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """The numbers of all exchanges of a process; used by all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._began = time.time()
        self._counts: dict[str, dict[_Labels, float]] = defaultdict(dict)
        self._durations: dict[str, list[int]] = {}

    def add(self, exchange: Exchange) -> None:
        """Count an exchange that has ended."""
        verb = ("verb", exchange.verb)
        with self._lock:
            self._count("exchanges_total", 1, verb, ("result", exchange.result))
            self._count("received_bytes_total", exchange.received or 0, verb)
            self._count("sent_bytes_total", exchange.sent or 0, verb)
            self._count("objects_total", exchange.objects, verb)
            self._count("withheld_total", exchange.withheld, verb)
            self._count("exchange_seconds_sum", exchange.seconds, verb)
            classes = self._durations.setdefault(exchange.verb, [0] * len(BOUNDS))
            for number, bound in enumerate(BOUNDS):
                classes[number] += exchange.seconds <= bound
            self._count("exchange_seconds_count", 1, verb)

    def retried(self, verb: str) -> None:
        """Count an exchange that begins again."""
        with self._lock:
            self._count("retries_total", 1, ("verb", verb))

    def text(self, running: int) -> str:
        """Return all numbers, with that of the exchanges under way."""
        with self._lock:
            lines = list(self._lines(running))
        return "".join(f"{line}\n" for line in lines)

    def _count(self, name: str, amount: float, *labels: tuple[str, str]) -> None:
        counts = self._counts[f"zsync_{name}"]
        counts[labels] = counts.get(labels, 0) + amount

    def _lines(self, running: int) -> Iterator[str]:
        now = {
            "zsync_exchanges_running": running,
            "process_resident_memory_bytes": resident(),
            "process_cpu_seconds_total": time.process_time(),
            "process_start_time_seconds": self._began,
        }
        for name, (kind, meaning) in _MEANINGS.items():
            if kind == "histogram":
                lines = list(self._histogram(name))
            elif name in now:
                value = now[name]
                lines = [] if value is None else [f"{name} {_number(value)}"]
            else:
                lines = list(self._samples(name))
            if lines:
                yield f"# HELP {name} {meaning}"
                yield f"# TYPE {name} {kind}"
                yield from lines

    def _samples(self, name: str) -> Iterator[str]:
        for labels, value in sorted(self._counts.get(name, {}).items()):
            yield f"{name}{_shown(labels)} {_number(value)}"

    def _histogram(self, name: str) -> Iterator[str]:
        for verb, classes in sorted(self._durations.items()):
            labels = (("verb", verb),)
            count = self._counts[f"{name}_count"][labels]
            for bound, below in zip(
                (*map(_number, BOUNDS), "+Inf"), (*classes, count), strict=True
            ):
                yield f"{name}_bucket{_shown((*labels, ('le', bound)))} {below}"
        yield from self._samples(f"{name}_sum")
        yield from self._samples(f"{name}_count")


def _shown(labels: _Labels) -> str:
    pairs = (f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{','.join(pairs)}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def resident() -> int | None:
    """Return the bytes of memory of this process, None where the system has no say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            pages = int(stream.read().split()[1])
    except FileNotFoundError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


#: Those of this process.
METRICS = Metrics()
