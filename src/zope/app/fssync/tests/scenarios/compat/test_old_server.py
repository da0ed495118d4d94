"""Our client with the server of 3.6.0, live where it is found.

Whatever 3.6.0's own client brings about there, ours does, and in turns they can
work in one working copy.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import server_site
from zope.app.fssync.tests.scenarios.compat.scenarios import EVERYWHERE
from zope.app.fssync.tests.scenarios.compat.scenarios import Scenario
from zope.app.fssync.tests.scenarios.compat.support import Alternating
from zope.app.fssync.tests.scenarios.compat.support import Client
from zope.app.fssync.tests.scenarios.compat.support import OldServer
from zope.app.fssync.tests.scenarios.compat.support import Zsync
from zope.app.fssync.tests.scenarios.compat.support import old_server
from zope.app.fssync.tests.scenarios.compat.support import old_ssh_server
from zope.app.fssync.tests.scenarios.compat.support import requires_peer
from zope.app.fssync.tests.scenarios.compat.support import seed_old
from zope.app.fssync.tests.scenarios.compat.support import serving
from zope.app.fssync.tests.scenarios.compat.workingcopies import state
from zope.fssync.pickle import canonical

pytestmark = [pytest.mark.slow, requires_peer]

_time = re.compile(rb"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[-+]\d\d:\d\d")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 3.6.0 with its sample trees."""
    return seed_old(tmp_path_factory.mktemp("seeded"), "demo,names,site")


def stored(server: OldServer) -> dict[str, Any]:
    """Everything the server has, without moments."""
    tree = Archive.parse(server.request("GET", "@@toFS.snarf")).tree()
    return {
        path: _time.sub(b"a moment", data) if isinstance(data, bytes) else data
        for path, data in tree.items()
    }


def kept(home: Path) -> dict[str, Any]:
    """The working copies of a home, without what differs from run to run."""
    return {
        path: data
        for path, data in state(home).items()
        if not path.startswith(".") and "ZopeDublinCore" not in path
    }


def outcome(
    place: Path, database: Path, zsync: Zsync, scenario: Scenario
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a scenario on a server of its own."""
    with old_server(place, database) as server:
        scenario(zsync, server, server.url)
        return stored(server), kept(zsync.home)


@pytest.mark.parametrize("scenario", EVERYWHERE, ids=lambda s: s.__name__)
def test_commits_are_those_of_the_old_client(
    tmp_path: Path, database: Path, scenario: Scenario
) -> None:
    clients: dict[str, Zsync] = {
        "old": Client(tmp_path / "old", old=True),
        "new": Client(tmp_path / "new", old=False),
        "both": Alternating(tmp_path / "both"),
    }
    seen = {
        name: outcome(tmp_path / f"{name}-db", database, client, scenario)
        for name, client in clients.items()
    }
    assert seen["new"][0] == seen["old"][0]
    assert seen["both"][0] == seen["old"][0]


@pytest.mark.parametrize("scenario", EVERYWHERE[:2], ids=lambda s: s.__name__)
def test_old_server_is_the_same_over_ssh(
    tmp_path: Path, database: Path, scenario: Scenario
) -> None:
    """Through the ssh server of 3.6.0."""
    seen = {}
    for old in (True, False):
        home = tmp_path / str(old)
        person = support.Home(home)
        support.make_key(person.ssh / "id_rsa", kind="rsa")
        host_key = support.make_key(tmp_path / f"key-{old}", kind="rsa")
        subprocess.run(
            ["ssh-keygen", "-q", "-p", "-m", "PEM", "-N", "", "-f", str(host_key)],
            check=True,
        )
        zsync = Client(home, old)
        with (
            old_server(tmp_path / f"db-{old}", database) as server,
            old_ssh_server(server, host_key) as port,
        ):
            person.trust(f"[127.0.0.1]:{port}", Path(f"{host_key}.pub"))
            scenario(zsync, server, f"zsync+ssh://zsync:zsync@127.0.0.1:{port}")
            seen[old] = stored(server)
    assert seen[False] == seen[True]


@pytest.mark.parametrize("name", ["demo", "names", "site"])
def test_a_tree_moves_to_our_server(
    configured_layer, tmp_path: Path, server: OldServer, name: str
) -> None:
    zsync = Client(tmp_path / "home", old=False)
    zsync("checkout", f"{server.url}/{name}", "old")
    there = Archive.parse(server.request("GET", f"{name}/@@toFS.snarf"))
    with server_site(configured_layer) as site, serving(site) as live:
        assert "rehearsal" in zsync("checkin", "-n", f"{live.url}/{name}", "old")
        zsync("checkin", f"{live.url}/{name}", "old")
        here = Archive.parse(live.request("GET", f"{name}/@@toFS.snarf"))
    for path, data in there.items():
        where = path.removesuffix("@@Zope/Entries.xml").rstrip("/")
        if where != path.rstrip("/") and path.endswith("Entries.xml"):
            keys = {n: e.get("key") for n, e in there.entries(where).items()}
            assert (
                keys.items()
                <= {n: e.get("key") for n, e in here.entries(where).items()}.items()
            )
        elif "@@Zope" in path:
            assert canonical(here[path]) == canonical(data), path
        elif not path.endswith("++etc++site"):
            assert here[path] == data, path


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, database: Path
) -> Iterator[OldServer]:
    """A server for what changes nothing there."""
    with old_server(tmp_path_factory.mktemp("server"), database) as server:
        yield server


def test_a_wrong_password_deletes_nothing(tmp_path: Path, server: OldServer) -> None:
    zsync = Client(tmp_path / "home", old=False)
    zsync("checkout", f"{server.url}/demo", "co")
    before = state(zsync.home / "co")
    (zsync.home / ".zsyncpass").unlink()
    wrong = server.url.replace("zsync:zsync", "zsync:wrong")
    assert zsync.run("login", wrong).returncode == 4
    zsync("login", "--no-check", wrong)
    done = zsync.run("update", "co")
    assert done.returncode == 4
    assert "does not accept this user name and password" in done.stderr
    assert state(zsync.home / "co") == before
    assert zsync.run("checkout", f"{wrong}/demo", "second").returncode == 4
    assert not (zsync.home / "second").exists()


def test_an_update_without_a_login_deletes_nothing(
    tmp_path: Path, server: OldServer
) -> None:
    zsync = Client(tmp_path / "home", old=False)
    zsync("checkout", f"{server.url}/demo", "co")
    (zsync.home / "co/@@Zope/Root").write_text(f"{server.address}/demo\n")
    (zsync.home / ".zsyncpass").unlink()
    before = state(zsync.home / "co")
    done = zsync.run("update", "co")
    assert done.returncode == 4
    assert "without a login" in done.stderr
    assert state(zsync.home / "co") == before
    zsync("checkout", f"{server.address}/demo", "public")
    assert zsync("update", "public") == "All done.\n"


def test_names_that_the_old_server_cannot_take_back_are_told(
    tmp_path: Path, server: OldServer
) -> None:
    zsync = Client(tmp_path / "home", old=False)
    zsync("checkout", f"{server.url}/names", "co")
    case = zsync.home / "co" / "names" / "case"
    (case / "README").write_bytes(b"changed\n")
    done = zsync.run("commit", "co/names")
    assert done.returncode == 6
    assert "takes back no folder that holds" in done.stderr
    zsync("commit", "co/names/case/README")
    assert server.request("GET", "names/case/README") == b"changed\n"


def test_a_site_is_committed_piece_by_piece(tmp_path: Path, server: OldServer) -> None:
    zsync = Client(tmp_path / "home", old=False)
    zsync("checkout", f"{server.url}/site", "co")
    (zsync.home / "co" / "site" / "inside.txt").write_bytes(b"changed\n")
    done = zsync.run("commit", "co/site")
    assert done.returncode == 5
    assert "takes back no site" in done.stderr
    zsync("commit", "co/site/inside.txt")
    assert server.request("GET", "site/inside.txt") == b"changed\n"


def test_late_changes_are_stored_and_empty_files_told(
    tmp_path: Path, database: Path
) -> None:
    """Which 3.6.0 compares no further than the shorter of two."""
    zsync = Client(tmp_path / "home", old=False)
    with old_server(tmp_path / "db", database) as server:
        server.put("demo/crlf.txt", b"x" * 50_000)
        zsync("checkout", f"{server.url}/demo", "co")
        file = zsync.home / "co" / "demo" / "crlf.txt"
        for data in (b"x" * 40_000, b"x" * 40_000 + b"y" * 10_000):
            file.write_bytes(data)
            zsync("commit", "co/demo")
            assert server.request("GET", "demo/crlf.txt") == data
        file.write_bytes(b"")
        assert "has kept the old content" in zsync.run("commit", "co/demo").stderr
        assert file.read_bytes() == b""
        assert zsync("status", "co/demo") == "M co/demo/crlf.txt\n"


def test_left_out_objects_stay_on_the_old_server(
    tmp_path: Path, database: Path
) -> None:
    zsync = Client(tmp_path / "home", old=False)
    with old_server(tmp_path / "db", database) as server:
        before = stored(server)
        zsync("checkout", "--depth", "files", f"{server.url}/demo", "co")
        demo = zsync.home / "co" / "demo"
        names = [path.name for path in demo.iterdir() if path.name != "@@Zope"]
        assert names
        assert not any((demo / name).is_dir() for name in names)
        changed = next(name for name in sorted(names) if name.endswith(".txt"))
        (demo / changed).write_bytes(b"changed\n")
        zsync("commit", "-m", "x", f"co/demo/{changed}")
        zsync("update", "co")
        after = stored(server)
        # The server notes the time of the change in the Dublin Core.
        differ = {
            key
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key) and "/@@Zope/Annotations/" not in key
        }
        assert differ == {f"root/demo/{changed}"}
        with pytest.raises(AssertionError, match="leaves out some"):
            zsync("commit", "-m", "x", "co/demo")
        zsync("update", "--set-depth", "infinity", "co/demo")
        assert any(path.is_dir() for path in demo.iterdir() if path.name != "@@Zope")
        zsync("commit", "-m", "x", "co/demo")
