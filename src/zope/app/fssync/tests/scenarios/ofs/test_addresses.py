"""Paths of Zope that lead elsewhere, and transactions that are undone late."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.virtualhost import VirtualHost
from zope.app.fssync.testing.virtualhost import virtual_host

pytestmark = pytest.mark.slow

LATE = '<include package="zope.app.fssync.testing.ofs" file="late.zcml" />'

#: What plone.protect has, as far as others need it.
PROTECT = """
from zope.interface import Interface
class IDisableCSRFProtection(Interface):
    pass
"""

SITE = """
from OFS.Folder import Folder
from OFS.Image import File
def make(container, name, *files):
    container._setObject(name, Folder(name))
    for each in files:
        container[name].manage_addFile(each, b"Hello\\n", content_type="text/plain")
make(app, "demo")
make(app.demo, "news", "f.txt")
make(app.demo, "sub", "deep.txt")
make(app.demo, "demo")
make(app.demo.demo, "sub", "deep.txt")
make(app, "late", "doom", "abort", "raise", "fine")
for number in range(9):
    make(app.demo, "archive%d" % number)
    make(app.demo["archive%d" % number], "news", "f.txt")
"""


@pytest.fixture(scope="module")
def zope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZopeInstance]:
    place = tmp_path_factory.mktemp("zope")
    package = place / "path" / "plone" / "protect"
    package.mkdir(parents=True)
    (package / "interfaces.py").write_text(PROTECT)
    instance = ZopeInstance(place / "instance", zcml=LATE)
    instance.script(SITE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(place / "path"))
        with instance.running():
            yield instance


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "person")


_archives = map("archive{}".format, itertools.count())


@pytest.fixture
def archive(zope: ZopeInstance) -> str:
    """The id of a folder of /demo that has a folder "news", as /demo itself has."""
    return next(_archives)


@pytest.fixture
def login(zope: ZopeInstance) -> Callable[[str], str]:
    return lambda path: f"http://zsync:zsync@127.0.0.1:{zope.port}{path}"


def fetched(zope: ZopeInstance, path: str) -> dict[str, bytes]:
    """What the server has at a path, without the parts of the objects."""
    answer = zope.request("GET", f"{path}/@@toFS.snarf")
    assert answer.status == 200, answer.text
    archive = Archive.parse(answer.body)
    return {name: data for name, data in archive.items() if "@@Zope" not in name}


def remove(person: Person, login: Callable[[str], str], archive: str) -> None:
    """Somebody else removes the folder "news" of an archive."""
    person.zsync("checkout", login(f"/demo/{archive}"), "other")
    person.zsync("remove", f"other/{archive}/news")
    person.zsync("commit", "other")


def test_a_folder_that_was_removed_is_not_another_one_of_its_name(
    zope: ZopeInstance, person: Person, login: Callable[[str], str], archive: str
) -> None:
    """Zope acquires /demo/news where /demo/archive/news is asked for."""
    path = f"/demo/{archive}/news"
    person.zsync("checkout", login(path), "mine")
    person.zsync("checkout", login(path), "edited")
    remove(person, login, archive)
    news = person.place / "mine" / "news"
    person.zsync("remove", "mine/news/f.txt")
    (news / "n.txt").write_text("n\n")
    person.zsync("add", "mine/news/n.txt")
    edited = person.place / "edited" / "news" / "f.txt"
    edited.write_text("edited\n")
    before = fetched(zope, "/demo/news")
    for verb, what in (
        ("commit", "mine"),
        ("update", "mine"),
        ("commit", "edited/news/f.txt"),
        ("update", "edited/news/f.txt"),
        ("commit", "edited"),
        ("update", "edited"),
    ):
        told = person.zsync(verb, what, status=6)
        assert (
            f"{path}{what.removeprefix('edited').removeprefix('mine')}".replace(
                "/news/news", "/news"
            )
            in told
        )
        assert "is no longer there" in told
        assert "Committed" not in told
    assert fetched(zope, "/demo/news") == before
    assert (news / "n.txt").exists()
    assert edited.read_text() == "edited\n"


def test_objects_elsewhere_are_not_checked_out(
    zope: ZopeInstance, person: Person, login: Callable[[str], str], archive: str
) -> None:
    remove(person, login, archive)
    person.zsync("checkout", login(f"/demo/{archive}/news"), "mine", status=6)
    assert not (person.place / "mine" / "news").exists()
    before = fetched(zope, "/demo/news")
    person.zsync("checkout", login("/demo/sub"), "sub")
    person.zsync("checkin", login(f"/demo/{archive}/news/new"), "sub", status=6)
    assert fetched(zope, "/demo/news") == before


def test_a_client_of_another_release_is_refused_too(
    zope: ZopeInstance, person: Person, login: Callable[[str], str], archive: str
) -> None:
    """3.6.0 sends no header; the entry in what it commits has the id."""
    path = f"/demo/{archive}/news"
    sent = Archive.fresh(zope.request("GET", f"{path}/@@toFS.snarf").body)
    sent.edit("news/f.txt", b"mine\n")
    before = fetched(zope, "/demo/news")
    for where in (path, "/demo/news"):
        answer = zope.request("POST", f"{where}/@@fromFS.snarf", body=sent.dump())
        if where == path:
            assert answer.status == 200
        else:
            assert answer.status == 404
    assert fetched(zope, "/demo/news") == before


@pytest.fixture(params=["", "/pre"])
def host(request: pytest.FixtureRequest, zope: ZopeInstance) -> Iterator[VirtualHost]:
    """The folder /demo as a host of its own, by the monster, below a prefix or not."""
    prefix = request.param
    inner = "/VirtualHostBase/http/HOST/demo/VirtualHostRoot"
    inner += prefix.replace("/", "/_vh_")
    with virtual_host(zope.port, inner, prefix) as found:
        yield found


def test_a_virtual_host_is_committed_to_where_it_is(
    zope: ZopeInstance, person: Person, host: VirtualHost
) -> None:
    """There is a /demo/demo/sub, too: a physical path leads there from inside."""
    before = fetched(zope, "/demo/demo/sub")
    person.zsync("checkout", host.url("/sub"), "mine")
    person.zsync("checkout", host.url("/sub"), "theirs")
    mine, theirs = (person.place / name / "sub" for name in ("mine", "theirs"))
    text = f"tree {host.prefix}\n"
    (mine / "deep.txt").write_text(text)
    person.zsync("commit", "mine")
    person.zsync("update", "theirs")
    assert (theirs / "deep.txt").read_text() == text
    (theirs / "deep.txt").write_text(f"alone {text}")
    person.zsync("commit", "theirs/sub/deep.txt")
    person.zsync("update", "mine/sub/deep.txt")
    assert (mine / "deep.txt").read_text() == f"alone {text}"
    assert fetched(zope, "/demo/sub")["sub/deep.txt"] == f"alone {text}".encode()
    assert fetched(zope, "/demo/demo/sub") == before


def test_the_root_of_a_virtual_host_is_checked_out(
    zope: ZopeInstance, person: Person, host: VirtualHost
) -> None:
    person.zsync("checkout", host.url("/"), "mine")
    deep = person.place / "mine" / "demo" / "sub" / "deep.txt"
    deep.write_text(f"root {host.prefix}\n")
    person.zsync("commit", "mine")
    person.zsync("update", "mine")
    person.zsync("update", "mine/demo/sub")
    found = fetched(zope, "/demo/sub")["sub/deep.txt"]
    assert found == f"root {host.prefix}\n".encode()
    assert person.zsync("status", "mine") == ""


@pytest.mark.parametrize("name", ["doom", "abort", "raise"])
def test_a_commit_that_is_undone_late_is_an_error(
    zope: ZopeInstance, person: Person, login: Callable[[str], str], name: str
) -> None:
    person.zsync("checkout", login("/late"), "mine")
    file = person.place / "mine" / "late" / name
    file.write_text("mine\n")
    before = fetched(zope, "/late")
    told = person.zsync("commit", "mine", status=6)
    assert "HTTP error 500" in told
    assert "othing was c" in told
    assert "secret" not in told
    assert "Committed" not in told
    assert fetched(zope, "/late") == before
    person.zsync("update", "mine")
    assert file.read_text() == "mine\n"
    assert person.zsync("status", "mine") == f"M  mine/late/{name}\n"


def test_a_protection_of_forms_leaves_commits_alone(
    zope: ZopeInstance, person: Person, login: Callable[[str], str]
) -> None:
    person.zsync("checkout", login("/late"), "mine")
    (person.place / "mine" / "late" / "fine").write_text("mine\n")
    person.zsync("commit", "mine")
    assert fetched(zope, "/late")["late/fine"] == b"mine\n"


def test_a_protection_of_forms_refuses_other_changes(
    zope: ZopeInstance,
) -> None:
    """Other requests are not marked: their changes need a token."""
    answer = zope.request(
        "POST",
        "/late/manage_editProperties",
        body="title=Changed",
        Content_Type="application/x-www-form-urlencoded",
    )
    assert answer.status == 200, answer.text
    properties = zope.request("GET", "/late/@@toFS.snarf").body
    assert b"Changed" not in properties


@pytest.mark.parametrize(
    ("page", "where"),
    [
        ("manage_main", "/"),
        ("demo/manage_main", "/demo"),
        ("demo/manage_workspace", "/demo"),
        ("demo/news/f.txt/manage_main", "/demo/news/f.txt"),
        ("demo/@@toFS.snarf", "/demo"),
        ("demo/@@absolute_url", "/demo"),
    ],
)
def test_a_page_that_browsers_show_is_told_for_what_it_is(
    zope: ZopeInstance, person: Person, page: str, where: str
) -> None:
    url = f"{zope.url.replace('//', '//zsync:zsync@')}/{page}"
    # Zope raises Unauthorized itself for some.
    denied = page.endswith("workspace")
    said = person.zsync("checkout", url, "work", status=4 if denied else 6)
    assert "is a page that browsers show, not an object" in said
    assert f"The URL of the object is http://zsync@127.0.0.1:{zope.port}{where}" in said
    assert "500" not in said
