"""Trees of a site on Python 2, checked in to ours."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.component import provideUtility
from zope.dublincore.interfaces import IZopeDublinCore
from zope.schema.interfaces import IIterableSource

from zope.app.fssync.testing import recorded
from zope.app.fssync.testing.registrations import aliases_undone
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.compat.described import tree
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IMarker
from zope.fssync.interfaces import ITextEncoding
from zope.fssync.pickle import canonical

CORE = "zope.app.dublincore.ZopeDublinCore"
MARKER = "zope.schema.interfaces.IIterableSource"


def check_in(site, name: str, data: bytes, view: str = "checkin", query: str = ""):
    return site.request(
        "POST",
        f"/@@{view}.snarf?name={name}&src={name}&report=1{query}",
        "manager",
        data,
    )


@pytest.mark.parametrize("name", ["demo", "names", "site"])
def test_a_tree_arrives_with_its_dates_texts_and_types(site, name: str) -> None:
    old = Archive.parse(recorded(f"{name}.snarf"))
    response = check_in(site, name, recorded(f"{name}.snarf"))
    assert response.status_int == 200, response.text
    new = site.checkout(f"/{name}")
    compared = 0
    for path, data in old.items():
        if path.endswith((CORE, "/contentType")):
            assert canonical(new[path]) == canonical(data), path
            compared += 1
    assert compared >= 2


def test_dublin_core_is_that_of_the_old_site(site) -> None:
    check_in(site, "demo", recorded("demo.snarf"))
    core = IZopeDublinCore(site.root["demo"]["readme.txt"])
    assert core.title == "Lies mich: äöüß 中文"
    assert core.creators == ("zope.zsync",)
    assert core.created.year == core.modified.year
    archive = Archive.parse(recorded("demo.snarf"))
    text = archive[f"demo/@@Zope/Annotations/readme.txt/{CORE}"].decode()
    assert core.modified.isoformat()[:19] in text


def test_a_site_has_its_site_manager(site) -> None:
    check_in(site, "site", recorded("site.snarf"))
    manager = site.root["site"].getSiteManager()
    assert manager.__parent__ == site.root["site"]
    assert manager.__bases__ == (site.root.getSiteManager(),)


class TestRehearsal:
    def test_migration_says_what_it_would_do_and_changes_nothing(self, site) -> None:
        storage = site.layer.db.storage
        before = tree(site.root, dates=True), storage.lastTransaction()
        response = check_in(site, "demo", recorded("demo.snarf"), "rehearse-checkin")
        assert response.status_int == 200
        assert response.text == (
            "Nothing was changed, this was a rehearsal.\ndemo: 16 objects\n"
        )
        site.commit()
        assert storage.lastTransaction() == before[1]
        assert tree(site.root, dates=True) == before[0]

    def test_migration_lists_all_that_cannot_be_carried(self, site) -> None:
        archive = Archive.parse(recorded("demo.snarf"))
        for name in ("readme.txt", "crlf.txt"):
            archive.set_entry(f"demo/{name}", factory="gone.away.Document")
        archive[f"demo/@@Zope/Annotations/page.html/{CORE}"] = (
            b'<?xml version="1.0" encoding="utf-8" ?><pickle>'
            b'<global name="system" module="os"/></pickle>'
        )
        for view in ("rehearse-checkin", "checkin"):
            response = check_in(site, "demo", archive.dump(), view)
            assert response.status_int == 400
            lines = response.text.splitlines()
            assert lines[0] == "Nothing was committed:"
            for path in ("demo/readme.txt", "demo/crlf.txt"):
                assert f"{path}: 'gone.away.Document' is not allowed as a factory" in (
                    lines
                )
            assert any("page.html" in line and "os.system" in line for line in lines)
            assert "demo" not in site.root


def test_values_of_every_kind_arrive_or_are_named(site) -> None:
    data = (files("zope.fssync.tests") / "data/tofs/pickles.snarf").read_bytes()
    response = check_in(site, "pickles", data, "rehearse-checkin")
    refused = [line.split(":")[0] for line in response.text.splitlines()[1::2]]
    objects = "pickles/@@Zope/Annotations/objects"
    assert refused == [
        f"{objects}/sample.func",
        f"{objects}/sample.named",
        f"{objects}/sample.newstyle",
        f"{objects}/sample.shared",
        "pickles/page.pt",
    ]
    archive = Archive.parse(data)
    for path in refused:
        archive.remove(path)
    # 3.6.0 loses what files provide; folders have it.
    archive.set_entry("pickles/marked.txt", provides=MARKER)
    # It has to be declared here, as everything the new site does not know.
    response = check_in(site, "pickles", archive.dump())
    assert f'<fssync:marker interface="{MARKER}" />' in response.text
    registry = getGlobalSiteManager()
    registry.registerUtility(IIterableSource, IMarker, MARKER)
    try:
        check_in(site, "pickles", archive.dump())
    finally:
        registry.unregisterUtility(provided=IMarker, name=MARKER)
    scalars = IAnnotations(site.root["pickles"]["scalars"])
    assert scalars["sample.long"] == 10**30
    assert scalars["sample.tenth"] == 0.1
    strings = IAnnotations(site.root["pickles"]["strings"])
    assert strings["sample.high"] == b"\xe4\xff"
    assert strings["sample.plain"] == "plain"
    marked = site.root["pickles"]["marked.txt"]
    assert IIterableSource.providedBy(marked)
    entry = site.checkout("/pickles").entries("pickles")["marked.txt"]
    assert entry["provides"] == MARKER


def with_strings(**strings: bytes) -> bytes:
    """The sample tree with one annotation more, a dictionary of byte strings."""
    from base64 import b64encode

    archive = Archive.parse(recorded("demo.snarf"))
    items = "".join(
        f'<item key="{key}"><string encoding="base64">{b64encode(value).decode()}'
        "</string></item>"
        for key, value in strings.items()
    )
    stamp = b64encode(b"\x07\xd9\x03\x0b").decode()
    archive.set_entry("demo/@@Zope/Annotations/readme.txt/notes", type="x.y")
    archive["demo/@@Zope/Annotations/readme.txt/notes"] = (
        f'<?xml version="1.0" encoding="utf-8" ?><pickle><dictionary>{items}'
        '<item key="when"><initialized_object><klass>'
        '<global name="date" module="datetime"/></klass><arguments><tuple>'
        f'<string encoding="base64">{stamp}</string></tuple></arguments>'
        "</initialized_object></item></dictionary></pickle>"
    ).encode()
    return archive.dump()


class TestByteStrings:
    STRINGS = {
        "umlaut": "Größe\r\n".encode(),
        "latin": "Größe".encode("latin-1"),
        "binary": b"\0\1\2",
    }

    def notes(self, site) -> dict:
        return IAnnotations(site.root["demo"]["readme.txt"])["notes"]

    def test_byte_strings_stay_bytes_and_are_listed(self, site) -> None:
        response = check_in(site, "demo", with_strings(**self.STRINGS))
        assert response.text == (
            "demo: 16 objects\n"
            "demo/@@Zope/Annotations/readme.txt/notes: 3 byte strings kept as bytes\n"
        )
        notes = self.notes(site)
        assert str(notes.pop("when")) == "2009-03-11"
        assert notes == self.STRINGS

    def test_a_declared_encoding_makes_text_of_what_is_text(self, site) -> None:
        data = with_strings(**self.STRINGS)
        response = check_in(site, "demo", data, query="&encoding=utf-8")
        assert response.text.splitlines()[1] == (
            "demo/@@Zope/Annotations/readme.txt/notes: "
            "1 byte string read as utf-8 text, 2 byte strings kept as bytes"
        )
        notes = self.notes(site)
        assert str(notes.pop("when")) == "2009-03-11"
        assert notes == {**self.STRINGS, "umlaut": "Größe\r\n"}

    def test_a_site_declares_it_once_for_all(self, site) -> None:
        provideUtility("latin-1", ITextEncoding)
        try:
            check_in(site, "demo", with_strings(**self.STRINGS))
        finally:
            getGlobalSiteManager().unregisterUtility("latin-1", ITextEncoding)
        assert self.notes(site)["latin"] == "Größe"

    def test_an_unknown_encoding_is_refused(self, site) -> None:
        for name in ("klingon", "base64"):
            response = check_in(
                site, "demo", recorded("demo.snarf"), query=f"&encoding={name}"
            )
            assert response.status_int == 400
            assert "unknown encoding" in response.text


def test_zsync_prints_the_summary_and_what_it_does_not_send(
    site, tmp_path: Path, monkeypatch, capsys
) -> None:
    from zope.app.fssync.cli.main import main
    from zope.app.fssync.tests.scenarios.compat.support import serving
    from zope.app.fssync.tests.scenarios.compat.workingcopies import unpack

    top = unpack("demo-checkout", tmp_path / "old")
    (top / "stray.txt").write_bytes(b"never added")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(top.parent)
    with serving(site) as live:
        url = f"{live.url}/arrived"
        assert main(["checkin", "--dry-run", url, "demo"]) == 0
        assert capsys.readouterr().out == (
            "Nothing was changed, this was a rehearsal.\narrived: 16 objects\n"
            "not sent: demo/stray.txt\n"
        )
        assert "arrived" not in live.root
        assert main(["checkin", url, "demo"]) == 0
        assert capsys.readouterr().out == (
            "arrived: 16 objects\nnot sent: demo/stray.txt\n"
        )
        assert "arrived" in live.root


ZCML = """
<configure xmlns="http://namespaces.zope.org/zope"
           xmlns:fssync="http://namespaces.zope.org/fssync">
  <include package="zope.component" file="meta.zcml" />
  <include package="zope.app.fssync" file="meta.zcml" />
  <fssync:alias old="acme.site.Document" new="zope.app.file.file.File" />
  <fssync:moved old="acme.shop" new="string" />
  <fssync:allow component="string.Template" />
  <fssync:textEncoding name="utf-8" />
</configure>
"""


class TestDirectives:
    @pytest.fixture
    def told(self, site):
        """The names of a site that has been told what became of its classes."""
        from zope.component import getGlobalSiteManager
        from zope.configuration import xmlconfig

        with aliases_undone():
            xmlconfig.string(ZCML)
            yield
        manager = getGlobalSiteManager()
        manager.unregisterUtility(provided=ITextEncoding)
        manager.unregisterUtility(provided=IAllowedGlobal, name="string.Template")

    def test_classes_of_another_name_arrive(self, site, told) -> None:
        archive = Archive.parse(with_strings(text="Größe".encode()))
        archive.set_entry(
            "demo/readme.txt", type="acme.site.Document", factory="acme.site.Document"
        )
        path = "demo/@@Zope/Annotations/readme.txt/notes"
        archive[path] = archive[path].replace(
            b"</dictionary>",
            b'<item key="template"><object><klass><global name="Template" '
            b'module="acme.shop"/></klass><attributes><attribute name="template">'
            b"<string>$x</string></attribute></attributes></object></item></dictionary>",
        )
        response = check_in(site, "demo", archive.dump())
        assert response.status_int == 200, response.text
        file = site.root["demo"]["readme.txt"]
        assert file.__class__ is File
        notes = IAnnotations(file)["notes"]
        assert notes["template"].template == "$x"
        assert notes["text"] == "Größe"
