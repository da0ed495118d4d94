"""After many requests of each view memory stands where it stood.

``FSSYNC_SOAK=10000`` asks for so many requests of each view and person.
"""

from __future__ import annotations

import gc
import io
import json
import logging
import os
import sys
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
import webtest
from zope.app.file.file import File
from zope.component.eventtesting import clearEvents
from zope.site.folder import Folder

from zope.app.fssync.browser.pages import put
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import UNSTREAMED
from zope.app.fssync.server.activity import ACTIVITY
from zope.app.fssync.server.metrics import resident
from zope.app.fssync.server.uploads import Uploads

pytestmark = pytest.mark.slow

REQUESTS = int(os.environ.get("FSSYNC_SOAK", "20"))

#: Objects in the folder: each is in a wrapper of zope.container.
FILES = 20

#: Blocks of memory of some 45 bytes that a request may keep, however many objects it
#: reads, compares or makes: some 40 and 17 for each object would be lost without the
#: workarounds of `zope.app.fssync.hosts.toolkit`.  Caches need a few.
KEPT = 8

#: Kilobytes by which the process may grow with a request, once there are so many that
#: what it takes at first does not count.
GROWN = 0.5
MANY = 5000

#: The views: how each is called, and the result for nobody, a reader and an editor.
VIEWS: dict[str, tuple[str, tuple[int, int, int]]] = {
    "toFS.snarf": ("GET", (200, 200, 200)),
    "hidden.snarf": ("POST", (200, 200, 200)),
    "list.snarf": ("GET", (200, 200, 200)),
    "types.snarf": ("POST", (200, 200, 200)),
    "promoted.snarf": ("POST", (401, 403, 200)),
    "watch.snarf?since=0x0000000000000000": ("GET", (200, 200, 200)),
    # The storage of these tests keeps no history.
    "log.snarf": ("GET", (401, 403, 409)),
    "history.snarf?at=7fffffffffffffff": ("GET", (401, 403, 409)),
    "replay.snarf?since=0x0000000000000000": ("GET", (401, 403, 400)),
    "fromFS.snarf": ("POST", (401, 403, 200)),
    "rehearse-commit.snarf": ("POST", (401, 403, 200)),
    "checkin.snarf?name=x": ("POST", (401, 403, 409)),
    "rehearse-checkin.snarf?name=new&src=shop": ("POST", (401, 403, 200)),
    "upload.snarf?upload=x&size=1": ("GET", (401, 403, 200)),
    "upload.snarf?upload=x&size=1&offset=0&digest=x": ("POST", (401, 403, 400)),
    "synchronize.html": ("GET", (200, 200, 200)),
    "synchronize.zip": ("GET", (200, 200, 200)),
    "synchronize-look.html?all=1": ("GET", (200, 200, 200)),
    "synchronize-history.html": ("GET", (401, 403, 409)),
    "synchronize-put.html": ("GET", (401, 403, 200)),
    "synchronize-undo.html": ("GET", (401, 403, 400)),
    "synchronize-activity.html": ("GET", (401, 403, 403)),
    "missing.snarf": ("GET", (404, 404, 404)),
    "/@@zsync-health": ("GET", (200, 200, 200)),
    "/@@zsync-metrics": ("GET", (401, 403, 403)),
}

USERS = (None, "reader", "editor")


@pytest.fixture(autouse=True)
def nothing_logged() -> Iterator[None]:
    """The tests keep what is logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def shop(site: Any) -> Any:
    folder = site.root["shop"] = Folder()
    for number in range(FILES):
        folder[f"f{number}"] = File(b"x", "text/plain")
    site.commit()
    return site


def blocks(site: Any) -> int:
    """Count what is allocated but for the logs, which end, and the events of tests."""
    ACTIVITY._exchanges.clear()
    site.layer.db.getActivityMonitor().log.clear()
    # This storage is for tests: it remembers each id that nothing was stored with.
    site.layer.db.storage._issued_oids.clear()
    clearEvents()
    gc.collect()
    return sys.getallocatedblocks()


def check(site: Any, ask: Callable[[], int], answer: int, what: str) -> None:
    """Ask often, and compare the memory that there is before and after."""

    def often(times: int) -> int:
        for _ in range(times):
            assert ask() == answer
            clearEvents()
        return blocks(site)

    # The utility for errors remembers the last twenty; others have caches, too.
    often(60)
    before, size = often(5), resident() or 0
    kept = (often(REQUESTS) - before) / REQUESTS
    grown = ((resident() or 0) - size) / REQUESTS / 1000
    print(f"{what}: {kept:.2f} blocks, {grown:.3f} kB a request")
    assert kept < KEPT
    assert grown < GROWN or REQUESTS < MANY


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("view", VIEWS)
def test_memory_stands_where_it_stood(shop: Any, view: str, user: str | None) -> None:
    method, answers = VIEWS[view]
    body = b"shop/f0\nshop/missing\n"
    if "types" in view:
        body = b"f0\nmissing.txt\n"
    elif "promoted" in view:
        told = {"until": "0" * 16, "to": "http://www", "transaction": "0" * 16}
        body = json.dumps(told).encode()
    elif method == "POST" and "hidden" not in view:
        archive = shop.checkout("/shop", user or "reader")
        if "rehearse" in view:
            archive.edit("shop/f1", b"changed")
        body = archive.dump()

    path = view if view.startswith("/") else f"/shop/@@{view}"

    def ask() -> int:
        response = shop.request(method, path, user, body)
        return int(response.status_int)

    check(shop, ask, answers[USERS.index(user)], f"{view}, {user}")


#: What a client sends for an archive that comes while it is written, or as a whole.
STATELESS = {STATE: NO_STATE}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(
    "headers",
    [STATELESS, {**STATELESS, STREAMED: UNSTREAMED}],
    ids=["streamed", "whole"],
)
def test_memory_stands_where_it_stood_for_clients_with_states(
    shop: Any, headers: dict[str, str], user: str | None
) -> None:
    def ask() -> int:
        response = shop.request("GET", "/shop/@@toFS.snarf", user, **headers)
        return int(response.status_int)

    check(shop, ask, 200, f"{headers}, {user}")


def test_memory_stands_where_it_stood_after_uploads(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put, "UPLOADS", Uploads(1 << 20, most=10))
    shop.app.authorization = ("Basic", ("editor", "editorpw"))
    page = "/shop/@@synchronize-put.html"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr("shop/f1", b"changed")
    form = shop.app.get(page).form
    form["upload"] = webtest.Upload("a.zip", stream.getvalue())
    body = form.submit_fields()

    def ask() -> int:
        return int(shop.app.post(page, body, expect_errors=True).status_int)

    check(shop, ask, 200, "an upload, editor")
