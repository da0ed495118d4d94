"""Files that tell git what to do are in the commits, and no objects of the server."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.slow


def test_files_for_git_go_with_a_commit_to_every_clone(folder, clone, another):
    clone.write(".gitignore", "*.log\n")
    clone.write("fruit/.gitattributes", "*.txt text\n")
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Plums, and no logs")
    clone("push", "--quiet")
    assert ".git" not in folder.zsync("list", folder.url)
    other = another()
    assert other.head() == clone.head()
    assert other.read(".gitignore") == "*.log\n"
    folder.put("fruit/apple.txt", "green\n")
    for each in (clone, other):
        each("pull", "--quiet")
        assert each.read("fruit/.gitattributes") == "*.txt text\n"
        assert each.read("fruit/apple.txt") == "green\n"
    other.write(".gitignore", "*.log\n*.bak\n")
    other("rm", "--quiet", "fruit/.gitattributes")
    other.write("todo.txt", "- buy pears\n")
    other.commit("No backups")
    other("push", "--quiet")
    clone("pull", "--quiet")
    assert clone.head() == other.head()
    assert clone.read(".gitignore") == "*.log\n*.bak\n"
    assert not (clone.place / "fruit/.gitattributes").exists()


def test_alone_they_wait_for_an_object(folder, clone, another):
    clone.write(".gitignore", "*.log\n")
    clone.commit("No logs")
    clone("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    said = clone("push")
    assert "sent with the next commit" in said
    assert clone.status() == "## main...origin/main [ahead 2]"
    assert "No logs" not in folder.log()
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Buy plums")
    clone("push", "--quiet")
    assert clone.status() == "## main...origin/main"
    other = another()
    assert other.head() == clone.head()
    assert other.log()[:3] == ["Buy plums", "Nothing", "No logs"]


def test_a_fetch_of_all_again_comes_to_the_same(folder, clone):
    clone.write(".gitignore", "*.log\n")
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Plums, and no logs")
    clone("push", "--quiet")
    folder.put("todo.txt", "- buy pears\n")
    clone("pull", "--quiet")
    before = clone.head()
    shutil.rmtree(clone.place / ".git/zsync/origin")
    clone("fetch", "--quiet")
    assert clone.head("origin/main") == before
    clone("rm", "--quiet", ".gitignore")
    clone.write("todo.txt", "- buy figs\n")
    clone.commit("Figs")
    clone("push", "--quiet")
    assert ".gitignore" not in clone("ls-tree", "-r", "--name-only", "origin/main")


def test_files_for_git_are_merged_like_all_others(folder, clone, another):
    other = another()
    other.write(".gitignore", "*.bak\n")
    other.write("fruit/apple.txt", "green\n")
    other.commit("Green")
    other("push", "--quiet")
    clone.write(".gitattributes", "*.txt text\n")
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Plums")
    clone("fetch", "--quiet")
    clone("merge", "--quiet", "--message", "Both", "origin/main")
    clone("push", "--quiet")
    other("pull", "--quiet")
    assert other.head() == clone.head()
    assert {".gitignore", ".gitattributes"} <= other.files()
