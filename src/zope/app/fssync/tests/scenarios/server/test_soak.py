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

#: Blocks of memory of some 45 bytes that a request may keep, however many objects it
#: reads or compares: what the logs of the last exchanges and of the database's
#: activity hold until they are full, and nine that the publisher loses for somebody
#: who has not logged in, see `zope.app.fssync.hosts.toolkit.checkers`.
KEPT = 20

#: The same for each object that is new: the toolkit's events ask as well.
KEPT_PER_NEW = 20

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
    print(f"{view}, {user}: {kept:.1f} blocks a request")
    added = FILES if "name=new" in view and user == "editor" else 0
    assert kept < KEPT + KEPT_PER_NEW * added
