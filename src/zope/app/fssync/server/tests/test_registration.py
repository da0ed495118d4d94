"""What is known of a registered factory, however it was registered."""

from __future__ import annotations

from typing import Any

from zope.interface import provider

from zope.app.fssync.server.registration import Described
from zope.app.fssync.server.registration import Registration
from zope.app.fssync.server.registration import registration
from zope.fssync.interfaces import IExclusive
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import ISynchronizerFactory


class Plain:
    content_type = None

    def __init__(self, context: Any) -> None:
        self.context = context


@provider(IExclusive)
class Closed(Plain):
    inherited = False

    @staticmethod
    def make(klass: Any) -> Any:
        return klass()


def test_a_description_says_what_was_registered() -> None:
    told = Registration(Plain, "zope.View", "zope.ManageContent", content_type="a/b")
    described = Described(told, True)
    assert ISynchronizerFactory.providedBy(described)
    assert not IMaker.providedBy(described)
    assert registration(described) is told
    assert described(1).context == 1
    assert described(1).content_type == "a/b"
    assert Plain(1).content_type is None


def test_a_description_provides_what_its_factory_does() -> None:
    described = Described(Registration(Closed), True)
    assert IExclusive.providedBy(described)
    assert IMaker.providedBy(described)
    assert described.make(dict) == {}
    # The factory knows better than the registration.
    assert not described.inherited
    assert Described(Registration(Plain), True).inherited
    assert not Described(Registration(Plain), False).inherited


def test_a_maker_of_the_registration_comes_first() -> None:
    described = Described(Registration(Closed), True, lambda klass: "made")
    assert described.make(dict) == "made"


def test_a_bare_factory_is_an_adapter_without_a_permission() -> None:
    found = registration(Plain)
    assert (found.factory, found.permission) == (Plain, None)
    assert found.adapter
