"""Who may do what in a real instance: no other way in than a commit changes it, either.

An editor, a reader, and an author who owns a folder move, copy, check in, take back,
promote, set properties and edit descriptions with the client, push with git, and upload
zips and take back with a browser.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.gitperson import Clone
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.tests.scenarios.ofs.test_rights import PARTS
from zope.app.fssync.tests.scenarios.ofs.test_rights import SITE
from zope.app.fssync.tests.scenarios.ofs.test_rights import VIEW
from zope.app.fssync.tests.scenarios.ofs.test_rights import Sides
from zope.app.fssync.tests.scenarios.ways import set_properties

pytestmark = pytest.mark.slow

#: Rights that somebody who may gives, and takes away again: three transactions.
CHANGES = """
import transaction
for name in ("sub", "b.txt", "ordered"):
    app.demo[name].manage_setLocalRoles("reader", ["Manager"])
    app.demo[name].manage_permission("View", ["Anonymous"], acquire=1)
app.demo.b_method._proxy_roles = ("Manager",)
transaction.get().note("Given")
transaction.commit()
for name in ("sub", "b.txt", "ordered"):
    app.demo[name].manage_delLocalRoles(["reader"])
    app.demo[name].manage_permission("View", ["Manager", "Editor", "Owner"], acquire=0)
app.demo.b_method._proxy_roles = ()
transaction.get().note("Taken away")
"""

#: Another site, in which everybody has been given what they have not in the first one.
STAGING = """
import transaction
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
app._setObject("staging", Folder("staging"))
staging = app.staging
staging._setObject("sub", Folder("sub"))
for place, name in ((staging, "b.txt"), (staging.sub, "a.txt")):
    place.manage_addFile(name, b"x", content_type="text/plain")
staging._setObject("guarded", DTMLMethod("<p>x</p>", __name__="guarded"))
staging.sub.manage_setLocalRoles("author", ["Owner", "Editor"])
transaction.commit()
for each in (staging, staging.sub, staging["b.txt"], staging.sub["a.txt"]):
    each.manage_setLocalRoles("reader", ["Manager"])
    each.manage_setLocalRoles("author", ["Manager", "Owner", "Editor"])
    each.manage_permission("View", ["Anonymous", "Manager", "Editor"], acquire=1)
staging.guarded._proxy_roles = ("Manager",)
staging["b.txt"].manage_edit("B", "text/plain", filedata=b"promoted")
staging.sub["a.txt"].manage_edit("A", "text/plain", filedata=b"promoted")
staging.sub.manage_addFile("more.txt", b"new", content_type="text/plain")
transaction.get().note("Granted")
"""

#: Objects, and the files of their descriptions.
DESCRIBED = {
    "b.txt": "@@b.txt.meta",
    "guarded": "@@guarded.meta",
    "sub": "sub/@@.meta",
    "ordered": "ordered/@@.meta",
    "bottle": "@@bottle.meta",
    "sub/a.txt": "sub/@@a.txt.meta",
    "sub/new.txt": "sub/@@new.txt.meta",
}


def texts() -> Iterator[str]:
    """Parts of descriptions that would give somebody rights."""
    for part, (_, text) in PARTS.items():
        told = text if not text.startswith("<") else f"@text\n    {text}\n"
        yield f"\n[Extra/{part}]\n{told}"
    for name in ("_owner", "_proxy_roles", "__ac_local_roles__", "raw", "data"):
        yield f"\n[Extra/properties]\n{name} (string) = x\n"
    for kind in ("OFS.userfolder.UserFolder", "OFS.DTMLMethod.DTMLMethod"):
        yield f"type = {kind}\nfactory = {kind}\n"
    yield "provides = OFS.interfaces.IApplication\n"
    yield "provides = zope.annotation.interfaces.IAnnotations\n"


class Somebody:
    """A user with a working copy and a browser."""

    def __init__(self, zope: ZopeInstance, user: str, home: Path) -> None:
        self.zope = zope
        self.user = user
        self.home = home
        # The author may do nothing outside of a folder.
        self.path = "/demo/sub" if user == "author" else "/demo"
        login = zope.url.replace("//", f"//{user}:{user}@")
        self.url = f"{login}{self.path}"
        #: How many attempts had an effect.
        self.done = 0

    def zsync(self, *arguments: str) -> bool:
        """Run a command; return whether it succeeded."""
        env = environment(self.home)
        done = run_zsync(*arguments, cwd=self.home, env=env, merged=True)
        assert b"internal error" not in done.stdout, done.stdout
        return done.returncode == 0

    def checkout(self, name: str) -> Path | None:
        """Return a new working copy, None for who may not have one."""
        if not self.zsync("checkout", "--layout", "3", self.url, name):
            return None
        (top,) = (each for each in (self.home / name).iterdir() if each.name[0] != ".")
        return top

    def inside(self, path: str) -> str:
        """Return the path below what this user works in."""
        return path.removeprefix("sub/") if self.user == "author" else path

    def submit(self, page: str, **fields: Any) -> None:
        """Send the form of a page, and confirm what it shows."""
        who = f"{self.user}:{self.user}"
        got = self.zope.request("GET", f"{self.path}/@@synchronize-put.html", who)
        token = re.search('name="zsync-form" value="([0-9a-f]+)"', got.text)
        if got.status != 200 or token is None:
            return
        sent = self._post(page, {"zsync-form": token[1], **fields}, token[1])
        if "zsync-confirm" not in sent:
            return
        shown = dict(re.findall('type="hidden" name="([^"]+)" value="([^"]*)"', sent))
        done = self._post(page, {**shown, "confirm": "1", "note": ""}, token[1])
        self.done += 'role="status"' in done

    def _post(self, page: str, fields: dict[str, Any], token: str) -> str:
        body = b""
        for name, value in fields.items():
            is_file = isinstance(value, bytes)
            data = value if is_file else value.encode()
            head = f'--x\r\nContent-Disposition: form-data; name="{name}"'
            head += '; filename="a.zip"' if is_file else ""
            body += head.encode() + b"\r\n\r\n" + data + b"\r\n"
        who = f"{self.user}:{self.user}"
        path = f"{self.path}/@@{page}"
        answer = self.zope.request(
            *("POST", path, who, body + b"--x--\r\n"),
            Content_Type="multipart/form-data; boundary=x",
            Cookie=f"zsync-form={token}",
        )
        assert answer.status < 500, answer.text
        return answer.text


def edits(somebody: Somebody) -> Iterator[tuple[str, str]]:
    """Yield the file of a description, and what is written into it."""
    for number, text in enumerate(texts()):
        names = list(DESCRIBED.values())
        if somebody.user == "author":
            names = [name for name in names if name.startswith("sub/")]
        for step in (0, 3):
            yield somebody.inside(names[(number + step) % len(names)]), text


def zips(somebody: Somebody) -> None:
    place = "" if somebody.user == "author" else "sub/"
    put(somebody, {f"{place}new.txt": "harmless\n"})
    for number, (name, text) in enumerate(edits(somebody)):
        put(somebody, {name: text, f"{place}new.txt": f"{number}\n"})


def put(somebody: Somebody, files: dict[str, str]) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    somebody.submit("synchronize-put.html", upload=stream.getvalue())


def descriptions(somebody: Somebody) -> None:
    top = somebody.checkout("described")
    if top is None:
        return
    for name, text in [(somebody.inside("sub/@@.meta"), ""), *edits(somebody)]:
        path = top / name
        before = path.read_text() if path.exists() else ""
        path.write_text(before + text if text.startswith("\n") else text + before)
        somebody.done += somebody.zsync("commit", "-m", "Mine", str(top))
        somebody.zsync("revert", str(top))
        path.write_text(before)


def moves(somebody: Somebody) -> None:
    ways = [
        *(("b.txt", "sub/b.txt"), ("guarded", "sub/guarded"), ("sub", "ordered/sub")),
        *(("sub/a.txt", "a2.txt"), ("bottle", "club/bottle"), ("ram", "sub/ram")),
        *(("club/acl_users", "sub/acl_users"), ("sub/a.txt", "sub/acl_users")),
    ]
    for verb in ("copy", "move"):
        for number, (old, new) in enumerate(ways):
            top = somebody.checkout(f"{verb}{number}")
            if top is None:
                return
            places = [str(top / somebody.inside(each)) for each in (old, new)]
            if somebody.zsync(verb, *places):
                somebody.done += somebody.zsync("commit", "-m", "Mine", str(top))


def checkins(somebody: Somebody) -> None:
    top = somebody.checkout("tree")
    if top is None:
        return
    file = str(top / somebody.inside("sub/a.txt"))
    somebody.done += somebody.zsync("checkin", f"{somebody.url}/alone.txt", file)
    for number, (name, text) in enumerate(edits(somebody)):
        path = top / name
        before = path.read_text() if path.exists() else ""
        path.write_text(before + text if text.startswith("\n") else text + before)
        url = f"{somebody.url}/tree{number}"
        somebody.done += somebody.zsync("checkin", url, str(top))
        path.write_text(before)


def takes_back(somebody: Somebody) -> None:
    log = somebody.zope.request("GET", f"{somebody.path}/@@log.snarf?limit=100")
    top = somebody.checkout("back")
    for tid in re.findall('"id": "([0-9a-f]{16})"', log.text):
        somebody.submit("synchronize-undo.html", at=tid)
        if top is not None:
            somebody.done += somebody.zsync("undo", "--server", tid, str(top))
            somebody.zsync("revert", str(top))
            somebody.zsync("update", str(top))


def promotes(somebody: Somebody) -> None:
    source = somebody.url.replace("/demo", "/staging")
    path = somebody.path.replace("/demo", "/staging")
    log = somebody.zope.request("GET", f"{path}/@@log.snarf?limit=100")
    first = re.findall('"id": "([0-9a-f]{16})"', log.text)[-1]
    names = ["b.txt", "guarded", "sub", "sub/a.txt", "sub/more.txt"]
    for paths in ([somebody.inside(name)] for name in names):
        since = ["--since", f"0x{first}"]
        somebody.done += somebody.zsync("promote", *since, source, somebody.url, *paths)
        somebody.zsync("promote", "--abort", source, somebody.url)


def properties(somebody: Somebody) -> None:
    """Declare properties as what they are not, and change those that are there."""
    if (top := somebody.checkout("properties")) is None:
        return
    places = ("b.txt", "guarded", "sub", "sub/a.txt", "ordered", "bottle")
    names = [
        *("title", "content_type", "owner", "type", "provides", "roles-local"),
        *("_owner (string)", "_proxy_roles (lines)", "__ac_local_roles__ (lines)"),
        *("proxy-roles", "raw (text)", "permissions", "View"),
    ]
    inside = map(somebody.inside, places)
    somebody.done += set_properties(somebody.zsync, top, names, inside, "Manager")


def pushes(somebody: Somebody) -> None:
    person = GitPerson(somebody.home / "git", somebody.user)
    url = f"zsync::{somebody.url}"
    if somebody.user == "reader":
        # They may check out nothing.
        person("clone", "--quiet", url, "clone", status=128)
        return
    person("clone", "--quiet", url, "clone")
    clone = Clone(person, person.place / "clone")
    # A push takes as long as some commits.  The first one changes what they may.
    for number, (name, text) in enumerate(
        [("", ""), *islice(edits(somebody), 0, None, 3)]
    ):
        path = clone.place / name
        if name:
            before = path.read_text() if path.exists() else ""
            path.write_text(before + text if text.startswith("\n") else text + before)
        clone.write(somebody.inside("sub/a.txt"), f"Pushed {number}\n")
        clone.commit("Mine")
        somebody.done += clone.push().returncode == 0
        clone("reset", "--quiet", "--hard", "origin/main")
        clone("pull", "--quiet")


WAYS: dict[str, Callable[[Somebody], None]] = {
    each.__name__: each
    for each in (
        *(zips, descriptions, checkins, takes_back, properties, pushes, promotes),
        moves,
    )
}


@pytest.fixture(scope="module")
def zope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZopeInstance]:
    place = tmp_path_factory.mktemp("zope") / "instance"
    instance = ZopeInstance(place, zcml=VIEW)
    method = """
from OFS.DTMLMethod import DTMLMethod
demo._setObject("b_method", DTMLMethod("<p>x</p>", __name__="b_method"))
"""
    instance.script(SITE + method)
    instance.script(CHANGES)
    instance.script(STAGING)
    with instance.running():
        yield instance


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("user", ["reader", "author", "editor"])
def test_no_way_in_changes_who_may_do_what(
    zope: ZopeInstance, tmp_path: Path, user: str, way: str
) -> None:
    sides = Sides(zope)
    before = sides.rights()
    somebody = Somebody(zope, user, tmp_path)
    WAYS[way](somebody)
    after = sides.rights()
    assert after["users"] == before["users"]
    known = {rights[0]: (path, rights) for path, rights in before["objects"].items()}
    for path, (oid, may, has) in after["objects"].items():
        old, rights = known.get(oid, (None, None))
        if old == path:
            assert [oid, may, has] == rights, path
            continue
        if rights is None:
            # What is new belongs to whoever made it, and has no roles.
            assert not any(each.startswith("role ") for each in has), path
            continue
        # What was moved has what it had, and nobody more than in one of the places.
        assert has == rights[2], path
        container = path.rpartition("/")[0]
        there = before["objects"].get(container, rights)
        assert set(may) <= {*rights[1], *there[1]}, path
    assert somebody.done or user == "reader" or way in ("takes_back", "moves")
