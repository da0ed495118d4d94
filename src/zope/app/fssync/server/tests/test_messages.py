"""Texts of the server for people at a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zope.component import getGlobalSiteManager
from zope.component import provideUtility
from zope.i18n import interpolate
from zope.i18n.interfaces import ITranslationDomain

from zope.app.fssync.server.messages import DOMAIN
from zope.app.fssync.server.messages import translated
from zope.fssync.messages import _


class German:
    domain = DOMAIN

    texts = {"${a} and ${b}": "${a} und ${b}", "more": "mehr"}

    def translate(self, text: str, mapping: Any = None, *options: Any) -> str:
        return str(interpolate(self.texts.get(text, text), mapping))


@pytest.fixture
def german(site: Any) -> Iterator[None]:
    domain = German()
    provideUtility(domain, ITranslationDomain, DOMAIN)
    yield
    getGlobalSiteManager().unregisterUtility(domain, ITranslationDomain, DOMAIN)


TEXT = _("${a} and ${b}", mapping={"a": _("more"), "b": "more ${a}"})


@pytest.mark.usefixtures("german")
def test_a_message_is_translated_with_those_in_it() -> None:
    assert translated(TEXT, None) == "mehr und more ${a}"
    assert translated(f"{TEXT}", None) == "more and more ${a}"
