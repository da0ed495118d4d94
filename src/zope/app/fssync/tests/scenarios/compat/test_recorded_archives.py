"""What release 3.6.0 recorded is taken back, whole, by today's server."""

from __future__ import annotations

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import recorded_body
from zope.app.fssync.testing.serversite import Archive

ANNOTATIONS = "@@Zope/Annotations/"


def check_in(site, name: str, data: bytes) -> None:
    response = site.request(
        "POST", f"/@@checkin.snarf?name={name}&src={name}", "manager", data
    )
    assert (response.status_int, response.body) == (200, b"")


def modern(entry: dict[str, str]) -> dict[str, str]:
    """Return an entry without the names of classes."""
    kept = ("key", "id", "binary", "flag")
    return {name: value for name, value in entry.items() if name in kept}


@pytest.mark.parametrize("name", ["demo", "names", "site"])
def test_a_tree_of_360_arrives_whole(site, name):
    old = Archive.parse(recorded(f"{name}.snarf"))
    check_in(site, name, recorded(f"{name}.snarf"))
    new = Archive.parse(site.request("GET", f"/{name}/@@toFS.snarf", "manager").body)
    if name == "demo":
        # Made without events there; today it has a creation date.
        new = Archive(
            (path, data) for path, data in new.items() if "/bare.txt/zope" not in path
        )
        new.pop("demo/@@Zope/Annotations/bare.txt/@@Zope/Entries.xml")
    assert set(new) == set(old)
    for path, data in old.items():
        if path.endswith("Entries.xml"):
            dir = path.removesuffix("@@Zope/Entries.xml").rstrip("/")
            assert {name: modern(e) for name, e in new.entries(dir).items()} == {
                name: modern(e) for name, e in old.entries(dir).items()
            }
        elif "@@Zope" not in path and "++etc++site" not in path:
            assert new[path] == data


def test_keys_come_back_composed_and_names_decomposed(site):
    check_in(site, "names", recorded("names.snarf"))
    assert "größe.txt" in site.root["names"]["ümläute"]
    assert sorted(site.root["names"]["case"])[:3] == ["NAME.txt", "Name.txt", "README"]


def test_the_unchanged_archive_of_360_is_no_conflict(site):
    check_in(site, "demo", recorded("demo.snarf"))
    ours = site.checkout("/demo")
    theirs = Archive.fresh(recorded("demo.snarf"))
    archive = Archive(ours)
    for path, data in theirs.items():
        # Modification dates differ, the rest of these pickles only in writing.
        if "ZopeDublinCore" not in path:
            archive[path] = data
    archive["demo/@@Zope/Entries.xml"] = ours["demo/@@Zope/Entries.xml"]
    archive.edit("demo/readme.txt", b"Changed.\n")
    site.accept("/demo", archive)
    assert site.root["demo"]["readme.txt"].data == b"Changed.\n"


def test_non_ascii_and_disambiguated_names_are_committed(site):
    check_in(site, "names", recorded("names.snarf"))
    archive = site.checkout("/names")
    dir = next(name for name in archive.entries("names") if name.endswith("ute"))
    file = next(n for n in archive.entries(f"names/{dir}") if n.endswith("e.txt"))
    archive.edit(f"names/{dir}/{file}", "größer".encode())
    archive.edit("names/case/name-1-1.txt", b"third of four")
    archive.remove("names/case/Name-1.txt")
    site.accept("/names", archive)
    folder = site.root["names"]
    assert folder["ümläute"]["größe.txt"].data == "größer".encode()
    assert folder["case"]["name-1.txt"].data == b"third of four"
    assert "Name.txt" not in folder["case"]


def test_a_commit_of_a_360_client_is_understood(site):
    """Dublin Core is today's: checking in gives everything new dates."""
    check_in(site, "demo", recorded("demo.snarf"))
    archive = Archive.parse(recorded_body("commit-demo.request"))
    ours = site.checkout("/demo")
    for path in set(archive) & set(ours):
        if path.endswith("ZopeDublinCore"):
            archive[path] = ours[path]
    bare = "demo/@@Zope/Annotations/bare.txt"
    for path in ours:
        if path.startswith(bare):
            archive[path] = ours[path]
    site.accept("/demo", archive)
    folder = site.root["demo"]
    assert "utf8.txt" not in folder
    assert folder["new.txt"].contentType == "text/plain"
    assert folder["picture"].__class__.__name__ == "Image"
    assert list(folder["fresh"]) == ["in.txt"]


def test_a_bare_file_is_refused_instead_of_ignored(site):
    response = site.request(
        "POST",
        "/@@checkin.snarf?name=x",
        "manager",
        recorded_body("raw-checkin-bare-file.request"),
    )
    assert response.status_int == 409
    assert "no entry" in response.text


@pytest.mark.parametrize(
    "name", ["raw-truncated-snarf", "raw-unfinished-line", "raw-broken-snarf"]
)
def test_a_damaged_archive_is_refused(site, name):
    response = site.request(
        "POST", "/@@checkin.snarf?name=x", "manager", recorded_body(f"{name}.request")
    )
    assert response.status_int == 400
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert "x" not in site.root
