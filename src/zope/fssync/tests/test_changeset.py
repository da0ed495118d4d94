"""Archives of changes: what they speak of, how they are made, checked and committed."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zope.fssync import task
from zope.fssync.changeset import GONE
from zope.fssync.changeset import LIST
from zope.fssync.changeset import NODE
from zope.fssync.changeset import TREE
from zope.fssync.changeset import Scope
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.metadata import dump_entries
from zope.fssync.metadata import load_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.task.delta import Changed
from zope.fssync.task.delta import CheckoutChanges
from zope.fssync.tests.dictionaries import TEXT
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered

__all__ = ["registered"]

names = st.text("abcä-. ", min_size=1, max_size=3).filter(lambda n: n.strip(". "))
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
marks = st.lists(st.tuples(st.sampled_from([TREE, NODE, LIST, GONE]), paths))


class TestScope:
    @given(marks)
    def test_written_data_is_read_back(self, given: list[tuple[str, str]]) -> None:
        scope = Scope(given)
        again = Scope.loads(scope.dumps())
        assert again.dumps() == scope.dumps()
        assert Scope(reversed(given)).dumps() == scope.dumps()
        assert bool(again) == bool(given)
        for mark, path in given:
            assert again.has(mark, path)
            assert path in again.marked(mark)
            assert again.touches(path)
            assert again.touches(path.partition("/")[0])
            assert again.covers(f"{path}/below") == any(
                mark == TREE and f"{path}/".startswith(f"{top}/") for mark, top in given
            )

    @pytest.mark.parametrize(
        "data",
        [
            *(b"tree a", b"tree\n", b"tree \n", b"\n", b"all a\n", b"tree a\r\n"),
            *(b"TREE a\n", b"tree \xff\n", b"tree a\x00b\n", b" tree a\n"),
            *(b"tree ../a\n", b"tree /a\n", b"tree a//b\n", b"tree .\n", b"tree a/\n"),
        ],
    )
    def test_anything_else_is_refused(self, data: bytes) -> None:
        with pytest.raises((ArchiveDamaged, PathRefused)):
            Scope.loads(data)

    def test_changeset_has_no_more_paths_than_the_limit(self) -> None:
        limits = DEFAULT._replace(marks=4)
        Scope.loads(b"tree a/b/c/d\n" * 4, limits)
        with pytest.raises(LimitExceeded, match="more than 4 paths"):
            Scope.loads(b"tree a/b/c/d\n" * 4 + b"gone e\n", limits)

    def test_its_member_has_a_limit(self) -> None:
        repository = SnarfRepository(io.BytesIO(b"7 @@Zope/Changes\ntree a\n"))
        assert Scope.of(repository) is not None
        with pytest.raises(LimitExceeded):
            Scope.of(repository, DEFAULT._replace(entries_size=6))

    def test_an_archive_without_the_member_is_a_full_one(self) -> None:
        assert Scope.of(SnarfRepository(io.BytesIO(b"1 a\na"))) is None


def full(obj: Any) -> tuple[dict[str, bytes], list[str]]:
    repository = SnarfRepository(io.BytesIO(), True, True)
    checkout = task.Checkout(lookup, repository)
    checkout.perform(obj, "top")
    files = {path: repository.readFile(path) for path in repository.iterPaths()}
    return files, checkout.withheld


def some(obj: Any, changed: Changed) -> tuple[dict[str, bytes], list[str]]:
    repository = SnarfRepository(io.BytesIO(), True, True)
    checkout = CheckoutChanges(lookup, repository)
    checkout.perform_changes(obj, "top", changed)
    files = {path: repository.readFile(path) for path in repository.iterPaths()}
    return files, checkout.withheld


def changed_at(*keys: str, marks: tuple[str, ...] = (TREE,)) -> Changed:
    changed = Changed()
    changed.at(keys).marks.update(marks)
    return changed


class TestCheckoutOfChanges:
    @given(
        st.dictionaries(
            st.sampled_from(["a", "A", "ä", "ä", "b", "a-1", "A-1"]), st.booleans()
        ),
        st.sets(st.sampled_from(["a", "A", "ä", "ä", "b", "a-1", "A-1", "gone"])),
    )
    def test_names_are_those_of_a_full_checkout(
        self, items: dict[str, bool], wanted: set[str]
    ) -> None:
        tree = {
            key: Secret(b"s") if hidden else Text(key.encode(), key)
            for key, hidden in items.items()
        }
        changed = Changed()
        for key in wanted:
            changed.at([key]).marks.add(TREE)
        files, withheld = some(tree, changed)
        whole, hidden = full(tree)
        entries = "top/@@Zope/Entries.xml"
        assert set(withheld) <= set(hidden)
        assert len(withheld) == len(set(withheld))
        for path, data in files.items():
            if path not in (entries, Scope.member):
                assert whole[path] == data
        sent = {data.decode() for path, data in files.items() if path.count("/") == 1}
        shown = {key for key, is_hidden in items.items() if not is_hidden}
        assert sent - {""} >= wanted & shown
        if wanted - shown:
            # Something is withheld or gone: all there is to see is listed.
            assert files[entries] == whole[entries]

    def test_a_directory_can_be_told_of_alone(self) -> None:
        files, _ = some({"sub": {"a": Text(b"a")}}, changed_at("sub", marks=(NODE,)))
        assert "top/sub/a" not in files
        assert "top/sub/@@Zope/Entries.xml" in files
        assert files[Scope.member] == b"node top/sub\n"

    def test_nothing_changed_is_next_to_nothing(self) -> None:
        assert some({"a": Text(b"a")}, Changed()) == ({Scope.member: b""}, [])

    def test_a_user_who_may_not_see_the_top_is_sent_nothing(self) -> None:
        files, _ = some(Secret(b"s"), changed_at())
        assert files == {Scope.member: b""}


class Changes(Files):
    """A working copy that sends what it says is changed."""

    def scoped(self, *marks: tuple[str, str]) -> Changes:
        self[Scope.member] = Scope(marks).dumps()
        return self

    def sending(self, *names: str) -> Changes:
        """Keep only what belongs to these paths, and the way to them."""
        for path in list(self):
            if path.endswith("@@Zope/Entries.xml"):
                dir = path.removesuffix("@@Zope/Entries.xml").rstrip("/")
                entries = {
                    name: entry
                    for name, entry in load_entries(self[path]).items()
                    if any(
                        f"{each}/".startswith(f"{dir}/{name}/".lstrip("/"))
                        or f"{dir}/{name}/".startswith(f"{each}/")
                        for each in names
                    )
                    or "@@Zope" in dir
                }
                self[path] = dump_entries(entries)
                if entries:
                    continue
            elif "@@Zope/" in path or any(path.startswith(each) for each in names):
                continue
            del self[path]
        return self

    def errors(self, tree: Any, **options: Any) -> list[str]:
        repository = self.repository()
        check = task.Check(lookup, repository, scope=Scope.of(repository), **options)
        check.perform({"top": tree}, "top", "top")
        return check.errors()

    def bring(self, tree: Any) -> None:
        repository = self.repository()
        scope = Scope.of(repository)
        check = task.Check(lookup, repository, scope=scope)
        check.perform({"top": tree}, "top", "top")
        assert check.errors() == []
        commit = task.Commit(lookup, repository, scope=scope, unchanged=check.unchanged)
        commit.perform({"top": tree}, "top", "top")


@pytest.fixture
def tree() -> dict[str, Any]:
    return {
        "a": Text(b"alpha"),
        "b": Text(b"beta"),
        "sub": {"c": Text(b"gamma"), "d": Text(b"delta")},
    }


def edited(tree: Any, path: str = "top/sub/c") -> Changes:
    files = Changes.of(tree).sending(path).scoped((TREE, path))
    files[path] = b"mine"
    return files


class TestCommitOfChanges:
    def test_changes_elsewhere_do_not_matter(self, tree):
        files = edited(tree)
        tree["a"].data = b"theirs"
        tree["sub"]["d"].color = "red"
        tree["sub"]["new"] = Text(b"new")
        del tree["b"]
        files.bring(tree)
        assert tree["sub"]["c"].data == b"mine"
        assert tree["sub"]["d"].color == "red"
        assert tree["a"].data == b"theirs"
        assert set(tree) == {"a", "sub"}
        assert set(tree["sub"]) == {"c", "d", "new"}

    @pytest.mark.parametrize("change", [{"data": b"theirs"}, {"color": "red"}])
    def test_a_change_in_the_same_object_does(self, tree, change):
        files = edited(tree)
        vars(tree["sub"]["c"]).update(change)
        assert [each.replace("@@Zope/Extra/", "") for each in files.errors(tree)] in (
            ["top/sub/c"],
            ["top/sub/c/color"],
        )

    def test_so_does_its_removal(self, tree):
        files = edited(tree)
        del tree["sub"]["c"]
        assert files.errors(tree) == ["top/sub/c"]

    def test_or_that_of_a_directory_on_the_way(self, tree):
        files = edited(tree)
        tree["moved"] = tree.pop("sub")
        assert "top/sub" in files.errors(tree)
        assert tree["moved"]["c"].data == b"gamma"

    def test_or_another_object_in_its_place(self, tree):
        files = edited(tree)
        tree["sub"] = Text(b"no directory any more")
        assert files.errors(tree)

    def test_a_new_object_needs_a_free_name(self, tree):
        files = Changes.of(tree)
        files.entry("top/sub/new", flag="added", type=TEXT, factory=TEXT)
        files["top/sub/new"] = b"mine"
        files.sending("top/sub/new").scoped((TREE, "top/sub/new"))
        assert files.errors(tree) == []
        tree["sub"]["new"] = Text(b"theirs")
        assert files.errors(tree) == ["top/sub/new"]

    def test_a_large_base_is_told_by_its_digest(self, tree):
        files = edited(tree)
        del files["top/sub/@@Zope/Original/c"]
        digest = hashlib.sha256(b"gamma").hexdigest()
        files.entry("top/sub/c", base=f"sha256:{digest}")
        files.bring(tree)
        assert tree["sub"]["c"].data == b"mine"
        # And now the base is another one.
        assert files.errors(tree) == ["top/sub/c"]

    def test_a_digest_stands_for_the_body_of_a_changed_part(self, tree):
        files = edited(tree)
        del files["top/sub/@@Zope/Original/c"], files["top/sub/c"]
        digest = hashlib.sha256(b"gamma").hexdigest()
        files.entry("top/sub/c", base=f"sha256:{digest}")
        color = "top/sub/@@Zope/Extra/c/color"
        files[color] = files[color].replace(b"white", b"black")
        files.bring(tree)
        assert vars(tree["sub"]["c"]) == {"data": b"gamma", "color": "black"}

    def test_without_a_scope_a_digest_is_no_base(self, tree):
        files = edited(tree)
        del files["top/sub/@@Zope/Original/c"], files[Scope.member]
        digest = hashlib.sha256(b"gamma").hexdigest()
        files.entry("top/sub/c", base=f"sha256:{digest}")
        assert "top/sub/c" in files.errors(tree)

    def removed(self, tree: Any) -> Changes:
        files = Changes.of(tree).sending("top/sub")
        files.entry("top/sub", flag="removed")
        for path in list(files):
            if path.startswith("top/sub/"):
                del files[path]
        return files.scoped((TREE, "top/sub"))

    def test_a_directory_is_removed_if_it_is_intact(self, tree):
        files = self.removed(tree)
        assert files.errors(tree, intact=lambda obj: obj is tree["sub"]) == []
        assert files.errors(tree, intact=lambda obj: False) == ["top/sub"]

    def test_and_not_where_nobody_can_tell(self, tree):
        assert self.removed(tree).errors(tree) == ["top/sub"]
