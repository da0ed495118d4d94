"""git with servers whose history is packed, lost, not kept, or not all to be seen."""

from __future__ import annotations

import json
import shutil
import zlib

import pytest
import transaction
from zope.app.file.file import File
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.server.changes.records import keep_record
from zope.app.fssync.testing.gitperson import GitPerson
from zope.app.fssync.tests.scenarios.changesonly.conftest import server as server
from zope.app.fssync.tests.scenarios.changesonly.conftest import site as site
from zope.app.fssync.tests.scenarios.changesonly.conftest import wire as wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site

pytestmark = pytest.mark.slow


@pytest.fixture
def jane(tmp_path) -> GitPerson:
    return GitPerson(tmp_path)


def url(server, login: str = "manager") -> str:
    host = server.url.removeprefix("http://")
    return f"http://{login}:{login}pw@{host}/area/demo"


def edit(site: Site, content: bytes, name: str = "two.txt", note: str = "") -> None:
    with site.changing() as root:
        transaction.get().note(note)
        root["area"]["demo"]["docs"][name].data = content


def test_a_history_that_was_packed(server, wire, site, jane):
    before = jane.clone(url(server), "before")
    edit(site, b"2\n")
    site.db.pack()
    edit(site, b"3\n")
    clone = jane.clone(url(server), "clone")
    assert clone.log("%s")[-1].startswith("History begins here")
    assert clone.read("docs/two.txt") == "3\n"
    before("pull", "--quiet")
    assert before.read("docs/two.txt") == "3\n"
    assert before("diff", "origin/main", "--stat") == ""
    clone.write("docs/two.txt", "4\n")
    clone.commit("Four")
    clone("push", "--quiet")
    before("pull", "--quiet")
    assert before.read("docs/two.txt") == "4\n"


def test_a_server_that_was_put_back_is_refused(server, wire, site, jane):
    clone = jane.clone(url(server), "clone")
    site.database.back_up("old")
    edit(site, b"lost\n")
    clone("pull", "--quiet")
    site.restore("old")
    edit(site, b"another way\n")
    clone.write("docs/deep/one.txt", "mine\n")
    clone.commit("Mine")
    for verb in ("fetch", "push"):
        said = clone(verb, status=128)
        assert "it was put back from a backup" in said
    shutil.rmtree(clone.place / ".git/zsync/origin")
    clone("fetch", "--quiet")
    base = clone("merge-base", "origin/main", "main").strip()
    clone("rebase", "--quiet", "--onto", "origin/main", "HEAD~", "main")
    clone("push", "--quiet")
    assert base != clone.head()
    assert clone.read("docs/two.txt") == "another way\n"
    assert clone.read("docs/deep/one.txt") == "mine\n"


def test_withheld_files_are_no_commit_and_are_never_removed(server, wire, site, jane):
    with site.changing() as root:
        secret = root["area"]["demo"]["secret"]
        permissions = IPrincipalPermissionManager(secret)
        for permission in ("zope.View", "zope.ManageContent"):
            permissions.denyPermissionToPrincipal(permission, "zope.editor")
    clone = jane.clone(url(server, "editor"), "clone")
    assert not [path for path in clone.files() if "secret" in path]
    with site.changing() as root:
        root["area"]["demo"]["secret"]["plan.txt"].data = b"another plan\n"
        root["area"]["demo"]["docs"]["new.txt"] = File(b"new\n", "text/plain")
    clone("pull", "--quiet")
    assert clone.read("docs/new.txt") == "new\n"
    clone("rm", "-r", "--quiet", "docs")
    clone.commit("No documents")
    clone("push", "--quiet")
    with site.changing() as root:
        demo = root["area"]["demo"]
        assert "docs" not in demo
        assert demo["secret"]["plan.txt"].data == b"another plan\n"


def test_large_bodies_go_both_ways(server, wire, site, jane):
    clone = jane.clone(url(server), "clone")
    content = bytes(range(256)) * 20_000
    clone.write("docs/big.bin", content)
    clone.commit("Big")
    clone("push", "--quiet")
    other = jane.clone(url(server), "other")
    assert (other.place / "docs/big.bin").read_bytes() == content
    clone("pull", "--quiet")
    assert clone.head() == other.head()
    clone.write("docs/big.bin", content[1:])
    clone.commit("Smaller")
    clone.write("docs/big.bin", content[2:])
    clone.commit("Smaller still")
    clone("push", "--quiet")
    other("pull", "--quiet")
    assert (other.place / "docs/big.bin").read_bytes() == content[2:]


def test_a_file_for_git_goes_with_its_folder_and_gives_way_to_an_object(
    server, wire, site, jane
):
    clone = jane.clone(url(server), "clone")
    for path in (".gitignore", ".gitattributes", "docs/.gitignore"):
        clone.write(path, "# for git\n")
    clone.write("docs/two.txt", "2\n")
    clone.commit("Two")
    clone("push", "--quiet")
    with site.changing() as root:
        root["area"]["demo"][".gitignore"] = File(b"an object\n", "text/plain")
        del root["area"]["demo"]["docs"]
    clone("pull", "--quiet")
    assert clone.read(".gitignore") == "an object\n"
    assert clone.read(".gitattributes") == "# for git\n"
    assert not (clone.place / "docs").exists()
    clone.write(".gitignore", "mine\n")
    clone("rm", "--quiet", ".gitattributes")
    clone.commit("Mine")
    clone("push", "--quiet")
    with site.changing() as root:
        assert root["area"]["demo"][".gitignore"].data == b"mine\n"
    clone("pull", "--quiet")
    other = jane.clone(url(server), "other")
    assert other.head() == clone.head()
    assert ".gitattributes" not in other.files()


def test_names_that_differ_by_case_only(server, wire, site, jane):
    def files(clone) -> set[str]:
        return {path for path in clone.files() if not path.startswith(("docs", "secr"))}

    edit(site, b"2\n")
    clone = jane.clone(url(server), "clone")
    before = files(clone)
    with site.changing() as root:
        root["area"]["demo"]["Docs"] = Folder()
        root["area"]["demo"]["Docs"]["two.txt"] = File(b"other\n", "text/plain")
    clone("pull", "--quiet")
    assert clone.read("Docs/two.txt") == "other\n"
    assert clone.read("docs-1/two.txt") == "2\n"
    assert not (clone.place / "docs").exists()
    # What is changed is found on the server, too.
    edit(site, b"3\n")
    clone("pull", "--quiet")
    assert clone.read("docs-1/two.txt") == "3\n"
    clone.write("docs-1/two.txt", "4\n")
    clone.write("Docs/two.txt", "others\n")
    clone.commit("Both")
    clone("push", "--quiet")
    with site.changing() as root:
        demo = root["area"]["demo"]
        assert demo["docs"]["two.txt"].data == b"4\n"
        assert demo["Docs"]["two.txt"].data == b"others\n"
        del demo["docs"]["two.txt"]
    clone("pull", "--quiet")
    assert not (clone.place / "docs-1/two.txt").exists()
    assert jane.clone(url(server), "another").head() == clone.head()
    with site.changing() as root:
        del root["area"]["demo"]["Docs"]
    clone("pull", "--quiet")
    assert files(clone) == before
    assert (clone.place / "docs/deep").is_dir()
    another = jane.clone(url(server), "fresh")
    assert another.head() == clone.head()
    assert another.files() == clone.files()


def raw(parent: str, person: str = "Eve <eve> 1 +0000", more: str = "") -> str:
    """A commit as a record has it, of a tree that nobody has."""
    return (
        f"tree {'0' * 40}\nparent {parent}\nauthor {person}\ncommitter {person}\n"
        f"{more}\nPlanted\n"
    )


#: What somebody who may commit can keep with a transaction in place of a push.
PLANTED = {
    "no commits": lambda tip: [],
    "a branch as parent": lambda tip: [[raw("main"), "main", {}]],
    "an option as parent": lambda tip: [[raw("--all"), "--all", {}]],
    "a short id": lambda tip: [[raw(tip[:8]), tip[:8], {}]],
    "nobody": lambda tip: [[raw(tip, "Eve"), tip, {}]],
    "a date of no calendar": lambda tip: [
        [raw(tip, f"E <e> {'9' * 30} +0000"), tip, {}]
    ],
    "a line that git refuses": lambda tip: [[raw(tip, more="parent\n"), tip, {}]],
    "many commits": lambda tip: [
        [raw(tip, more=f"n {n}\n"), tip, {}] for n in range(2000)
    ],
    "many parents": lambda tip: [[raw(f"{tip}\nparent {tip}" * 500), tip, {}]],
    "a file in the place of a folder": lambda tip: [
        [raw(tip), tip, {"docs/two.txt/.gitignore": "t*\n"}]
    ],
    "an object in the place of a file for git": lambda tip: [
        [raw(tip), tip, {"docs/.gitignore/.gitignore": "t*\n", ".gitignore": "t*\n"}]
    ],
}


@pytest.mark.parametrize("what", PLANTED)
def test_nobody_keeps_others_from_fetching(server, wire, site, jane, what):
    clone = jane.clone(url(server), "clone")
    record = json.dumps(PLANTED[what](clone.head())).encode()
    files = clone.files() | {".gitignore"}
    with site.changing() as root:
        demo = root["area"]["demo"]
        demo["docs"]["two.txt"].data = b"planted\n"
        keep_record(demo, zlib.compress(record))
    clone("pull", "--quiet")
    assert clone.read("docs/two.txt") == "planted\n"
    edit(site, b"after\n")
    for each in (clone, jane.clone(url(server), "another")):
        each("pull", "--quiet")
        assert each.read("docs/two.txt") == "after\n"
        assert each.files() <= files | {"docs/.gitignore/.gitignore"}
        each("fsck", "--strict")
    assert clone.head() == jane.clone(url(server), "third").head()


#: Names of objects, and of the directories that a clone has for them.
ODD_NAMES = {
    "a\nb": "a_b",
    ".git": "_.git",
    "git~2": "_git~2",
    "..\\x": ".._x",
    "--upload-pack=x": "--upload-pack=x",
    '"M 120000 inline': '"M 120000 inline',
}


def test_names_that_no_file_can_have_keep_nobody_from_cloning(server, wire, site, jane):
    before = jane.clone(url(server), "before")
    with site.changing() as root:
        for name in ODD_NAMES:
            folder = root["area"]["demo"][name] = Folder()
            folder["hooks"] = File(b"1\n", "text/plain")
    with site.changing() as root:
        for name in ODD_NAMES:
            root["area"]["demo"][name]["hooks"].data = b"2\n"
    before("pull", "--quiet")
    for each in (before, jane.clone(url(server), "clone")):
        for file in ODD_NAMES.values():
            assert each.read(f"{file}/hooks") == "2\n"
        each("fsck", "--strict")
        assert each.status() == "## main...origin/main"
    assert before.head() == jane.clone(url(server), "third").head()
