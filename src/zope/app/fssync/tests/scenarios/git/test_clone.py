"""git clone, fetch and pull of a server, by real git."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_clone_has_content_descriptions_and_history(folder, jane):
    folder.put("todo.txt", "- buy apples\n- buy pears\n")
    clone = jane.clone(folder.url, "clone")
    assert clone.files() == {
        "@@.meta",
        "@@todo.txt.meta",
        "fruit/@@.meta",
        "fruit/@@apple.txt.meta",
        "fruit/apple.txt",
        "todo.txt",
    }
    assert clone.read("todo.txt") == "- buy apples\n- buy pears\n"
    assert "Creator = zope.zsync\n" in clone.read("@@todo.txt.meta")
    assert len(clone.log()) == 2
    assert clone("show", "HEAD~:todo.txt") == "- buy apples\n"
    assert clone.log("%an %ae")[0] == "zope.zsync zope.zsync"
    last = folder.log().split()[0]
    assert clone.log("%(trailers)")[0] == f"Zsync-Transaction: 0x{last}"
    assert "- buy pears" in clone("blame", "todo.txt")
    assert clone.status() == "## main...origin/main"


def test_a_fetch_brings_new_transactions_only(folder, clone):
    first = clone.head()
    assert clone("fetch") == ""
    folder.put("todo.txt", "- buy plums\n")
    folder.put("fruit/apple.txt", "green\n")
    clone("pull", "--quiet")
    assert clone.read("todo.txt") == "- buy plums\n"
    assert clone.read("fruit/apple.txt") == "green\n"
    assert clone("rev-list", "--count", f"{first}..HEAD").strip() == "2"
    assert clone("diff", "--name-only", "HEAD~").split() == ["fruit/apple.txt"]


def test_all_clones_have_the_same_commits(folder, clone, another):
    folder.put("todo.txt", "- buy plums\n")
    clone("pull", "--quiet")
    assert another().head() == clone.head()


def test_a_transaction_that_removes_and_moves(folder, clone):
    zsync = folder.zsync
    zsync("checkout", folder.url, "copy")
    zsync("move", "copy/shop/fruit", "copy/shop/fresh")
    zsync("remove", "copy/shop/todo.txt")
    zsync("commit", "-m", "Only fresh fruit", "copy")
    clone("pull", "--quiet")
    assert clone.files() == {
        "@@.meta",
        "fresh/@@.meta",
        "fresh/@@apple.txt.meta",
        "fresh/apple.txt",
    }
    assert clone.log()[0] == "Only fresh fruit"
    assert "rename fruit/apple.txt => fresh/apple.txt (100%)" in clone(
        "show", "--summary", "--find-renames"
    ) or "{fruit => fresh}/apple.txt" in clone("show", "--stat", "--find-renames")


def test_a_clone_of_the_last_transactions(folder, jane):
    for number in range(3):
        folder.put("todo.txt", f"- buy {number} apples\n")
    clone = jane.clone(folder.url, "clone", "--depth", "2")
    assert len(clone.log()) == 2
    assert clone("show", "HEAD~:todo.txt") == "- buy 1 apples\n"
    folder.put("todo.txt", "- buy pears\n")
    clone("pull", "--quiet")
    assert len(clone.log()) == 3


def test_such_a_clone_is_deepened(folder, jane, another):
    for number in range(6):
        folder.put("todo.txt", f"- buy {number} apples\n")
    clone = jane.clone(folder.url, "clone", "--depth", "2")
    last = clone.head()
    assert clone("rev-parse", "--is-shallow-repository") == "true\n"
    clone("fetch", "--quiet", "--deepen", "1")
    assert clone("show", "HEAD~2:todo.txt") == "- buy 3 apples\n"
    assert len(clone.log()) == 3
    folder.put("fruit/apple.txt", "green\n")
    clone("fetch", "--quiet", "--depth", "5")
    clone("merge", "--quiet", "--ff-only", "origin/main")
    assert len(clone.log()) == 5
    clone.write("todo.txt", "- buy pears\n")
    clone.commit("Pears")
    clone("push", "--quiet")
    assert clone("fetch", "--quiet", "--unshallow") == ""
    assert clone("rev-parse", "--is-shallow-repository") == "false\n"
    assert clone.head("HEAD~2") == last
    assert clone.log("%T") == another().log("%T")
    said = clone("fetch", "--unshallow", status=128)
    assert "does not make sense" in said
    clone("fsck", "--strict")


def test_ls_remote_needs_no_repository(folder, clone, jane):
    said = jane("ls-remote", f"zsync::{folder.url}")
    assert set(said.split()) == {clone.head(), "refs/heads/main", "HEAD"}


def test_a_wrong_password_is_told(folder, jane):
    url = folder.url.replace("zsync:zsync", "zsync:wrong")
    said = jane("clone", f"zsync::{url}", "clone", status=128)
    assert "HTTP error 401" in said
    assert "zsync:wrong" not in said.replace(url, "")


def test_bisect_finds_the_transaction_that_broke_something(folder, clone):
    for number in range(6):
        folder.put("todo.txt", f"- buy {number} apples{' badly' * (number > 3)}\n")
    clone("pull", "--quiet")
    clone("bisect", "start", "HEAD", "HEAD~6")
    said = clone("bisect", "run", "sh", "-c", "! grep -q badly todo.txt")
    first = clone.head("refs/bisect/bad")
    assert f"{first} is the first bad commit" in said
    assert clone("show", f"{first}:todo.txt") == "- buy 4 apples badly\n"
    clone("bisect", "reset")
    assert clone.status() == "## main...origin/main"
    assert "4 apples" in clone("blame", f"{first}", "--", "todo.txt")
