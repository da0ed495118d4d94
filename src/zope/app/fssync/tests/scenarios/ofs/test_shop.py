"""What checks out of a real instance can be committed there."""

from __future__ import annotations

import pytest

from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.testing.controldata import Part
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.metadata import dump_entries

pytestmark = pytest.mark.slow

SHOP = '<include package="zope.app.fssync.testing.ofs" file="shop.zcml" />'

SITE = """
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from Products.Five.component import enableSite
from zope.app.fssync.testing.ofs.shop import BlobDocument, Mirror, ShopFolder
from zope.component import getGlobalSiteManager
from zope.component.persistentregistry import PersistentComponents
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
from Products.PythonScripts.PythonScript import manage_addPythonScript
app.acl_users._doAddUser("dev", "dev", [], [])
app.acl_users._doAddUser("Ann Bee", "ab", ["Manager"], [])
app._setObject("demo", Folder("demo"))
demo = app.demo
demo._setObject("shop", ShopFolder("shop"))
demo.shop._setObject("m1", DTMLMethod("one", __name__="m1"))
demo.shop._setObject("gone", DTMLMethod("gone", __name__="gone"))
demo.shop._setObject("inner", Folder("inner"))
demo.shop.inner.manage_addFile("a.txt", b"a", content_type="text/plain")
demo.manage_addFile("plain.txt", b"plain", content_type="text/plain")
demo._setObject("box", Folder("box"))
demo.box._setObject("papers", Folder("papers"))
demo.box.papers._setObject("paper", BlobDocument("paper", b"%PDF" * 3000))
demo._setObject("closed", Folder("closed"))
demo.closed._setObject("m1", DTMLMethod("one", __name__="m1"))
demo.closed.m1.manage_setLocalRoles("dev", ["Manager"])
demo._setObject("site", Folder("site"))
local = PersistentComponents("local", (getGlobalSiteManager(),))
demo.site.setSiteManager(local)
enableSite(demo.site)
demo.site._setObject("mirror", Mirror("mirror"))
demo._setObject("words", Folder("words"))
demo.words.manage_addFile("a.txt", b"a", content_type="text/plain")
manage_addPageTemplate(demo.words, "page", title="T", text="<p>one</p>")
manage_addPythonScript(demo.words, "run")
demo._setObject("swap", Folder("swap"))
demo.swap.manage_addProperty("teaser", "about it", "string")
demo.swap.remark = "an attribute"
demo.swap.stays = "another"
demo.swap.manage_addFile("child", b"child", content_type="text/plain")
"""

STORAGE = "   <filestorage>"
BLOBS = f"{STORAGE}\n     blob-dir $INSTANCE/var/blobs"


@pytest.fixture(scope="module")
def zope(tmp_path_factory):
    instance = ZopeInstance(tmp_path_factory.mktemp("zope") / "instance", zcml=SHOP)
    conf = instance.conf.read_text()
    assert STORAGE in conf
    instance.conf.write_text(conf.replace(STORAGE, BLOBS))
    instance.script(SITE)
    with instance.running():
        yield instance


@pytest.fixture
def person(tmp_path):
    return Person(tmp_path)


def url(zope, path, user="zsync:zsync"):
    return f"http://{user}@127.0.0.1:{zope.port}{path}"


def checked_out(zope, path, user="zsync:zsync"):
    answer = zope.request("GET", f"{path}/@@toFS.snarf", user)
    assert answer.status == 200, answer.text
    return Archive.fresh(answer.body)


def committed(zope, path, archive, user="zsync:zsync"):
    return zope.request("POST", f"{path}/@@fromFS.snarf", user, body=archive.dump())


class TestContainers:
    """Nothing is asked of a container that is not to be changed."""

    def test_a_method_in_an_undescribed_folder_is_committed(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/shop/m1"), "work")
        (person.place / "work" / "m1").write_bytes(b"two")
        assert "Sending   work/m1\n" in person.zsync("commit", "work")
        assert zope.request("GET", "/demo/shop/m1").body == b"two"
        assert person.zsync("update", "work") == "Up to date.\n"

    def test_so_is_what_lies_in_a_folder_there(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/shop/inner"), "work")
        (person.place / "work" / "inner" / "a.txt").write_bytes(b"b")
        (person.place / "work" / "inner" / "b.txt").write_bytes(b"new")
        person.zsync("add", "work/inner/b.txt")
        person.zsync("commit", "work")
        assert zope.request("GET", "/demo/shop/inner/a.txt").body == b"b"
        assert zope.request("GET", "/demo/shop/inner/b.txt").body == b"new"

    def test_so_is_one_in_a_folder_that_is_withheld(self, zope):
        archive = checked_out(zope, "/demo/closed/m1", "dev:dev")
        archive.edit("m1", b"two")
        answer = committed(zope, "/demo/closed/m1", archive, "dev:dev")
        assert answer.status == 200, answer.text
        assert zope.request("GET", "/demo/closed/m1").body == b"two"

    def test_removing_needs_the_container(self, zope):
        archive = checked_out(zope, "/demo/shop/gone")
        archive.remove("gone")
        answer = committed(zope, "/demo/shop/gone", archive)
        assert answer.status == 409
        assert "gone cannot be added, replaced or removed" in answer.text
        assert "ShopFolder" in answer.text
        assert zope.request("GET", "/demo/shop/gone").status == 200

    def test_a_checkin_there_is_refused_with_the_reason(self, zope):
        archive = checked_out(zope, "/demo/plain.txt")
        answer = zope.request(
            "POST",
            "/demo/shop/@@checkin.snarf?name=plain.txt",
            body=archive.dump(),
        )
        assert answer.status == 409
        assert "ShopFolder" in answer.text


class TestBlobs:
    def test_shop_is_a_file_that_is_changed_and_goes_elsewhere(self, zope, person):
        location = url(zope, "/demo/box/papers")
        person.zsync("checkout", location, "work")
        blob = Part(person.place / "work/papers/@@Zope/Extra/paper/blob-1")
        assert blob.read_bytes() == b"%PDF" * 3000
        pickle = person.place / "work/papers/paper"
        pickle.write_bytes(pickle.read_bytes().replace(b"Title", b"Other"))
        person.zsync("commit", "work")
        assert person.zsync("update", "work") == "Up to date.\n"
        assert blob.read_bytes() == b"%PDF" * 3000
        blob.write_bytes(b"edited" * 50_000)
        person.zsync("commit", "work")
        assert person.zsync("status", "work") == ""
        person.zsync("checkin", url(zope, "/demo/box/copy"), "work/papers")
        person.zsync("checkout", url(zope, "/demo/box/copy"), "beside")
        copy = Part(person.place / "beside/copy/@@Zope/Extra/paper/blob-1")
        assert copy.read_bytes() == b"edited" * 50_000
        assert b"Other" in (person.place / "beside/copy/paper").read_bytes()

    def test_an_emptied_one_cannot_be_committed(self, zope):
        archive = Archive()
        kind = "zope.app.fssync.testing.ofs.shop.BlobDocument"
        archive["@@Zope/Entries.xml"] = dump_entries({"paper": {"type": kind}})
        archive["paper"] = EMPTIED
        archive.set_entry("paper", flag="added")
        answer = zope.request(
            "POST", "/demo/box/papers/@@checkin.snarf?name=other&src=paper",
            body=archive.dump(),
        )  # fmt: skip
        assert answer.status == 400
        assert "a blob has no bytes in a pickle" in answer.text


EMPTIED = b"""<?xml version="1.0" encoding="utf-8" ?>
<pickle>
  <object>
    <klass>
      <global name="BlobDocument" module="zope.app.fssync.testing.ofs.shop"/>
    </klass>
    <attributes>
      <attribute name="bodies">
          <list>
            <object>
              <klass>
                <global name="Blob" module="ZODB.blob"/>
              </klass>
            </object>
          </list>
      </attribute>
      <attribute name="id">
          <string>paper</string>
      </attribute>
      <attribute name="title">
          <string>New</string>
      </attribute>
    </attributes>
  </object>
</pickle>
"""


class TestFaults:
    """What does not compile is told, and refused to who asks for that."""

    def test_a_script_with_a_fault(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/words"), "work")
        script = person.place / "work" / "words" / "run"
        script.write_text("return (\n")
        fault = "words/run:1: '(' was never closed\n"
        assert fault in person.zsync("commit", "--strict", "work", status=6)
        said = person.zsync("commit", "work")
        assert f"warning: work/{fault}" in said
        assert "Traceback" not in said
        script.write_text("return 1\n")
        person.zsync("commit", "work")

    def test_a_template_with_a_fault_in_an_expression(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/words"), "work")
        page = person.place / "work" / "words" / "page"
        before = page.read_text()
        page.write_text("<p>\n<b tal:content='python: ('>x</b></p>\n")
        fault = "words/page:2: '(' was never closed in an expression\n"
        assert fault in person.zsync("commit", "--strict", "work", status=6)
        assert f"warning: work/{fault}" in person.zsync("commit", "work")
        page.write_text(before)
        assert "warning" not in person.zsync("commit", "work")

    def test_unknown_types_and_roles_are_refused_with_their_files(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/words"), "work")
        extra = person.place / "work" / "words" / "@@Zope" / "Extra" / "a.txt"
        Part(extra / "permissions").write_text("View\n    Managerr\n")
        properties = Part(extra / "properties")
        before = properties.read_text()
        properties.write_text(before + "p_new (integer) = 7\n")
        said = person.zsync("commit", "work", status=6)
        assert "HTTP error 409" in said
        assert "there is no type of properties 'integer'" in said
        properties.write_text(before)
        said = person.zsync("commit", "work", status=6)
        assert "work/words/@@a.txt.meta: there is no role 'Managerr'\n" in said
        assert zope.request("GET", "/demo/words/a.txt").status == 200


class TestSurroundings:
    """A streamed checkout has those of any other request."""

    @pytest.mark.parametrize(
        "prefix", ["", "/VirtualHostBase/http/www.example.com:80/demo/VirtualHostRoot"]
    )
    def test_a_synchronizer_finds_the_same(self, zope, prefix):
        path = "/site" if prefix else "/demo/site"
        view = f"{prefix}{path}/@@toFS.snarf?query=x"
        told = {"User_Agent": "zsync test"}
        whole = zope.request("GET", view, **told)
        streamed = zope.request("GET", view, **told, **{STATE: NO_STATE})
        assert STREAMED in streamed.headers
        assert STREAMED not in whole.headers
        seen = Archive.parse(whole.body)["site/mirror"].decode()
        assert "site /demo/site\n" in seen
        assert "user zsync\n" in seen
        assert "agent zsync test\n" in seen
        assert "same True\n" in seen
        assert "interaction True\n" in seen
        if prefix:
            assert "url http://www.example.com/site/mirror\n" in seen
        assert Archive.parse(streamed.body)["site/mirror"].decode() == seen


class TestNames:
    """Properties and items of a folder share names; some names nothing can have."""

    def properties(self, person, change):
        path = Part(person.place / "work/@@Zope/Extra/swap/properties")
        lines = path.read_text().splitlines(True)
        path.write_text("".join(change(lines)))

    def test_a_property_becomes_a_child_in_one_commit_and_back(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/swap"), "work")
        child = person.place / "work/swap/teaser"
        self.properties(
            person, lambda lines: [x for x in lines if not x.startswith("teaser")]
        )
        child.write_text("a file now\n")
        person.zsync("add", "work/swap/teaser")
        person.zsync("commit", "work")
        assert person.zsync("status", "work") == ""
        assert zope.request("GET", "/demo/swap/teaser").text == "a file now\n"
        person.zsync("remove", "work/swap/teaser")
        self.properties(person, lambda lines: [*lines, "teaser (string) = back\n"])
        person.zsync("commit", "work")
        assert person.zsync("status", "work") == ""
        answer = zope.request("GET", "/demo/swap/propertyItems")
        assert "('teaser', 'back')" in answer.text

    def test_an_attribute_becomes_a_child_in_one_commit(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/swap"), "work")
        attributes = Part(person.place / "work/@@Zope/Extra/swap/attributes")
        head, _, rest = attributes.read_text().partition('<item key="remark">')
        assert "an attribute" in rest
        attributes.write_text(head.rstrip() + rest.partition("</item>")[2])
        (person.place / "work/swap/remark").write_text("a file now\n")
        person.zsync("add", "work/swap/remark")
        person.zsync("commit", "work")
        assert zope.request("GET", "/demo/swap/remark").text == "a file now\n"

    def test_a_name_that_a_property_keeps_is_refused(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/swap"), "work")
        (person.place / "work/swap/title").write_text("x")
        person.zsync("add", "work/swap/title")
        said = person.zsync("commit", "work", status=6)
        assert "HTTP error 409" in said
        assert 'The id "title" is invalid - it is already in use.' in said

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("_macros.pt", "it begins with an underscore"),
            ("x__", "it ends with two underscores"),
            ("aq_x", 'it begins with "aq_"'),
            ("REQUEST", "it is already in use"),
        ],
    )
    def test_a_name_that_zope_refuses_is_refused_with_its_reason(
        self, zope, person, name, reason
    ):
        person.zsync("checkout", url(zope, "/demo/swap"), "work")
        (person.place / "work/swap" / name).write_text("<p>x</p>\n")
        person.zsync("add", f"work/swap/{name}")
        said = person.zsync("commit", "work", status=6)
        assert "HTTP error 409" in said
        assert f"swap/{name}: BadRequest: The id " in said
        assert reason in said


def test_objects_their_name_and_their_folder_imply_have_no_description(zope, person):
    person("checkout", "--layout", "3", url(zope, "/demo/shop/inner"), "plain")
    person("checkout", "--layout", "3", url(zope, "/demo/box"), "plain")
    place = person.place / "plain"
    found = {str(path.relative_to(place)) for path in place.rglob("*.meta")}
    # Other tests may have made a copy of the papers.
    found = {path for path in found if not path.startswith("box/copy/")}
    assert found == {"box/@@.meta", "box/papers/@@paper.meta", "inner/@@.meta"}
    assert person("status", "plain") == ""


def test_objects_that_fail_are_named_and_the_rest_is_checked_out(zope, person):
    # There is no site on the way, which the synchronizer of the mirror asks for.
    said = person.zsync("checkout", url(zope, "/demo"), "work")
    name = "demo/site/mirror"
    assert f"warning: the server left out {name}, its log tells why" in said
    assert (person.place / "work/demo/plain.txt").read_bytes() == b"plain"
    assert not (person.place / "work" / name).exists()
    assert f"{name} cannot be read" in zope.log()
    said = person.zsync("status", "work").splitlines()
    assert [line.partition(": ")[0] for line in said] == ["warning", "hint"]
    assert name in said[0]
    assert person.zsync("update", "work").endswith("Up to date.\n")
    assert (person.place / "work/demo/plain.txt").read_bytes() == b"plain"


def test_a_user_name_with_a_blank_works_for_all_verbs(zope, person):
    location = url(zope, "/demo/plain.txt", "Ann%20Bee:ab")
    person.zsync("checkout", location, "work")
    assert person.zsync("update", "work") == "Up to date.\n"
    (person.place / "work/plain.txt").write_bytes(b"by Ann")
    person.zsync("commit", "work")
    assert zope.request("GET", "/demo/plain.txt").body == b"by Ann"
    # The last word alone might be another user.
    assert "  Ann Bee\n" in person.zsync("log", "-l", "1", "work")
    person.zsync("logout", location.replace(":ab", ""))
    assert "no password for Ann Bee" in person.zsync("update", "work", status=4)
    said = person.zsync("checkout", url(zope, "/demo", "a%3Ab:c"), "other", status=1)
    assert "a user name is text without a colon: 'a:b'" in said


CONTENT_TYPE = "content_type (string) = "


class TestNormalized:
    """What Zope stores in its own words comes back, and nothing is left to commit."""

    @pytest.fixture
    def script(self, zope, person):
        person.zsync("checkout", url(zope, "/demo/words"), "work")
        person.zsync("downgrade", "work")
        return person.place / "work" / "words" / "run"

    def settled(self, person, *taken):
        said = person.zsync("commit", "work")
        assert person.zsync("status", "work") == "".join(f"? {t}\n" for t in taken)
        assert person.zsync("commit", "work") == "Nothing to commit.\n"
        assert person.zsync("update", "work") == "Up to date.\n"
        return said

    @pytest.mark.parametrize(
        "source",
        [
            b"return 1\r\nreturn 2\r\n",
            b"return 1\n\n\n",
            b'## Script (Python) "other"\n##frob=1\nreturn 3\n',
        ],
    )
    def test_a_script_is_as_it_is_stored(self, person, script, source):
        script.write_bytes(source)
        self.settled(person)

    @pytest.mark.parametrize(
        "line",
        [
            "text/plain; charset=utf-8",
            "text/html;charset=latin-1",
            "TEXT/Plain; x=1; a=2",
        ],
    )
    @pytest.mark.parametrize("name", ["a.txt", "page"])
    def test_a_content_type_is_as_it_is_stored(self, person, script, line, name):
        part = Part(script.parent / "@@Zope" / "Extra" / name / "properties")
        lines = part.read_text().splitlines()
        kind = [each for each in lines if each.startswith("content_type")]
        part.write_text(part.read_text().replace(kind[0], f"{CONTENT_TYPE}{line}"))
        self.settled(person)

    def test_properties_in_another_order_are_the_same(self, person, script):
        part = Part(script.parent / "@@Zope" / "Extra" / "page" / "properties")
        before = part.read_text()
        part.write_text("\n".join(reversed(before.splitlines())) + "\n\n")
        assert "warning" not in self.settled(person)
        assert part.read_text() == before

    def test_a_title_with_blanks_is_as_it_is_stored(self, person, script):
        part = Part(script.parent / "@@Zope" / "Extra" / "a.txt" / "properties")
        part.write_text(part.read_text().replace('""', '   Hello   "there" '))
        self.settled(person)
