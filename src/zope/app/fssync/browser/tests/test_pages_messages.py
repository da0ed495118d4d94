"""Every text of the pages has a translation."""

from __future__ import annotations

import ast
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import webtest
from pythongettext.msgfmt import Msgfmt
from zope.app.file.file import File
from zope.component import provideUtility
from zope.i18n import interpolate
from zope.i18n.gettextmessagecatalog import GettextMessageCatalog
from zope.i18n.interfaces import ITranslationDomain
from zope.i18n.translationdomain import TranslationDomain

import zope.app.fssync
import zope.fssync
from zope.app.fssync.browser.pages.get import GetPage
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync import errors

TOP = Path(*zope.app.fssync.__path__)
LOCALES = TOP / "locales"
#: The folders with texts: those of the pages, and of what these show.
FOLDERS = (
    *(TOP / name for name in ("browser", "content", "folder", "hosts", "server")),
    Path(*zope.fssync.__path__),
)
VALUE = re.compile(r"\$\{\w+\}")
I18N = "{http://xml.zope.org/namespaces/i18n}"


def compiled(language: str) -> GNUTranslations:
    path = LOCALES / language / "LC_MESSAGES" / "zope.app.fssync.po"
    with path.open("rb") as stream:
        return GNUTranslations(Msgfmt(stream, "zope.app.fssync").getAsFile())


def texts() -> Iterator[str]:
    for folder in FOLDERS:
        for path in folder.rglob("*.pt"):
            yield from of_template(path.read_text("utf-8"))
        for path in folder.rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                    yield ast.literal_eval(node.args[0])


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
    found = {each for each in texts() if VALUE.sub("", each).strip(" \n:;")}
    assert found == known


#: What pages show of zope.fssync: it meets content, descriptions, names and pickles.
SHOWN = (
    *("description/reading.py", "description/lines.py", "description/entries.py"),
    *("itemtext.py", "paths.py", "markers.py", "pickle.py", "synchronizer.py"),
    *("registry", "task", "xmlpickle/reader.py", "xmlpickle/construct.py"),
)


def plain_errors(path: Path) -> Iterator[str]:
    """Errors of ours that are raised with a text that no catalog can translate."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = getattr(getattr(node, "func", None), "id", "")
        if not (isinstance(node, ast.Call) and node.args and hasattr(errors, name)):
            continue
        if isinstance(node.args[0], ast.Constant | ast.JoinedStr):
            yield f"{path}:{node.lineno}"


def test_errors_that_pages_show_can_be_translated() -> None:
    core = Path(*zope.fssync.__path__)
    folders = [TOP / name for name in ("content", "hosts", "browser/pages")]
    found: list[str] = []
    for place in (*folders, *(core / name for name in SHOWN)):
        paths = place.rglob("*.py") if place.is_dir() else [place]
        for path in paths:
            if "tests" not in path.parts:
                found += plain_errors(path)
    assert found == []


@pytest.fixture
def german(site: ServerSite, tmp_path: Path) -> None:
    """Register the German catalog."""
    path = LOCALES / "de" / "LC_MESSAGES" / "zope.app.fssync.po"
    made = tmp_path / "zope.app.fssync.mo"
    with path.open("rb") as stream:
        made.write_bytes(Msgfmt(stream, "zope.app.fssync").getAsFile().read())
    domain = TranslationDomain("zope.app.fssync")
    domain.addCatalog(GettextMessageCatalog("de", "zope.app.fssync", str(made)))
    provideUtility(domain, ITranslationDomain, "zope.app.fssync")


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("language", "text"), [("de,en;q=0.5", "Befehl"), ("en", "Command")]
)
def test_a_page_is_in_the_language_of_the_person(
    site: ServerSite, language: str, text: str
) -> None:
    response = site.request(
        "GET", "/@@synchronize.html", "manager", Accept_Language=language
    )
    assert f">{text}</label>" in response.text


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Accept_Language": "de"}, "Auf dem Server trat ein Fehler auf"),
        ({"Accept_Language": "en"}, "The server failed"),
        # This is no browser.
        ({}, "The server failed"),
    ],
)
def test_a_failure_is_told_in_the_language_of_the_person(
    site: ServerSite,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, Any],
    text: str,
) -> None:
    def fail(page: GetPage) -> str:
        raise KeyError("a secret")

    monkeypatch.setattr(GetPage, "main", fail)
    response = site.request("GET", "/@@synchronize.html", "manager", **headers)
    assert response.status_int == 500
    assert text in response.text
    assert "secret" not in response.text


class Marked:
    """A language in which each text stands between marks."""

    domain = "zope.app.fssync"

    def translate(self, text: str, mapping: Any = None, *options: Any) -> str:
        return f"«{interpolate(text, mapping)}»"


def unmarked(text: str) -> set[str]:
    """The words of a page that no catalog can translate, apart from its frame."""
    main = text[text.index('<div class="zsync"') :]
    words = re.sub(r'<[^>]*?(?:(?:alt|aria-label)="([^"]*)"[^>]*)?>', r" \1 ", main)
    while words != (words := re.sub("«[^«»]*»", "", words)):
        pass
    return set(re.findall(r"[^\W\d_][\w.@:/+-]*", words))


@pytest.fixture
def marked(demo: ServerSite) -> webtest.TestApp:
    demo.root["demo"]["a.txt"] = File(b"1\n", "text/plain")
    demo.commit()
    provideUtility(Marked(), ITranslationDomain, "zope.app.fssync")
    app = webtest.TestApp(demo.app.app)
    app.authorization = ("Basic", ("manager", "managerpw"))
    return app


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("synchronize.html", {"zsync", "edit", "--register"}),
        ("synchronize-put.html", set()),
        ("synchronize-history.html", {"demo"}),
        ("synchronize-history.html?at=x", set()),
        ("synchronize-look.html?principal=nobody", set()),
        ("synchronize-undo.html", set()),
    ],
)
def test_a_page_has_no_words_that_cannot_be_translated(
    marked: webtest.TestApp, page: str, data: set[str]
) -> None:
    response = marked.get(f"/demo/@@{page}", expect_errors=True)
    assert unmarked(response.text) <= data


@pytest.mark.parametrize(
    ("files", "data"),
    [
        (("a.txt",), {"demo/a.txt", "text"}),
        (("a.txt/b",), {"demo/a.txt", "demo/a.txt/b"}),
        (("b", "b"), {"b"}),
        ((), set()),
    ],
)
def test_a_rehearsal_has_no_words_that_cannot_be_translated(
    marked: webtest.TestApp, files: tuple[str, ...], data: set[str]
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in files:
            made.writestr(name, "text\n")
    form = marked.get("/demo/@@synchronize-put.html").form
    form["upload"] = webtest.Upload("a.zip", stream.getvalue())
    response = form.submit(expect_errors=True)
    assert "zsync" in response.text
    assert unmarked(response.text) <= data
    if files == ("a.txt",):
        done = response.form.submit("confirm")
        assert 'role="status"' in done.text
        assert not unmarked(done.text)
