"""Who may do what: no other way in than a commit changes it, either.

The client of somebody weaker moves, copies, checks in, takes back, promotes, sets
properties and edits descriptions, their git pushes, and their browser uploads zips and
takes back.  What everybody may do with
each object stays as it was; what is new or moved gives nobody more than they had in
its place, or in the place that it comes from.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import transaction
import webtest
from zope.app.file.file import File
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.securitypolicy.interfaces import IPrincipalRoleManager
from zope.site.folder import Folder

from zope.app.fssync.client.connection import Network
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.gitperson import Clone
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.tests.scenarios.changesonly.site import Server
from zope.app.fssync.tests.scenarios.client.twosides import InProcess
from zope.app.fssync.tests.scenarios.client.twosides import lasting_site
from zope.app.fssync.tests.scenarios.server.found import Kinds
from zope.app.fssync.tests.scenarios.server.test_rights import KEYS
from zope.app.fssync.tests.scenarios.server.test_rights import planted
from zope.app.fssync.tests.scenarios.server.test_rights import populate
from zope.app.fssync.tests.scenarios.server.test_rights import rights
from zope.app.fssync.tests.scenarios.ways import set_properties

pytestmark = pytest.mark.slow

USERS = ["editor", "local", "reader"]


class Somebody:
    """A user with a working copy and a browser."""

    def __init__(self, site: Any, user: str, home: Path) -> None:
        self.site = site
        self.user = user
        self.home = home
        self.url = f"http://{user}:{user}pw@localhost/demo"
        self.browser = webtest.TestApp(site.app.app)
        self.browser.authorization = ("Basic", (user, f"{user}pw"))
        #: How many attempts had an effect.
        self.done = 0

    def zsync(self, *arguments: str) -> bool:
        """Run a command; return whether it succeeded."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                Network, "_open", lambda network: InProcess(self.site, self.user)
            )
            done = run_zsync(
                *arguments, cwd=self.home, env=environment(self.home), merged=True
            )
        assert b"internal error" not in done.stdout, done.stdout
        return done.returncode == 0

    def checkout(self, name: str) -> Path | None:
        """Return a new working copy, None for who may not have one."""
        if not self.zsync("checkout", "--layout", "3", self.url, name):
            return None
        return self.home / name / "demo"

    def commit(self, top: Path) -> None:
        self.done += self.zsync("commit", "-m", "Mine", str(top))

    def submit(self, page: str, **fields: Any) -> None:
        """Send the form of a page, and confirm what it shows."""
        got = self.browser.get("/demo/@@synchronize-put.html", expect_errors=True)
        if got.status_int != 200:
            return
        token = got.form["zsync-form"].value
        sent = self.browser.post(
            f"/demo/@@{page}", {"zsync-form": token, **fields}, expect_errors=True
        )
        if "confirm" in sent.text and sent.status_int == 200:
            done = sent.form.submit("confirm", expect_errors=True)
            self.done += 'role="status"' in done.text


def texts() -> Iterator[str]:
    """Descriptions that would make somebody a manager."""
    map_ = "zope.securitypolicy.securitymap.PersistentSecurityMap"
    told = {name: body.decode() for name, body in planted().items()}
    for key in (*KEYS, "zope.app.dublincore.ZopeDublinCore"):
        for kind in (map_, "builtins.dict", "zope.site.folder.Folder"):
            for body in ("map", "dict", "folder"):
                lines = "".join(f"    {line}\n" for line in told[body].splitlines())
                yield f"\n[Annotations/{key}]\n@type = {kind}\n@text\n{lines}"
        rows = '_byrow = {"zope.Manager": {}}'
        yield f"\n[Annotations/{key}]\n@form = dict\n{rows}\n"
    for name in ("__annotations__", "__parent__", "_p_jar", "contentType"):
        yield f"\n[Extra/{name}]\n@value = {{}}\n"
    for name in ("IAnnotations", "IAttributeAnnotatable"):
        yield f"provides = zope.annotation.interfaces.{name}\n"
    for name in ("IPrincipalRoleMap", "IPrincipalPermissionMap"):
        yield f"provides = zope.securitypolicy.interfaces.{name}\n"


#: The files that describe what is there, and what is new.
DESCRIPTIONS = [
    *("@@.meta", "@@a.txt.meta", "given/@@.meta", "given/@@c.txt.meta"),
    *("given/inner/@@.meta", "given/@@new.txt.meta"),
]


def zips(somebody: Somebody) -> None:
    put(somebody, {"given/new.txt": "harmless\n"})
    for number, text in enumerate(texts()):
        name = DESCRIPTIONS[number % len(DESCRIPTIONS)]
        described = f"type = zope.site.folder.Folder\n{text}"
        put(somebody, {name: described, "given/new.txt": f"{number}\n"})


def put(somebody: Somebody, files: dict[str, str]) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(f"demo/{name}", content)
    upload = webtest.Upload("a.zip", stream.getvalue())
    somebody.submit("synchronize-put.html", upload=upload)


def descriptions(somebody: Somebody) -> None:
    top = somebody.checkout("described")
    for number, text in enumerate(texts()):
        if top is None:
            return
        path = top / DESCRIPTIONS[number % len(DESCRIPTIONS)]
        if not path.parent.is_dir():
            continue
        before = path.read_text() if path.exists() else None
        first = "" if before is None else before
        path.write_text(text + first if text.startswith("provides") else first + text)
        somebody.commit(top)
        somebody.zsync("revert", str(top))
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(before)


def moves(somebody: Somebody) -> None:
    ways = [
        *(
            ("a.txt", "given/a.txt"),
            ("given/c.txt", "c2.txt"),
            ("given/inner", "inner2"),
        ),
        *(
            ("private", "given/private"),
            ("given", "site/given"),
            ("site", "given/site"),
        ),
        *(("site/b.txt", "private/b.txt"), ("given/inner/d.txt", "d.txt")),
    ]
    for verb in ("move", "copy"):
        for number, (old, new) in enumerate(ways):
            top = somebody.checkout(f"{verb}{number}")
            if top is not None and somebody.zsync(verb, str(top / old), str(top / new)):
                somebody.commit(top)


def checkins(somebody: Somebody) -> None:
    top = somebody.checkout("tree")
    for number, text in enumerate(["", *texts()]):
        if top is None:
            return
        path = top / DESCRIPTIONS[number % 5]
        before = path.read_text() if path.exists() else ""
        path.write_text(text + before if text.startswith("p") else before + text)
        place = ("", "/given", "/private")[number % 3]
        url = f"{somebody.url}{place}/tree{number}"
        somebody.done += somebody.zsync("checkin", url, str(top))
        path.write_text(before)


def takes_back(somebody: Somebody) -> None:
    log = somebody.site.request("GET", "/demo/@@log.snarf?limit=100", "manager")
    ids = [each["id"] for each in json.loads(log.body)["transactions"]]
    top = somebody.checkout("back")
    for tid in ids:
        somebody.submit("synchronize-undo.html", at=tid)
        if top is not None:
            somebody.done += somebody.zsync("undo", "--server", tid, str(top))
            somebody.zsync("revert", str(top))
            somebody.zsync("update", str(top))


def promotes(somebody: Somebody) -> None:
    source = somebody.url.replace("/demo", "/staging")
    log = somebody.site.request("GET", "/staging/@@log.snarf", "manager")
    first = json.loads(log.body)["transactions"][-1]["id"]
    for paths in (["plain.txt"], ["a.txt"], ["given"], ["private"], []):
        since = ["--since", f"0x{first}"]
        somebody.done += somebody.zsync("promote", *since, source, somebody.url, *paths)
        somebody.zsync("promote", "--abort", source, somebody.url)


def properties(somebody: Somebody) -> None:
    """Set what an object has, and what it has not, by the names of people."""
    top = somebody.checkout("properties")
    names = [
        *("title", "contentType", "creators", "type", "factory", "provides", "owner"),
        *("__annotations__", "__parent__", "_p_jar", "Annotations", KEYS[0]),
    ]
    paths = ["a.txt", "given", "given/c.txt", "private", "given/inner"]
    if top is not None:
        somebody.done += set_properties(
            somebody.zsync, top, names, paths, "zope.editor"
        )


def pushes(somebody: Somebody) -> None:
    """Push commits with the descriptions, which git does by an address."""
    server = Server()
    server.site = somebody.site.app.app
    try:
        login = f"{somebody.user}:{somebody.user}pw"
        url = f"zsync::{server.url.replace('//', f'//{login}@')}/demo"
        person = GitPerson(somebody.home / "git", somebody.user)
        person("clone", "--quiet", url, "clone")
        clone = Clone(person, person.place / "clone")
        # A push takes as long as some commits.
        for number, text in enumerate(("", *islice(texts(), 0, None, 6))):
            place = clone.place / DESCRIPTIONS[number % len(DESCRIPTIONS)]
            if not place.parent.is_dir():
                continue
            before = place.read_text() if place.exists() else ""
            place.write_text(
                text + before if text.startswith("provides") else before + text
            )
            clone.write("given/c.txt", f"Pushed {number}\n")
            clone.commit("Mine")
            pushed = clone.push().returncode == 0
            somebody.done += pushed
            clone("reset", "--quiet", "--hard", "origin/main")
            clone("pull", "--quiet")
    finally:
        server.close()


WAYS: dict[str, Callable[[Somebody], None]] = {
    each.__name__: each
    for each in (
        *(zips, descriptions, moves, checkins, takes_back, promotes),
        *(properties, pushes),
    )
}


@pytest.fixture(scope="module")
def layer() -> Iterator[Any]:
    with configured() as layer:
        yield layer


@pytest.fixture
def demo(layer: Any, tmp_path: Path) -> Iterator[Any]:
    """A site of which the manager has changed the rights more than once."""
    (tmp_path / "site").mkdir()
    with lasting_site(layer, tmp_path / "site") as site:
        populate(site, Kinds(Folder, File))
        staging = site.root["staging"] = Folder()
        for name in ("given", "private"):
            staging[name] = Folder()
            staging[name]["c.txt"] = File(b"c", "text/plain")
        staging["a.txt"] = File(b"a", "text/plain")
        for folder in (staging, site.root["demo"]):
            folder["plain.txt"] = File(b"plain", "text/plain")
        site.commit()
        granted = [staging[name] for name in ("given", "private", "a.txt")]
        for each in (*granted, site.root["demo"]["a.txt"]):
            for who in ("zope.reader", "zope.editor", "zope.local", "zope.anybody"):
                IPrincipalRoleManager(each).assignRoleToPrincipal("zope.Manager", who)
        staging["a.txt"].data = staging["plain.txt"].data = b"promoted"
        staging["given"]["more.txt"] = File(b"promoted", "text/plain")
        transaction.get().note("Granted")
        site.commit()
        every = IPrincipalRoleManager(site.root["demo"]["a.txt"])
        for who in ("zope.reader", "zope.editor", "zope.local", "zope.anybody"):
            every.unsetRoleForPrincipal("zope.Manager", who)
        transaction.get().note("Taken away")
        site.commit()
        hidden = IPrincipalPermissionManager(site.root["demo"]["given"]["c.txt"])
        hidden.denyPermissionToPrincipal("zope.View", "zope.anybody")
        transaction.get().note("Hidden")
        site.commit()
        yield site


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_changes_who_may_do_what(
    demo: Any, tmp_path: Path, user: str, way: str
) -> None:
    before = rights(demo)
    assert ("zope.anybody", "zope.View") not in before["/demo/given/c.txt"]
    home = tmp_path / "home"
    home.mkdir()
    somebody = Somebody(demo, user, home)
    WAYS[way](somebody)
    after = rights(demo)
    # The reader may change what is in one folder only.
    assert somebody.done or user == "reader"
    for path, may in after.items():
        if path in before and not path.startswith("/staging"):
            assert may == before[path], (path, may ^ before[path])
            continue
        container = path.rpartition("/")[0]
        while container not in before:
            container = container.rpartition("/")[0]
        # What was moved or copied may keep what it had.
        name = path.rpartition("/")[2]
        own = [m for p, m in before.items() if p.endswith(f"/{name}")]
        allowed = before[container].union(*own)
        assert may <= allowed, (path, may - allowed)
