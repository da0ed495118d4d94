"""A real site of Plone over ZEO, with content of every common type."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.plone.environment import RELEASE
from zope.app.fssync.testing.plone.environment import environment
from zope.app.fssync.testing.plone.environment import locked
from zope.app.fssync.testing.plone.environment import plone_python
from zope.app.fssync.testing.plone.environment import state

__all__ = ["PloneInstance", "running_site"]

#: What scripts of tests begin with: ``site`` is the site.
PREPARE = """
import io
from zope.component.hooks import setSite
from zope.globalrequest import setRequest
setRequest(app.REQUEST)
site = getattr(app, "Plone", None)
if site is not None:
    setSite(site)
"""

#: A site as the classic distribution makes it.
SITE = """
import gc
from Products.CMFPlone.factory import addPloneSite
# Types that are made twice have interfaces of the same name, and zope.interface fails
# where one of them is collected.
gc.disable()
admin = app.acl_users.getUserById("zsync").__of__(app.acl_users)
newSecurityManager(None, admin)
site = addPloneSite(
    app, "Plone", title="Plone", distribution_name="classic", setup_content=True,
    default_language="en",
)
setSite(site)
"""

#: Another site, to which content is brought.
OTHER_SITE = """
import transaction
transaction.commit()
setSite(None)
admin = app.acl_users.getUserById("zsync").__of__(app.acl_users)
newSecurityManager(None, admin)
addPloneSite(
    app, "Live", title="Live", distribution_name="classic", setup_content=False,
    default_language="en",
)
"""

#: Content of the types that come with Plone, and people.
CONTENT = """
import datetime
from PIL import Image
from plone import api
from plone.app.textfield.value import RichTextValue
from plone.namedfile.file import NamedBlobFile, NamedBlobImage
from z3c.relationfield import RelationValue
from zope.component import getUtility
from zope.event import notify
from zope.intid.interfaces import IIntIds
from zope.lifecycleevent import ObjectModifiedEvent

def png(colour):
    stream = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(stream, "PNG")
    return stream.getvalue()

def rich(text):
    return RichTextValue(text, "text/html", "text/x-html-safe")

def picture(name, colour):
    return NamedBlobImage(png(colour), "image/png", name)

work = api.content.create(site, "Folder", "work", title="Work")
page = api.content.create(
    work, "Document", "page", title="A page", description="Of work",
    subject=("garden", "house"), text=rich("<p>Hello</p>\\n"),
)
api.content.create(
    work, "File", "data", title="Data",
    file=NamedBlobFile(bytes(range(256)) * 1000, "application/x-data", "data.bin"),
)
api.content.create(
    work, "Image", "pic.png", title="A picture", image=picture("pic.png", "red")
)
news = api.content.create(
    work, "News Item", "news", title="News", text=rich("<p>New</p>"),
    image=picture("lead.png", "blue"), image_caption="Blue",
)
api.content.create(
    work, "Link", "link", title="A link", remoteUrl="https://plone.org"
)
noon = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)
api.content.create(
    work, "Event", "event", title="An event", location="Vienna", start=noon,
    end=noon + datetime.timedelta(hours=2),
)
api.content.create(
    work, "Collection", "found", title="Pages", sort_on="modified",
    query=[{
        "i": "portal_type", "o": "plone.app.querystring.operation.selection.any",
        "v": ["Document"],
    }],
)
page.relatedItems = [RelationValue(getUtility(IIntIds).getId(news))]
notify(ObjectModifiedEvent(page))
api.content.transition(page, "publish")
for name in ("editor", "reader"):
    api.user.create(email=f"{name}@example.com", username=name, password="secret-1234")
site.acl_users.portal_role_manager.doAssignRoleToPrincipal("editor", "Editor")
site.acl_users.portal_role_manager.doAssignRoleToPrincipal("editor", "Contributor")
site.manage_permission("FSSync: Check out", ["Manager", "Member"], acquire=1)
site.manage_permission("FSSync: Commit", ["Manager", "Member"], acquire=1)
"""


CONSOLE = '<include package="zope.app.fssync.testing.plone" file="console.zcml" />\n'


class PloneInstance(ZopeInstance):
    """An instance of Plone with a storage server; the package needs no line of ZCML."""

    def __init__(self, place: Path, executable: str) -> None:
        self.executable = executable
        super().__init__(place, by="nothing", zeo=True)
        includes = place / "etc" / "package-includes"
        includes.mkdir()
        (includes / "console-configure.zcml").write_text(CONSOLE)

    def environment(self) -> dict[str, str]:
        """See `ZopeInstance`."""
        return environment()

    def _use_zeo(self) -> None:
        head, rest = self.conf.read_text().split("   <filestorage>", 1)
        _, tail = rest.split("</filestorage>", 1)
        blobs = self.place / "var" / "blobs"
        storage = (
            f"   <zeoclient>\n    server 127.0.0.1:{self.zeo_port}\n"
            f"    blob-dir {blobs}\n    shared-blob-dir true\n   </zeoclient>"
        )
        self.conf.write_text(head + storage + tail)

    def _storage_options(self) -> list[str]:
        var, conf = self.place / "var", self.place / "etc" / "zeo.conf"
        conf.write_text(
            f"<zeo>\n address 127.0.0.1:{self.zeo_port}\n</zeo>\n"
            f"<filestorage 1>\n path {var / 'Data.fs'}\n blob-dir {var / 'blobs'}\n"
            "</filestorage>\n"
        )
        return ["-C", str(conf)]

    def script(self, source: str) -> str:
        """See `ZopeInstance`: with ``site``, and as its request."""
        return super().script(PREPARE + source)

    def run(self, source: str) -> str:
        """Run a script in the server, with ``app`` and ``site``; it commits."""
        answer = self.request("POST", "/Plone/@@console", body=source.encode())
        assert answer.status in (200, 204), answer.text
        return answer.text


def _make(place: Path, executable: str) -> None:
    """Make the database of a new site in ``place``."""
    instance = PloneInstance(place, executable)
    with instance.storage():
        instance.script(SITE + CONTENT + OTHER_SITE)


def _prepared(executable: str, release: str) -> Path:
    """Return the data of a site, which is made once for all tests."""
    name = f"site-{release}-{state(release, SITE, CONTENT, OTHER_SITE)}"
    with locked() as place:
        if not (place / name).exists():
            for old in place.glob(f"site-{release}-*"):
                shutil.rmtree(old)
            unfinished = place / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            _make(unfinished, executable)
            (unfinished / "var").rename(place / name)
            shutil.rmtree(unfinished)
        return place / name


@contextmanager
def running_site(place: Path, release: str = RELEASE) -> Iterator[PloneInstance]:
    """Run a copy of the site in ``place``."""
    executable = plone_python(release)
    data = _prepared(executable, release)
    instance = PloneInstance(place, executable)
    for name in ("Data.fs", "Data.fs.index", "blobs"):
        source, target = data / name, place / "var" / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, target)
    (place / "inituser").unlink(missing_ok=True)
    with instance.storage(), instance.running():
        yield instance
