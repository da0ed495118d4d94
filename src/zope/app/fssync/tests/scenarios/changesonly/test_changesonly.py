"""After any exchange a working copy is what a full checkout would give.

Random steps: others change content, rights, registrations and the database itself;
a manager and a user who may see little work in their working copies.  The test
knows nothing of how exchanges are made cheap.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from zope.app.fssync.tests.scenarios.changesonly import described
from zope.app.fssync.tests.scenarios.changesonly import edits as changes
from zope.app.fssync.tests.scenarios.changesonly.copies import LOCAL
from zope.app.fssync.tests.scenarios.changesonly.copies import Copy
from zope.app.fssync.tests.scenarios.changesonly.database import Database
from zope.app.fssync.tests.scenarios.changesonly.database import FileDatabase
from zope.app.fssync.tests.scenarios.changesonly.database import ServedDatabase
from zope.app.fssync.tests.scenarios.changesonly.site import Server
from zope.app.fssync.tests.scenarios.changesonly.site import Site

pytestmark = pytest.mark.slow

USERS = ("manager", "weak")

#: More of them find more: nightly runs set a larger number.
EXAMPLES = int(os.environ.get("FSSYNC_EXAMPLES", "6"))

#: To reduce a failing example takes many minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
if os.environ.get("FSSYNC_SHRINK"):
    PHASES.append(Phase.shrink)


class World:
    """A site, others who change it, and two who work on it by zsync."""

    def __init__(self, server: Server, kind: type[Database]) -> None:
        self.stack = ExitStack()
        place = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stack.callback(changes.put_back)
        self.site = server.site = Site(kind(place))
        self.stack.callback(self.site.close)
        self.copies = []
        for login in USERS:
            (place / login).mkdir()
            self.copies.append(Copy(self.site, server.url, login, place / login))

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: Any) -> None:
        self.stack.close()

    def play(self, round: Round) -> None:
        """Let things happen, then exchange one or both working copies."""
        for step, who, a, b in round.steps:
            # Often it is somebody else's turn: caches differ between instances.
            self.site.take_turns(a)
            target: Any = self.copies[who] if step in LOCAL else self.site
            step(target, a, b)
        self.site.take_turns(round.turn)
        for who in round.who:
            copy = self.copies[who]
            path = copy.pick(round.turn) if round.part else copy.top
            (copy.commit if round.commit else copy.update)(path)


class Round(NamedTuple):
    """Some steps, each with two numbers, and what is exchanged then."""

    steps: list[tuple[Callable[[Any, int, int], None], int, int, int]]
    who: tuple[int, ...]
    commit: bool
    part: bool
    turn: int


def rest(site: Site, a: int, b: int) -> None:
    """Do nothing: to this a failing example is reduced."""


#: What happens, by kind: each kind is as likely as any other.
KINDS: list[list[Any]] = [
    [rest],
    changes.CONTENT,
    changes.AFAR,
    changes.RIGHTS,
    changes.SETTINGS,
    changes.STORAGE,
    [*LOCAL],
]

numbers = st.integers(0, 60)
steps = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(st.sampled_from(kind), st.integers(0, 1), numbers, numbers)
)
rounds = st.builds(
    Round,
    st.lists(steps, min_size=1, max_size=3),
    # Mostly both, so that each begins the next round up to date.
    st.sampled_from([(0, 1), (1, 0), (0, 1), (0,)]),
    st.sampled_from([False, True, False]),
    st.sampled_from([False, False, False, True]),
    numbers,
)


@pytest.mark.parametrize("kind", [FileDatabase, ServedDatabase])
def test_a_working_copy_is_what_a_full_checkout_gives(server, kind):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=list(HealthCheck),
        phases=PHASES,
    )
    @given(st.lists(rounds, min_size=15, max_size=15))
    def walk(played):
        with World(server, kind) as world:
            for round in played:
                world.play(round)

    walk()


def test_an_added_file_survives_an_update_and_a_refused_commit(server):
    """What no random walk comes to often: an update of it, and a refused commit."""
    forbid = (changes.change_permission, 0, 6, 4)
    with World(server, FileDatabase) as world:
        weak = world.copies[1]
        new = weak.top / "docs" / "mine1"
        number = weak.names().index(weak.top / "docs" / "deep" / "one.txt") + 1
        world.play(Round([(Copy.add_here, 1, 1, 1)], (1,), False, True, number))
        assert weak.pick(number) == new
        assert described.looking().getentry(str(new))["flag"] == "added"
        world.play(Round([forbid], (1,), True, True, number))
        assert new not in weak.names()
        assert new.read_bytes() == b"added 1\n"
