"""A client is not sent what it leaves out, and is told so."""

from __future__ import annotations

import io

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.changeset import Scope
from zope.fssync.repository import SnarfRepository


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["A.txt"] = File(b"A", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["deep.txt"] = File(b"deep", "text/plain")
    folder["sub"]["below"] = Folder()
    folder["sub"]["x.png"] = File(b"x", "image/png")
    site.commit()
    return site


def received(
    site: ServerSite, path: str, **headers: str
) -> tuple[SnarfRepository, list[str], str | None, str]:
    """The archive, the paths of objects in it, whether it is sparse, and the state."""
    response = site.request("GET", f"{path}/@@toFS.snarf", "manager", b"", **headers)
    assert response.status_int == 200, response.text
    archive = SnarfRepository(io.BytesIO(response.body))
    metadata = archive.getMetadata()
    found = []

    def walk(directory: str) -> None:
        for name in metadata.getnames(directory):
            place = f"{directory}/{name}" if directory else name
            found.append(place)
            walk(place)

    walk("")
    state = response.headers.get("X-Zsync-State") or next(
        (
            line.partition(" ")[2]
            for line in response.body.decode("latin-1").splitlines()
            if line.startswith("X-Zsync-State ")
        ),
        "",
    )
    return archive, found, response.headers.get("X-Zsync-Sparse"), state


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("empty:", "demo"),
        ("files:", "demo a.txt A.txt"),
        ("not:a.txt not:sub", "demo A.txt"),
        ("exclude:A.txt not:%2A.png not:below%2F", "demo a.txt sub deep.txt"),
        (
            "files: infinity:sub not:%2A.png",
            "demo a.txt A.txt sub deep.txt below x.png",
        ),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_checkout_lacks_what_is_left_out(
    demo: ServerSite, rules: str, expected: str, streamed: bool
) -> None:
    headers = {"X_Zsync_Sparse": rules, "X_Zsync_State": "none"}
    if not streamed:
        headers["X_Zsync_Streamed"] = "no"
    archive, found, sparse, _ = received(demo, "/demo", **headers)
    assert sparse == "yes"
    metadata = archive.getMetadata()
    keys = [
        metadata.getentry(path).get("key", path.rpartition("/")[2]) for path in found
    ]
    assert sorted(keys) == sorted(expected.split())


def test_the_rules_may_be_about_a_part(demo: ServerSite) -> None:
    rules = "at:sub immediates: exclude:sub/x.png"
    _, found, _, _ = received(
        demo, "/demo/sub", X_Zsync_Sparse=rules, X_Zsync_State="none"
    )
    assert found == ["sub"]


def test_rules_that_are_none_are_not_followed(demo: ServerSite) -> None:
    _, found, sparse, _ = received(
        demo, "/demo", X_Zsync_Sparse="deeper:", X_Zsync_State="none"
    )
    assert len(found) == 7
    assert sparse is None


def test_changes_of_what_is_left_out_are_not_sent(demo: ServerSite) -> None:
    rules = {"X_Zsync_Sparse": "exclude:sub not:%2A.png"}
    *_, state = received(demo, "/demo", X_Zsync_State="none", **rules)
    demo.root["demo"]["sub"]["deep.txt"].data = b"changed"
    demo.root["demo"]["sub"]["more"] = Folder()
    demo.commit()
    archive, found, sparse, _ = received(demo, "/demo", X_Zsync_State=state, **rules)
    assert (found, sparse) == ([], "yes")
    scope = Scope.of(archive)
    assert scope is not None
    assert not scope
    demo.root["demo"]["new.png"] = File(b"x", "image/png")
    demo.root["demo"]["new.txt"] = File(b"x", "text/plain")
    demo.commit()
    archive, found, *_ = received(demo, "/demo", X_Zsync_State=state, **rules)
    assert "demo/new.txt" in found
    assert not {"demo/sub", "demo/new.png"} & set(found)
    assert archive.isfile("demo/new.txt")
