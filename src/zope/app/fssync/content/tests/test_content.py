"""Synchronizers of content types, each with the real class where it exists."""

from __future__ import annotations

import io
import sys
import tracemalloc
import types

import pytest
import transaction
from zope.app.file.file import MAXCHUNKSIZE
from zope.app.file.file import File
from zope.app.file.file import FileChunk
from zope.app.file.image import Image
from zope.configuration import xmlconfig
from zope.file.file import File as BlobFile
from zope.interface.verify import verifyObject
from zope.site.folder import Folder
from zope.site.site import LocalSiteManager

from zope.app.fssync.content.blob.adapter import BlobFileSynchronizer
from zope.app.fssync.dtmlpage.adapter import DTMLPageAdapter
from zope.app.fssync.dublincore.adapter import ZDCAnnotationDataSynchronizer
from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.app.fssync.folder.adapter import LocalSiteManagerGenerator
from zope.app.fssync.module.adapter import ModuleAdapter
from zope.app.fssync.testing.registrations import adapters_undone
from zope.app.fssync.zptpage.adapter import ZPTPageAdapter
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDefaultSynchronizer
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IObjectGenerator
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.registry.synchronizers import find

PIXEL = b"GIF89a\x02\x00\x03\x00"


def dumped(synchronizer) -> bytes:
    stream = io.BytesIO()
    synchronizer.dump(stream)
    return stream.getvalue()


class Pages:
    """Stands for ZPTPage and DTMLPage, which there are none of on Python 3."""

    source = ""

    def getSource(self):
        return self.source

    def setSource(self, source):
        assert isinstance(source, str)
        self.source = source


class Modules:
    """Stands for ModuleManager."""

    name = "sample"
    source = ""

    def update(self, source):
        assert isinstance(source, str)
        self.source = source


@pytest.mark.parametrize(
    ("interface", "synchronizer"),
    [
        (IFileSynchronizer, FileSynchronizer(File())),
        (IFileSynchronizer, BlobFileSynchronizer(None)),
        (IFileSynchronizer, ZPTPageAdapter(Pages())),
        (IFileSynchronizer, DTMLPageAdapter(Pages())),
        (IFileSynchronizer, ModuleAdapter(Modules())),
        (IStreamedSerializer, FileSynchronizer(File())),
        (IStreamedSerializer, BlobFileSynchronizer(None)),
        (IDefaultSynchronizer, ZDCAnnotationDataSynchronizer(None)),
        (IDirectorySynchronizer, FolderSynchronizer({})),
        (IObjectGenerator, LocalSiteManagerGenerator()),
    ],
)
def test_synchronizers_keep_their_contract(interface, synchronizer):
    assert verifyObject(interface, synchronizer)


class TestFile:
    @pytest.mark.parametrize(
        "size", [0, 1, MAXCHUNKSIZE - 1, MAXCHUNKSIZE, MAXCHUNKSIZE + 1, 300_000]
    )
    def test_any_size_comes_back(self, size):
        data = bytes(range(256)) * (size // 256 + 1)
        file = File()
        FileSynchronizer(file).load(io.BytesIO(data[:size]))
        assert file.data == data[:size]
        assert file.getSize() == size
        assert dumped(FileSynchronizer(file)) == data[:size]

    def test_a_subclass_that_dumps_something_else_is_not_streamed(self):
        class Upper(FileSynchronizer):
            def dump(self, writeable):
                writeable.write(self.context.data.upper())

        class Tagged(FileSynchronizer):
            pass

        file = File(b"text")
        assert FileSynchronizer(file).size() == Tagged(file).size() == 4
        assert Upper(file).size() is None

    def test_a_small_file_is_stored_as_a_form_stores_it(self):
        file = File(b"old" * 100_000)
        FileSynchronizer(file).load(io.BytesIO(b"small"))
        assert isinstance(file._data, FileChunk)
        assert file._data.next is None

    def test_a_body_that_is_no_chunk_is_dumped(self):
        file = File()
        file.data = io.BytesIO(b"stored as a form stores an upload")
        assert isinstance(file._data, bytes)
        assert dumped(FileSynchronizer(file)) == file.data

    def test_a_truncated_image_is_stored(self):
        image = Image()
        data = (
            b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff"
        )
        for size in range(len(data) + 1):
            FileSynchronizer(image).load(io.BytesIO(data[:size]))
            assert image.data == data[:size]
            assert image.getImageSize() == (-1, -1)

    @pytest.mark.parametrize(
        ("content_type", "binary"),
        [("text/x", None), ("image/x", "true"), ("", "true")],
    )
    def test_binary_is_what_has_no_lines(self, content_type, binary):
        metadata = FileSynchronizer(File(b"", content_type)).metadata() or {}
        assert metadata.get("binary") == binary

    def test_the_content_type_is_changed(self):
        file = File(b"", "text/plain")
        assert FileSynchronizer(file).setextras({"contentType": "text/html"})
        assert file.contentType == "text/html"

    @pytest.mark.parametrize(
        "odd", [b"text/html", "A title\nof two", "a\rX-Evil: yes", "\x01", "größe"]
    )
    def test_the_content_type_is_a_header(self, odd):
        file = File(b"", "text/plain")
        with pytest.raises(SynchronizationError, match="not a line of plain ASCII"):
            FileSynchronizer(file).setextras({"contentType": odd})
        assert file.contentType == "text/plain"

    def test_a_content_type_that_is_no_header_fails_no_later_request(self, site):
        site.root["demo"] = File(b"text", "text/plain")
        site.commit()
        archive = site.checkout("/demo")
        path = "@@Zope/Extra/demo/contentType"
        archive.edit(path, archive[path].replace(b"text/plain", b"A title\nof two"))
        data = archive.dump()
        answer = site.request("POST", "/demo/@@fromFS.snarf", "manager", data)
        assert answer.status_int == 409
        assert "the content type is not a line of plain ASCII text" in answer.text
        assert site.request("GET", "/demo", "manager").status_int == 200

    def test_a_large_image_knows_its_size(self):
        image = Image()
        FileSynchronizer(image).load(io.BytesIO(PIXEL + bytes(MAXCHUNKSIZE)))
        assert image.getImageSize() == (2, 3)
        assert image.getSize() == len(PIXEL) + MAXCHUNKSIZE

    @pytest.mark.slow
    def test_memory_stays_flat_with_a_large_file(self, site):
        class Zeros:
            left = 128 << 20

            def read(self, size):
                size = min(size, self.left)
                self.left -= size
                return bytes(size)

        class Nothing:
            size = 0

            def write(self, data):
                self.size += len(data)

        file = site.root["large"] = File()
        transaction.savepoint()
        tracemalloc.start()
        try:
            FileSynchronizer(file).load(Zeros())
            loading = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
            transaction.savepoint()
            target = Nothing()
            FileSynchronizer(file).dump(target)
            dumping = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert target.size == 128 << 20
        assert loading < 32 << 20
        assert dumping < 32 << 20


class TestFolder:
    def test_the_site_manager_is_one_item_more(self):
        folder = Folder()
        synchronizer = FolderSynchronizer(folder)
        folder["a"] = File()
        assert [key for key, _ in synchronizer.iteritems()] == ["a"]
        with pytest.raises(KeyError):
            synchronizer["++etc++site"]
        folder.setSiteManager(LocalSiteManager(folder, default_folder=False))
        assert [key for key, _ in synchronizer.iteritems()] == ["a", "++etc++site"]
        assert synchronizer["++etc++site"] is folder.getSiteManager()

    def test_only_a_site_manager_becomes_one(self):
        with pytest.raises(SynchronizationError):
            FolderSynchronizer(Folder())["++etc++site"] = File()

    def test_a_replaced_site_manager_is_linked_up_and_down(self):
        outer, inner = Folder(), Folder()
        outer.setSiteManager(LocalSiteManager(outer, default_folder=False))
        inner.__parent__ = outer
        inner.setSiteManager(LocalSiteManager(inner, default_folder=False))
        below, old = inner.getSiteManager(), outer.getSiteManager()
        below.__bases__ = (old,)
        new = LocalSiteManager(outer, default_folder=False)
        new.__bases__ = old.__bases__
        synchronizer = FolderSynchronizer(outer)
        del synchronizer["++etc++site"]
        assert below.__bases__ == old.__bases__
        synchronizer["++etc++site"] = new
        assert below.__bases__ == (new,)
        assert new.subs == (below,)

    def test_names_the_container_refuses_are_refused(self, site):
        synchronizer = FolderSynchronizer(site.root)
        for name in ("@view", "+add", "a/b", ""):
            with pytest.raises(Exception, match=r".+"):
                synchronizer[name] = File()
            assert name not in site.root

    def test_a_site_is_committed_and_can_be_removed(self, site):
        folder = site.root["demo"] = Folder()
        folder.setSiteManager(LocalSiteManager(folder))
        site.commit()
        archive = site.checkout("/demo")
        assert site.accept("/demo", archive) == archive
        path = "demo/++etc++site"
        archive.edit(path, archive[path].replace(b"default", b"special"))
        site.accept("/demo", archive)
        manager = site.root["demo"].getSiteManager()
        assert list(manager) == ["special"]
        assert manager.__parent__ == site.root["demo"]
        assert manager in site.root.getSiteManager().subs
        archive = site.checkout("/demo")
        archive.remove(path)
        site.accept("/demo", archive)
        assert site.root.getSiteManager().subs == ()


class TestBlob:
    def test_a_blob_is_checked_out_and_committed(self, site):
        file = site.root["blob"] = BlobFile("text/plain", {"charset": "utf-8"})
        with file.open("w") as stream:
            stream.write(b"in a blob")
        site.commit()
        archive = site.checkout("/blob")
        assert archive["blob"] == b"in a blob"
        assert "binary" not in archive.entries()["blob"]
        archive.edit("blob", b"out of a file" * 100_000)
        archive.edit(
            "@@Zope/Extra/blob/mimeType",
            archive["@@Zope/Extra/blob/mimeType"].replace(b"plain", b"html"),
        )
        site.accept("/blob", archive)
        file = site.root["blob"]
        assert file.size == 1_300_000
        assert (file.mimeType, file.parameters) == ("text/html", {"charset": "utf-8"})

    def test_a_new_blob_is_made(self, site):
        site.root["demo"] = Folder()
        site.commit()
        archive = site.checkout("/demo")
        archive.add("demo/new", b"new", factory="zope.file.file.File")
        site.accept("/demo", archive)
        with site.root["demo"]["new"].openDetached() as stream:
            assert stream.read() == b"new"

    @pytest.mark.parametrize(
        "extras",
        [
            *({"mimeType": 1}, {"parameters": []}, {"parameters": {"a": 1}}),
            *({"mimeType": "a\nb"}, {"parameters": {"charset": "a\r\nX: y"}}),
        ],
    )
    def test_extras_are_texts(self, extras):
        with pytest.raises(SynchronizationError):
            BlobFileSynchronizer(BlobFile()).setextras(extras)


class TestSources:
    @pytest.mark.parametrize("adapter", [ZPTPageAdapter, DTMLPageAdapter])
    def test_the_source_of_a_page_is_utf_8(self, adapter):
        page = Pages()
        adapter(page).load(io.BytesIO("<p>Größe</p>".encode()))
        assert page.source == "<p>Größe</p>"
        assert dumped(adapter(page)) == "<p>Größe</p>".encode()
        with pytest.raises(SynchronizationError):
            adapter(page).load(io.BytesIO(b"\xff"))

    def test_the_source_of_a_module_is_utf_8_and_its_name_an_extra(self):
        module = Modules()
        ModuleAdapter(module).load(io.BytesIO(b"x = 1\n"))
        assert module.source == "x = 1\n"
        assert dumped(ModuleAdapter(module)) == b"x = 1\n"
        assert ModuleAdapter(module).extras() == {"name": "sample"}
        with pytest.raises(SynchronizationError):
            ModuleAdapter(module).load(io.BytesIO(b"\xff"))

    @pytest.mark.parametrize("there", [True, False])
    @pytest.mark.parametrize(
        ("name", "module", "klass"),
        [
            ("zptpage", "zope.app.zptpage.zptpage", "ZPTPage"),
            ("dtmlpage", "zope.app.dtmlpage.dtmlpage", "DTMLPage"),
            ("module", "zope.app.module.manager", "ModuleManager"),
        ],
    )
    def test_their_configuration_is_complete(
        self, configured_layer, monkeypatch, name, module, klass, there
    ):
        stand_in = types.ModuleType(module)
        kind = type(klass, (Modules,), {"__module__": module})
        setattr(stand_in, klass, kind)
        for each in (module.rpartition(".")[0], module):
            monkeypatch.setitem(sys.modules, each, stand_in if there else None)
        context = xmlconfig.string(
            f"""
            <configure xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
              <include package="zope.security" file="permissions.zcml" />
              <include package="zope.app.security" file="standardpermissions.zcml" />
              <include package="zope.app.fssync.{name}" />
            </configure>
            """,
            execute=False,
        )
        with adapters_undone():
            context.execute_actions(clear=False, testing=True)
            found = find(kind())
        assert found is not None
        assert (found.how, found.registered_for) == (
            ("adapter", f"{module}.{klass}") if there else ("default", "")
        )


def test_including_everything_twice_is_no_conflict(configured_layer):
    xmlconfig.string(
        """
        <configure xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
          <include package="zope.app.fssync" />
          <include package="zope.app.fssync.file" />
          <include package="zope.app.fssync.folder" />
          <include package="zope.app.fssync.dublincore" />
          <include package="zope.app.fssync" />
        </configure>
        """,
        execute=False,
    ).execute_actions(testing=True)
