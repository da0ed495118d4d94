"""The client of 3.6.0 at work on our server, live where it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import ssh as support
from zope.app.fssync.testing.serversite import server_site
from zope.app.fssync.tests.scenarios.compat.described import tree
from zope.app.fssync.tests.scenarios.compat.scenarios import EVERYWHERE
from zope.app.fssync.tests.scenarios.compat.scenarios import TODAY
from zope.app.fssync.tests.scenarios.compat.scenarios import Scenario
from zope.app.fssync.tests.scenarios.compat.support import Alternating
from zope.app.fssync.tests.scenarios.compat.support import Client
from zope.app.fssync.tests.scenarios.compat.support import LiveSite
from zope.app.fssync.tests.scenarios.compat.support import Zsync
from zope.app.fssync.tests.scenarios.compat.support import requires_peer
from zope.app.fssync.tests.scenarios.compat.support import serving

pytestmark = [pytest.mark.slow, requires_peer]


def seed(live: LiveSite) -> None:
    """Fill a site with the sample trees of 3.6.0."""
    for name in ("demo", "names", "site"):
        response = live.site.request(
            "POST",
            f"/@@checkin.snarf?name={name}&src={name}",
            "manager",
            recorded(f"{name}.snarf"),
        )
        assert response.status_int == 200, response.text


def outcome(layer, zsync: Zsync, scenario: Scenario) -> dict:
    """Run a scenario on a fresh site and describe what is stored then."""
    with server_site(layer) as site, serving(site) as live:
        seed(live)
        scenario(zsync, live, live.url)
        return tree(live.root)


@pytest.mark.parametrize("scenario", TODAY, ids=lambda s: s.__name__)
def test_objects_equal_those_of_our_own_client(
    configured_layer, tmp_path: Path, scenario: Scenario
) -> None:
    layer = configured_layer
    theirs = outcome(layer, Client(tmp_path / "old", old=True), scenario)
    ours = outcome(layer, Client(tmp_path / "new", old=False), scenario)
    assert theirs == ours
    # In one working copy they can take turns.
    assert outcome(layer, Alternating(tmp_path / "both"), scenario) == ours


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


@pytest.mark.parametrize("scenario", EVERYWHERE[:2], ids=lambda s: s.__name__)
def test_old_client_is_the_same_over_ssh(
    configured_layer, tmp_path: Path, scenario: Scenario
) -> None:
    theirs = over_ssh(configured_layer, tmp_path / "old", True, scenario)
    ours = over_ssh(configured_layer, tmp_path / "new", False, scenario)
    assert theirs == ours
