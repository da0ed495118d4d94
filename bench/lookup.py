"""Measure what it costs to find the synchronizer of each object of a checkout.

See README.txt.  The site is in memory; each way has the same synchronizer of files.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zope.app.file.file import File
from zope.app.file.interfaces import IFile
from zope.component import getGlobalSiteManager
from zope.interface import implementedBy
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.testing.serversite import server_site
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISynchronizer
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.registry.synchronizers import explain
from zope.fssync.synchronizer import dottedname


class Novel(File):
    """A file of an add-on, which only its base describes."""


def by_name(registry: Any, factory: Any) -> None:
    registry.registerUtility(factory, ISynchronizerFactory, dottedname(File))


def by_class(registry: Any, factory: Any) -> None:
    registry.registerAdapter(factory, (implementedBy(File),), ISynchronizer)


def by_interface(registry: Any, factory: Any) -> None:
    registry.registerAdapter(factory, (IFile,), ISynchronizer)


#: The ways, and the classes of the files.
WAYS: dict[str, tuple[Callable[[Any, Any], None], type[File]]] = {
    "name of the class, as 3.6.0": (by_name, File),
    "adapter for the class": (by_class, File),
    "adapter for an interface": (by_interface, File),
    "adapter for the base class": (by_class, Novel),
    "name of the base class": (by_name, Novel),
}


@contextmanager
def registered(register: Callable[[Any, Any], None], factory: Any) -> Iterator[None]:
    """Register a factory for files in one way, and in no other."""
    registry = getGlobalSiteManager()
    register(registry, factory)
    try:
        yield
    finally:
        registry.unregisterUtility(factory, ISynchronizerFactory, dottedname(File))
        for required in (implementedBy(File), IFile):
            registry.unregisterAdapter(factory, (required,), ISynchronizer)


def fill(site: ServerSite, name: str, klass: type[File], count: int) -> None:
    top = site.root[name] = Folder()
    for number in range(count):
        folder, index = divmod(number, 100)
        if not index:
            place = top[f"folder{folder:04d}"] = Folder()
        place[f"file{index:02d}.txt"] = klass(b"a line\n" * 100, "text/plain")
    site.commit()


def seconds(site: ServerSite, name: str) -> float:
    """Return the time of the processor that a checkout takes of the server."""
    begin = time.process_time()
    response = site.request("GET", f"/{name}/@@toFS.snarf", "manager")
    assert response.status_int == 200
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    import zope.app.fssync.testing

    with (
        configured(zope.app.fssync.testing, "ftesting.zcml") as layer,
        server_site(layer) as site,
    ):
        measure(site, options.files, options.repeat)


def measure(site: ServerSite, files: int, repeat: int) -> None:
    for klass in (File, Novel):
        fill(site, klass.__name__, klass, files)
    adapters = getGlobalSiteManager().adapters
    required = (implementedBy(File),)
    for provided in (ISynchronizer, IFileSynchronizer):
        factory = adapters.registered(required, provided)
        if factory is not None:
            getGlobalSiteManager().unregisterAdapter(factory, required, provided)
            break
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    # The first round fills caches.
    for number in range(repeat + 1):
        for way, (register, klass) in WAYS.items():
            with registered(register, factory):
                if not number:
                    print(f"{way}: {explain(klass())}")
                taken = seconds(site, klass.__name__)
                if number:
                    found[way].append(taken)
    for way, all_taken in found.items():
        median = statistics.median(all_taken)
        first = statistics.median(next(iter(found.values())))
        print(f"{way:30} {median:6.2f} s {median / first:6.2f}")


if __name__ == "__main__":
    main()
