"""After many requests of each view memory stands where it stood.

``FSSYNC_SOAK=10000`` asks for so many requests of each view and person.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import pytest
from zope.app.file.file import File
from zope.component.eventtesting import clearEvents
from zope.site.folder import Folder

pytestmark = pytest.mark.slow

REQUESTS = int(os.environ.get("FSSYNC_SOAK", "30"))

#: Objects in the folder: each is in a wrapper of zope.container.
FILES = 20

#: Blocks of memory that a request may keep for each of these objects: the C code of
#: zope.container 7.3 and zope.security 8.4 keeps one for each attribute it is asked
#: for, see `zope.app.fssync.hosts.toolkit.wrappers`.  With specifications it was
#: hundreds.
KEPT_PER_FILE = 40

#: The same for a request as such, which the publisher asks for some, too.
KEPT = 150

VIEWS = {
    "toFS.snarf": "GET",
    "hidden.snarf": "POST",
    "fromFS.snarf": "POST",
    "rehearse-commit.snarf": "POST",
    "checkin.snarf?name=x": "POST",
    "rehearse-checkin.snarf?name=new&src=work": "POST",
}


@pytest.fixture
def work(site: Any) -> Any:
    folder = site.root["work"] = Folder()
    for number in range(FILES):
        folder[f"f{number}"] = File(b"x", "text/plain")
    site.commit()
    return site


def blocks() -> int:
    clearEvents()
    gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.parametrize("user", [None, "reader", "editor"])
@pytest.mark.parametrize("view", VIEWS)
def test_memory_stands_where_it_stood(work: Any, view: str, user: str | None) -> None:
    body = work.checkout("/work").dump()
    if view == "hidden.snarf":
        body = b"".join(b"work/f%d\n" % number for number in range(FILES))

    def ask(times: int) -> int:
        for _ in range(times):
            work.request(VIEWS[view], f"/work/@@{view}", user, body)
            clearEvents()
        return blocks()

    ask(10)
    before = ask(10)
    kept = (ask(REQUESTS) - before) / REQUESTS
    assert kept < KEPT + KEPT_PER_FILE * FILES, f"{kept:.0f} blocks a request"
