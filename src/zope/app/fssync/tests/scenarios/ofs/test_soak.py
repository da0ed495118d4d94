"""After many requests of each view to an instance memory stands where it stood.

``FSSYNC_SOAK=10000`` asks for so many requests of each view and person.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.ofs.soak import Asked
from zope.app.fssync.tests.scenarios.ofs.soak import Told

pytestmark = pytest.mark.slow

SOAK = "zope.app.fssync.tests.scenarios.ofs.soak"

REQUESTS = int(os.environ.get("FSSYNC_SOAK", "20"))

#: Requests before memory is measured: the log of errors of a site keeps twenty.
BEFORE = 40

#: Blocks of memory of some 45 bytes that a request may keep, for caches.
KEPT = 8

#: Kilobytes by which the process may grow with a request, once there are so many that
#: what it takes at first does not count.
GROWN = 0.5
MANY = 5000

MONITORING = """
<configure xmlns="http://namespaces.zope.org/zope">
  <include package="zope.app.fssync.hosts.ofs" file="monitoring.zcml" />
</configure>
"""

SITE = """
app._addRole("Editor")
for name, roles in (("reader", []), ("editor", ["Editor"])):
    app.acl_users._doAddUser(name, name, roles, [])
from AccessControl.Permission import getPermissions
for permission, *_ in getPermissions():
    app.manage_permission(permission, ["Manager", "Editor"], acquire=1)
READ = ["Access contents information", "View", "View management screens"]
for permission in ("FSSync: Check out", *READ):
    app.manage_permission(permission, ["Anonymous"], acquire=1)
app.manage_addFolder("shop")
for number in range(20):
    app.shop.manage_addFile(f"f{number}", b"x", content_type="text/plain")
"""

#: The views: how each is called, and the result for nobody, a reader and an editor.
VIEWS: dict[str, tuple[str, tuple[int, int, int]]] = {
    "toFS.snarf": ("GET", (200, 200, 200)),
    "hidden.snarf": ("POST", (200, 200, 200)),
    "list.snarf": ("GET", (200, 200, 200)),
    "types.snarf": ("POST", (200, 200, 200)),
    "promoted.snarf": ("POST", (401, 401, 200)),
    "watch.snarf?since=0x0000000000000000": ("GET", (200, 200, 200)),
    "log.snarf": ("GET", (401, 401, 200)),
    "history.snarf?at=7fffffffffffffff": ("GET", (401, 401, 200)),
    "replay.snarf?since=0x0000000000000000": ("POST", (401, 401, 400)),
    "fromFS.snarf": ("POST", (401, 401, 200)),
    "rehearse-commit.snarf": ("POST", (401, 401, 200)),
    "checkin.snarf?name=x": ("POST", (401, 401, 409)),
    "rehearse-checkin.snarf?name=new&src=shop": ("POST", (401, 401, 200)),
    "upload.snarf?upload=x&size=1": ("GET", (401, 401, 200)),
    "upload.snarf?upload=x&size=1&offset=0&digest=x": ("POST", (401, 401, 400)),
    "synchronize.html": ("GET", (200, 200, 200)),
    "synchronize.zip": ("GET", (200, 200, 200)),
    "synchronize-look.html?all=1": ("GET", (200, 200, 200)),
    "synchronize-history.html": ("GET", (401, 401, 200)),
    "synchronize-put.html": ("GET", (401, 401, 200)),
    "synchronize-undo.html": ("GET", (401, 401, 400)),
    "synchronize-activity.html": ("GET", (401, 401, 200)),
    "missing.snarf": ("GET", (404, 404, 404)),
    "/@@zsync-health": ("GET", (200, 200, 200)),
    "/@@zsync-metrics": ("GET", (401, 401, 200)),
}

USERS = (None, "reader", "editor")

BODIES = {
    "hidden.snarf": b"shop/f0\nshop/missing\n",
    "types.snarf": b"f0\nmissing.txt\n",
    "promoted.snarf": json.dumps(
        {"until": "0" * 16, "to": "http://www/shop", "transaction": "0" * 16}
    ).encode(),
}


class Soaked:
    """An instance without a server, which takes requests in its own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(
        self,
        method: str,
        view: str,
        user: str | None,
        body: bytes = b"",
        before: int = 1,
        times: int = 0,
    ) -> Told:
        login = None if user is None else f"{user}:{user}"
        sent = base64.b64encode(body).decode()
        path = view if view.startswith("/") else f"/shop/@@{view}"
        asked = Asked(method, path, login, sent, before, times)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        return Told(*json.loads(self._process.stdout.readline()))

    def archive(self, user: str) -> Archive:
        found = self.ask("GET", "toFS.snarf", user)
        assert found.status == 200
        return Archive.fresh(base64.b64decode(found.body))


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soaked]:
    place = tmp_path_factory.mktemp("zope") / "instance"
    instance = ZopeInstance(place, zcml=MONITORING)
    # Without it the database takes no blobs, and so no parts of archives.
    blobs = f"  blob-dir {place}/blobs\n    </filestorage>"
    conf = instance.conf.read_text()
    instance.conf.write_text(conf.replace("</filestorage>", blobs))
    instance.script(SITE)
    with subprocess.Popen(
        [instance.executable, "-m", SOAK, str(instance.conf)],
        env=instance.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Soaked(process)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("view", VIEWS)
def test_memory_stands_where_it_stood(
    soaked: Soaked, view: str, user: str | None
) -> None:
    method, answers = VIEWS[view]
    body = BODIES.get(view)
    if body is None and method == "POST":
        archive = soaked.archive(user or "reader")
        if "rehearse" in view:
            archive.edit("shop/f1", b"changed")
        body = archive.dump()
    found = soaked.ask(method, view, user, body or b"", BEFORE, REQUESTS)
    assert found.status == answers[USERS.index(user)], base64.b64decode(found.body)
    kept, grown = found.kept, found.grown
    print(f"{view}, {user}: {kept:.2f} blocks, {grown:.3f} kB a request")
    assert kept < KEPT
    assert grown < GROWN or REQUESTS < MANY
