"""git push to a server, by real git."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_push_is_a_transaction_and_the_same_commit_everywhere(folder, clone, another):
    other = another()
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Buy plums\n\nThey are ripe.")
    clone("push", "--quiet")
    assert folder.get("todo.txt") == "- buy plums\n"
    assert (
        "Buy plums They are ripe. Author in git: Jane <jane@example.org>"
        in folder.log()
    )
    assert clone.status() == "## main...origin/main"
    assert clone("fetch") == ""
    other("pull", "--quiet")
    assert other.head() == clone.head()
    assert other.log("%an <%ae> %b")[0] == "Jane <jane@example.org> They are ripe."


def test_several_commits_are_as_many_transactions(folder, clone, another):
    for fruit in ("plums", "pears", "cherries"):
        clone.write("todo.txt", f"- buy {fruit}\n")
        clone.commit(f"Buy {fruit}")
    clone("push", "--quiet")
    assert clone.status() == "## main...origin/main"
    assert [f"Buy {f}" in folder.log() for f in ("plums", "pears")] == [True, True]
    assert another().head() == clone.head()


def test_descriptions_that_the_server_adds_come_as_the_next_commit(
    folder, clone, another
):
    clone.write("new.txt", "new\n")
    clone.write("more/deep.txt", "deep\n")
    clone.commit("New files")
    clone("push", "--quiet")
    assert clone.status() == "## main...origin/main [behind 1]"
    assert "fast-forward" in clone("pull").casefold()
    assert {"@@new.txt.meta", "more/@@.meta"} <= clone.files()
    assert another().head() == clone.head()


def test_a_description_that_the_server_completes(folder, clone, another):
    text = clone.read("@@todo.txt.meta")
    lines = [line for line in text.splitlines() if not line.startswith("Creator")]
    clone.write("copy.txt", "copy\n")
    clone.write("@@copy.txt.meta", "\n".join([*lines, "Title = A copy", ""]))
    clone.commit("A copy with a title")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    assert "Title = A copy" in clone.read("@@copy.txt.meta")
    assert clone.status() == "## main...origin/main"
    assert another().head() == clone.head()


def test_others_were_faster(folder, clone):
    folder.put("fruit/apple.txt", "green\n")
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Buy plums")
    said = clone("push", status=1)
    assert "! [rejected]" in said
    assert "non-fast-forward" in said
    assert folder.get("todo.txt") == "- buy apples\n"
    clone("pull", "--quiet", "--rebase")
    clone("push", "--quiet")
    assert folder.get("todo.txt") == "- buy plums\n"
    assert clone.status() == "## main...origin/main"


def test_a_merge_is_one_transaction(folder, clone, another):
    folder.put("fruit/apple.txt", "green\n")
    for number in (1, 2):
        clone.write("todo.txt", f"- buy {number} plums\n")
        clone.commit(f"Buy {number} plums")
    clone("pull", "--quiet", "--no-edit")
    said = clone("push", status=1)
    assert "holds the password" in said
    clone("commit", "--quiet", "--amend", "--message", "Merge")
    clone("push", "--quiet")
    assert folder.get("todo.txt") == "- buy 2 plums\n"
    assert folder.get("fruit/apple.txt") == "green\n"
    assert clone.status() == "## main...origin/main"
    assert another().head() == clone.head()


def test_renames_are_moves(folder, clone):
    clone("mv", "fruit", "fresh")
    clone("mv", "todo.txt", "fresh/list.txt")
    clone.commit("Fresh")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    said = folder.zsync("log", "-v", "-l", "1", folder.url)
    assert "R fresh (from fruit)" in said or "fruit" in said
    assert folder.get("fresh/apple.txt") == "red\n"
    assert folder.get("fresh/list.txt") == "- buy apples\n"
    assert clone.status() == "## main...origin/main"


def test_removed_files_and_folders(folder, clone):
    clone("rm", "-r", "--quiet", "fruit", "todo.txt", "@@todo.txt.meta")
    clone.commit("Nothing left")
    clone("push", "--quiet")
    assert clone.status() == "## main...origin/main"
    assert folder.zsync("list", folder.url) == ""


def test_a_folder_stays_when_its_last_file_goes(folder, clone):
    clone("rm", "-r", "--quiet", "fruit/apple.txt")
    clone.commit("No apples")
    clone("push", "--quiet")
    clone("pull", "--quiet")
    assert folder.zsync("list", folder.url).split()[0] == "fruit/"
    assert clone.files() == {"@@.meta", "@@todo.txt.meta", "fruit/@@.meta", "todo.txt"}


def test_a_dry_run_asks_the_server_and_stores_nothing(folder, clone):
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Buy plums")
    clone("push", "--dry-run")
    assert folder.get("todo.txt") == "- buy apples\n"
    assert clone.status() == "## main...origin/main [ahead 1]"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("link", "symbolic link"),
        ("program", "such permission"),
        (".zsyncignore", "no content"),
    ],
)
def test_files_that_cannot_become_objects_are_refused(folder, clone, name, reason):
    if name == "link":
        (clone.place / name).symlink_to("todo.txt")
    else:
        clone.write(name, "text\n")
        if name == "program":
            (clone.place / name).chmod(0o755)
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Something else")
    said = clone("push", status=1)
    assert f"'{name}' is" in said
    assert reason in said
    assert folder.get("todo.txt") == "- buy apples\n"


def test_a_description_with_a_fault_is_named(folder, clone):
    clone.write("@@todo.txt.meta", "type\n")
    clone.commit("A fault")
    said = clone("push", status=1)
    assert "damaged description in @@todo.txt.meta: line 1" in said
    assert "git commit --amend" in said


def test_other_branches_tags_and_deletions_are_refused(folder, clone):
    clone("tag", "v1")
    assert "one branch" in clone("push", "origin", "v1", status=1)
    assert "one branch" in clone("push", "origin", "main:other", status=1)
    assert "deleted" in clone("push", "origin", ":main", status=1)


def test_history_is_not_rewritten(folder, clone):
    folder.put("todo.txt", "- buy plums\n")
    clone("pull", "--quiet")
    clone("reset", "--quiet", "--hard", "HEAD~")
    clone.write("todo.txt", "- buy pears\n")
    clone.commit("Another way")
    said = clone("push", "--force", status=1)
    assert "rejected" in said
    assert folder.get("todo.txt") == "- buy plums\n"
