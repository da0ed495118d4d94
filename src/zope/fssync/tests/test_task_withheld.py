"""What is withheld survives a commit."""

from __future__ import annotations

import pytest

from zope.fssync.errors import Withheld
from zope.fssync.task.commit import CommitFailed
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


class TestWithheld:
    def test_task_withheld_survives_a_commit_that_does_not_know_it(self, tree):
        secret = tree["secret"] = Secret(b"hidden")
        Files.of(tree).commit(tree)
        assert tree["secret"] is secret

    def test_task_withheld_is_not_changed(self, tree):
        files = Files.of(tree)
        tree["a"] = Secret(b"alpha")
        files.commit(tree)
        files["top/a"] = b"changed"
        with pytest.raises(CommitFailed, match="you may not change top/a") as caught:
            files.commit(tree)
        assert isinstance(caught.value.failures[0][1], Withheld)

    def test_task_withheld_is_not_removed_with_what_holds_it(self, tree):
        tree["sub"]["secret"] = Secret(b"hidden")
        files = Files.of(tree)
        files.entry("top/sub", flag="removed")
        for path in [path for path in files if path.startswith("top/sub/")]:
            del files[path]
        with pytest.raises(CommitFailed, match="withheld from you"):
            files.commit(tree)
        assert "secret" in tree["sub"]
