"""Applications that are made by chance, with a seed: a copy has all that they have."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from BTrees.OOBTree import OOBTree
from grok import create_application
from persistent.list import PersistentList
from persistent.mapping import PersistentMapping

from zope.app.fssync.hosts.grok.adapter import attributes
from zope.app.fssync.hosts.grok.tests.app import Herd
from zope.app.fssync.hosts.grok.tests.app import INotes
from zope.app.fssync.hosts.grok.tests.app import Mammoth
from zope.app.fssync.hosts.grok.tests.app import Shelf
from zope.app.fssync.hosts.grok.tests.app import Zoo
from zope.app.fssync.testing.serversite import ServerSite

pytestmark = pytest.mark.slow

COUNT = 60

WORDS = ["moss", "Käse", "<b>", "a\nb\n", " x ", "", "東京", "]]>", "\t&amp;"]


class Seeded:
    """Makes models, and the values of their attributes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.models: list[Any] = []

    def value(self, depth: int = 0) -> Any:
        plain: list[Callable[[], Any]] = [
            lambda: self.random.choice(WORDS),
            lambda: self.random.randbytes(5),
            lambda: self.random.getrandbits(80) - 2**79,
            lambda: self.random.uniform(-1, 1),
            lambda: self.random.choice([None, True, False]),
            lambda: date(2026, 5, self.random.randrange(1, 28)),
            lambda: datetime(2026, 5, 1, 12, 30, self.random.randrange(60)),
            lambda: Decimal(self.random.randrange(1000)) / 100,
            lambda: self.random.choice(self.models or [None]),
        ]
        nested: list[Callable[[], Any]] = [
            lambda: self.some(depth),
            lambda: tuple(self.some(depth)),
            lambda: PersistentList(self.some(depth)),
            lambda: self.mapping(depth),
            lambda: PersistentMapping(self.mapping(depth)),
            lambda: OOBTree(self.mapping(depth)),
            lambda: frozenset(self.random.choices(WORDS, k=2)),
        ]
        return self.random.choice(plain if depth > 2 else plain + nested)()

    def some(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in range(self.random.randrange(4))]

    def mapping(self, depth: int) -> dict[str, Any]:
        return {word: self.value(depth + 1) for word in self.random.choices(WORDS, k=2)}

    def fill(self, zoo: Any) -> None:
        """Put containers and models into an application."""
        herds = [zoo]
        for number in range(COUNT):
            place = self.random.choice(herds)
            if number % 10 == 0:
                kind = self.random.choice([lambda: Herd("a herd"), Shelf])
                place[f"herd-{number}"] = kind()
                herds.append(place[f"herd-{number}"])
                herds[-1].more = self.value()
                continue
            name = f"{self.random.choice('zam')}-{number}"
            model = place[name] = Mammoth(self.value(), 1.0)
            for attribute in ("food", "friend", "more"):
                setattr(model, attribute, self.value())
            if self.random.random() < 0.3:
                INotes(model).text = self.random.choice(WORDS)
            self.models.append(model)


def told(value: Any) -> Any:
    """Return a value in a form that can be compared, models as what they are."""
    if isinstance(value, Mammoth):
        return ("model", value._p_oid)
    if isinstance(value, dict | PersistentMapping | OOBTree):
        found: Any = sorted((key, told(each)) for key, each in value.items())
    elif isinstance(value, frozenset):
        found = sorted(value)
    elif isinstance(value, list | tuple | PersistentList):
        found = [told(each) for each in value]
    else:
        found = value
    return (type(value).__name__, repr(found))


def compare(one: Any, two: Any) -> int:
    """Compare objects and all below; return the number of objects."""
    assert type(one) is type(two)
    states = [
        {name: told(value) for name, value in attributes(each).items()}
        for each in (one, two)
    ]
    assert states[0] == states[1], one.__name__
    if isinstance(one, Mammoth):
        assert INotes(one).text == INotes(two).text
        return 1
    assert list(one) == list(two)
    return 1 + sum(compare(one[name], two[name]) for name in one)


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_of_an_application_has_all_that_it_has(zoo: ServerSite, seed: int):
    one = create_application(Zoo, zoo.root, "one")
    Seeded(seed).fill(one)
    zoo.commit()
    archive = zoo.checkout("/one")

    answer = zoo.request(
        "POST", "/@@checkin.snarf?name=two&src=one", "manager", archive.dump()
    )

    assert answer.status_int == 200, answer.text
    two = zoo.root["two"]
    assert compare(one, two) == COUNT + 1
