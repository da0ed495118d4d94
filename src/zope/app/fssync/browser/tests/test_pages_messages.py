"""Every text of the pages has a translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pythongettext.msgfmt import Msgfmt
from zope.component import provideUtility
from zope.i18n.gettextmessagecatalog import GettextMessageCatalog
from zope.i18n.interfaces import ITranslationDomain
from zope.i18n.translationdomain import TranslationDomain

import zope.app.fssync
from zope.app.fssync.testing.serversite import ServerSite

TOP = Path(*zope.app.fssync.__path__)
LOCALES = TOP / "locales"
PAGES = (TOP / "browser" / "pages", TOP / "hosts" / "toolkit", TOP / "server")
I18N = "{http://xml.zope.org/namespaces/i18n}"


def compiled(language: str) -> GNUTranslations:
    path = LOCALES / language / "LC_MESSAGES" / "zope.app.fssync.po"
    with path.open("rb") as stream:
        return GNUTranslations(Msgfmt(stream, "zope.app.fssync").getAsFile())


def texts() -> Iterator[str]:
    for folder in PAGES:
        for path in folder.glob("*.pt"):
            yield from of_template(path.read_text("utf-8"))
        for path in folder.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                    yield node.args[0].value  # type: ignore[attr-defined]


def of_template(text: str) -> Iterator[str]:
    spaces = " ".join(
        f'xmlns:{name}="http://xml.zope.org/namespaces/{name}"'
        for name in ("tal", "i18n", "metal")
    )
    text = text.replace("<!DOCTYPE html>", "")
    for each in ElementTree.fromstring(f"<all {spaces}>{text}</all>").iter():
        if each.get(f"{I18N}translate") is not None:
            yield message(each)
        for name in (each.get(f"{I18N}attributes") or "").split():
            yield each.get(name) or ""


def message(element: ElementTree.Element) -> str:
    parts = [element.text or ""]
    for child in element:
        parts += [f"${{{child.get(f'{I18N}name')}}}", child.tail or ""]
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def test_every_text_is_translated_and_no_other() -> None:
    known = {each for each in compiled("de")._catalog if each}  # type: ignore[attr-defined]
    assert set(texts()) == known


@pytest.mark.parametrize(
    ("language", "text"), [("de,en;q=0.5", "Befehl"), ("en", "Command")]
)
def test_a_page_is_in_the_language_of_the_person(
    site: ServerSite, tmp_path: Path, language: str, text: str
) -> None:
    path = LOCALES / "de" / "LC_MESSAGES" / "zope.app.fssync.po"
    made = tmp_path / "zope.app.fssync.mo"
    with path.open("rb") as stream:
        made.write_bytes(Msgfmt(stream, "zope.app.fssync").getAsFile().read())
    domain = TranslationDomain("zope.app.fssync")
    domain.addCatalog(GettextMessageCatalog("de", "zope.app.fssync", str(made)))
    provideUtility(domain, ITranslationDomain, "zope.app.fssync")
    response = site.request(
        "GET", "/@@synchronize.html", "manager", Accept_Language=language
    )
    assert f">{text}</label>" in response.text
