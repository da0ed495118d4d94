"""The client of 3.6.0 at work on our server, live where it is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from zope.app.file.file import File
from zope.dublincore.interfaces import IZopeDublinCore

from zope.app.fssync.tests.compat.described import tree
from zope.app.fssync.tests.compat.support import Client
from zope.app.fssync.tests.compat.support import LiveSite
from zope.app.fssync.tests.compat.support import recorded
from zope.app.fssync.tests.compat.support import requires_peer
from zope.app.fssync.tests.compat.support import serving
from zope.app.fssync.tests.serversite import server_site
from zope.app.fssync.tests.ssh import support

pytestmark = requires_peer

LARGE = random.Random(5).randbytes(3_000_000)

Scenario = Callable[[Client, LiveSite, str], None]


def seed(live: LiveSite) -> None:
    """Fill a site with the sample trees of 3.6.0 and a large file."""
    for name in ("demo", "names", "site"):
        response = live.site.request(
            "POST",
            f"/@@checkin.snarf?name={name}&src={name}",
            "manager",
            recorded(f"{name}.snarf"),
        )
        assert response.status_int == 200, response.text
    demo = live.root["demo"]
    demo["large.bin"] = File(LARGE, "application/octet-stream")
    IZopeDublinCore(demo["readme.txt"]).title = "Lies mich: äöüß 中文"
    live.site.commit()


def edit_and_commit(zsync: Client, live: LiveSite, url: str) -> None:
    """Every kind of change in one commit."""
    zsync("checkout", f"{url}/demo", "co")
    demo = zsync.home / "co" / "demo"
    assert (demo / "large.bin").read_bytes() == LARGE
    (demo / "readme.txt").write_bytes("Größe\n".encode())
    (demo / "data.bin").write_bytes(b"\0\xff\r\n")
    (demo / "large.bin").write_bytes(LARGE[::-1])
    (demo / "empty.txt").write_bytes(b"no more")
    (demo / "nonewline.txt").write_bytes(b"")
    (demo / "page.html").unlink()
    zsync("remove", "co/demo/page.html")
    (demo / "new.txt").write_bytes(b"new\n")
    (demo / "new.bin").write_bytes(b"\0\1\2")
    zsync("add", "co/demo/new.txt", "co/demo/new.bin")
    zsync("mkdir", "co/demo/made")
    (demo / "made" / "inner.txt").write_bytes(b"inner\n")
    zsync("add", "co/demo/made/inner.txt")
    zsync("mkdir", "co/demo/made/empty")
    zsync("copy", "co/demo/crlf.txt", "co/demo/copied.txt")
    zsync("copy", "co/demo/sub", "co/demo/copied")
    title = demo / "@@Zope/Annotations/crlf.txt/zope.app.dublincore.ZopeDublinCore"
    title.write_bytes(
        title.read_bytes().replace(
            b"<unicode></unicode>", "<unicode>Ü</unicode>".encode()
        )
    )
    zsync("commit", "-m", "every kind of change: äöü", "co/demo")
    assert zsync("status", "co/demo") == ""
    assert zsync("update", "co/demo") == "All done.\n"


def conflict_and_resolve(zsync: Client, live: LiveSite, url: str) -> None:
    """Both sides change the same line; the client settles it."""
    zsync("checkout", f"{url}/demo", "co")
    readme = zsync.home / "co" / "demo" / "readme.txt"
    live.root["demo"]["readme.txt"].data = b"theirs\nSecond line.\nThird line.\n"
    live.site.commit()
    readme.write_bytes(b"mine\nSecond line.\nThird line.\n")
    refused = zsync.run("commit", "co/demo")
    assert refused.returncode != 0
    assert "Up-to-date check failed:\ndemo/readme.txt\n" in refused.stderr
    assert "C co/demo/readme.txt" in zsync.run("update", "co/demo").stdout
    readme.write_bytes(b"both\nSecond line.\nThird line.\n")
    zsync("resolve", "co/demo/readme.txt")
    zsync("commit", "co/demo")


def merge_and_revert(zsync: Client, live: LiveSite, url: str) -> None:
    """Changes of one working copy are brought into another and committed."""
    zsync("checkout", f"{url}/demo", "one")
    zsync("checkout", f"{url}/demo", "two")
    one = zsync.home / "one" / "demo"
    (one / "readme.txt").write_bytes(b"from one\n")
    (one / "crlf.txt").write_bytes(b"taken back\n")
    zsync("revert", "one/demo/crlf.txt")
    zsync("merge", "one/demo", "two/demo")
    zsync("commit", "two/demo")


def check_in(zsync: Client, live: LiveSite, url: str) -> None:
    """A tree is checked in under another name, and one file of it alone."""
    zsync("checkout", f"{url}/demo", "co")
    zsync("checkin", "-m", "ein Baum", f"{url}/twin", "co/demo")
    zsync("checkin", f"{url}/twin/single.txt", "co/demo/readme.txt")


def hard_names(zsync: Client, live: LiveSite, url: str) -> None:
    """Names that are not ASCII, and those that differ in case only."""
    zsync("checkout", f"{url}/names", "co")
    names = zsync.home / "co" / "names"
    umlauts = next(path for path in names.iterdir() if path.name.endswith("ute"))
    size = next(path for path in umlauts.iterdir() if path.name.endswith("e.txt"))
    size.write_bytes("größer\n".encode())
    (names / "case" / "name-1-1.txt").write_bytes(b"third of four\n")
    (names / "case" / "Name-1.txt").unlink()
    zsync("remove", "co/names/case/Name-1.txt")
    (names / "case" / "plain.txt").write_bytes(b"plain\n")
    zsync("add", "co/names/case/plain.txt")
    zsync("commit", "co/names")


def sites(zsync: Client, live: LiveSite, url: str) -> None:
    """A site folder with its site manager."""
    zsync("checkout", f"{url}/site", "co")
    site = zsync.home / "co" / "site"
    assert (site / "++etc++site").is_file()
    (site / "inside.txt").write_bytes(b"changed\n")
    (site / "more.txt").write_bytes(b"more\n")
    zsync("add", "co/site/more.txt")
    zsync("commit", "co/site")


def one_file(zsync: Client, live: LiveSite, url: str) -> None:
    """A checkout of a single file."""
    zsync("checkout", f"{url}/demo/readme.txt", "co")
    (zsync.home / "co" / "readme.txt").write_bytes(b"alone\n")
    zsync("commit", "co/readme.txt")


SCENARIOS = [
    edit_and_commit,
    conflict_and_resolve,
    merge_and_revert,
    check_in,
    hard_names,
    sites,
    one_file,
]


def outcome(layer, home: Path, old: bool, scenario: Scenario) -> dict:
    """Run a scenario on a fresh site and describe what is stored then."""
    with server_site(layer) as site, serving(site) as live:
        seed(live)
        scenario(Client(home, old), live, live.url)
        return tree(live.root)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_objects_equal_those_of_our_own_client(
    configured_layer, tmp_path: Path, scenario: Scenario
) -> None:
    theirs = outcome(configured_layer, tmp_path / "old", True, scenario)
    ours = outcome(configured_layer, tmp_path / "new", False, scenario)
    assert theirs == ours


def over_ssh(layer, home: Path, old: bool, scenario: Scenario) -> dict:
    """Run a scenario through our ssh server."""
    person = support.Home(home)
    key = support.make_key(person.ssh / "id_rsa", kind="rsa")
    host_key = support.make_key(home.parent / f"{home.name}-host-key")
    with server_site(layer) as site, serving(site) as live:
        seed(live)
        command = support.demo_command(
            live.address, host_key, f"--authorized-keys={key}.pub"
        )
        with support.process(*command, env=person.env, cwd=home) as server:
            port = int(server.wait_for(r"ready on .* port (\d+)")[1])
            person.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
            url = f"zsync+ssh://manager:managerpw@127.0.0.1:{port}"
            scenario(Client(home, old), live, url)
        return tree(live.root)


@pytest.mark.parametrize(
    "scenario", [edit_and_commit, conflict_and_resolve], ids=lambda s: s.__name__
)
def test_it_is_the_same_over_ssh(
    configured_layer, tmp_path: Path, scenario: Scenario
) -> None:
    theirs = over_ssh(configured_layer, tmp_path / "old", True, scenario)
    ours = over_ssh(configured_layer, tmp_path / "new", False, scenario)
    assert theirs == ours
