"""What a command costs grows as what it is given, on both sides together.

The client and the publisher run in this process, so that its seconds are those of both.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.tests.scenarios.client.states import World
from zope.app.fssync.tests.scenarios.client.twosides import URL
from zope.app.fssync.tests.scenarios.client.twosides import InProcess
from zope.app.fssync.tests.scenarios.client.twosides import Site
from zope.app.fssync.tests.scenarios.client.twosides import lasting_site

pytestmark = pytest.mark.slow

FEW, MANY = 125, 500

#: Four times as many objects may take so many times as long; the square would be 16
#: times.  Seconds of a process vary by a half.
MOST = 8

LETTERS = "abcdefghijkl"


def one_spelling(number: int) -> str:
    """A name that differs from the others in the case of its letters only."""
    return "".join(c.upper() if number >> i & 1 else c for i, c in enumerate(LETTERS))


NAMES: dict[str, Callable[[int], str]] = {
    "names of one letter case": one_spelling,
}


@pytest.fixture(scope="module")
def layer() -> Iterator[Any]:
    with configured() as layer:
        yield layer


def seconds(world: World, *args: str) -> float:
    """The processor time of a command that succeeds."""
    gc.collect()
    # Else the collector looks at all that the process has loaded, each time.
    gc.freeze()
    try:
        began = time.process_time()
        done = world.zsync(*args)
        taken = time.process_time() - began
    finally:
        gc.unfreeze()
    assert done.status == 0, done.text
    return taken


@pytest.fixture
def costs(
    layer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[int], str], int], dict[str, float]]:
    """Measure each command on files of such names, in a site of their own."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def measured(name: Callable[[int], str], count: int) -> dict[str, float]:
        home = tmp_path / str(count)
        home.mkdir()
        with lasting_site(layer, home) as served:
            monkeypatch.setattr(Network, "_open", lambda network: InProcess(served))
            world = World(Site(served), home)
            world.zsync("checkout", URL, str(home / "co"))
            monkeypatch.chdir(world.top)
            names = [name(number) for number in range(count)]
            for each in names:
                world.write(each, b"x\n")
            found = {"add": seconds(world, "add", *names)}
            found["commit"] = seconds(world, "commit")
            found["status"] = seconds(world, "status")
            found["update"] = seconds(world, "update")
            found["checkout"] = seconds(world, "checkout", URL, str(home / "other"))
            assert set(world.tree()) == set(names)
            assert world.site.tree().keys() == set(names)
        return found

    return measured


@pytest.mark.parametrize("kind", NAMES)
def test_four_times_as_many_take_no_more_than_that(costs: Any, kind: str) -> None:
    few, many = costs(NAMES[kind], FEW), costs(NAMES[kind], MANY)
    grown = {verb: many[verb] / max(few[verb], 0.01) for verb in few}
    assert all(times < MOST for times in grown.values()), grown
