"""The conversation with git."""

from __future__ import annotations

import io
from typing import Any

import pytest

from zope.app.fssync.client.git import helper as module
from zope.app.fssync.client.git import pushing
from zope.app.fssync.client.git.clone import Clone
from zope.app.fssync.client.git.helper import Helper
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import UsageError


class Conversation:
    """A server that has one commit, and takes what is pushed."""

    def __init__(self, git: Any, tip: str) -> None:
        self.clone = Clone(git, "origin", "http://localhost/demo")
        self.tip = tip
        self.depth: int | None = None
        self.told: list[str] = []
        self.pushed: list[str] = []
        self.refusal: Exception | None = None
        #: What becomes of a push, itself where that is empty.
        self.becomes = ""

    def fetch(self, clone: Any, network: Any, depth: Any, progress: Any) -> Any:
        self.depth = depth
        progress(1, 1)

        def fetched() -> Any:
            known = clone.known()._replace(tip=self.tip)
            if self.tip:
                clone.keep(known)
            return known

        return fetched

    def push(self, clone: Any, network: Any, dry_run: bool) -> Any:
        def pushed(known: Any, commit: str) -> Any:
            if self.refusal is not None:
                raise self.refusal
            self.pushed.append(f"dry {commit}" if dry_run else commit)
            return known._replace(tip=self.becomes or commit)

        return pushed

    def __call__(self, *lines: str) -> list[str]:
        given = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
        said = io.BytesIO()
        progress = lambda done, total: self.told.append(f"{done}/{total}")  # noqa: E731
        network: Any = None
        Helper(self.clone, network, given, said, self.told.append, progress).run()
        return said.getvalue().decode().splitlines()


@pytest.fixture
def first(make):
    return make({"a": "a"})


@pytest.fixture
def talk(git, first, monkeypatch):
    conversation = Conversation(git, first)
    monkeypatch.setattr(module, "Fetch", conversation.fetch)
    monkeypatch.setattr(pushing, "Push", conversation.push)
    return conversation


def test_capabilities(talk):
    assert talk("capabilities") == ["fetch", "push", "option", ""]


def test_options(talk):
    said = talk("option verbosity 1", "option depth 3", "option x 1", "option depth y")
    assert said == ["ok", "ok", "unsupported", "unsupported"]


def test_references_are_told_once_all_is_here(talk, first):
    said = talk("option progress true", "option depth 3", "list", "fetch x y", "", "")
    assert said == [
        "ok",
        "ok",
        f"{first} refs/heads/main",
        "@refs/heads/main HEAD",
        "",
        "",
    ]
    assert talk.depth == 3
    assert talk.told == ["1/1"]


def test_a_server_without_anything(talk):
    talk.tip = ""
    assert talk("list") == [""]


def test_a_push_that_is_taken(talk, make, first):
    second = make({"a": "b"}, first)
    said = talk("list for-push", f"push {second}:refs/heads/main", "")
    assert said[-2:] == ["ok refs/heads/main", ""]
    assert talk.pushed == [second]


def test_changes_of_the_server_to_a_push_are_told(talk, make, first):
    second = make({"a": "b"}, first)
    talk.becomes = make({"a": "c"}, second)
    said = talk("list", f"push {second}:refs/heads/main", "")
    assert said[-3:] == ["ok refs/heads/main", f"option new-oid {talk.becomes}", ""]


def test_a_rehearsal(talk, make, first):
    second = make({"a": "b"}, first)
    said = talk("option dry-run true", "list", f"push {second}:refs/heads/main", "")
    assert said[-2:] == ["ok refs/heads/main", ""]
    assert talk.pushed == [f"dry {second}"]


def test_refusals_have_reasons(talk, make, first):
    second, other = make({"a": "b"}, first), make({"b": "b"})
    talk.refusal = Error("no way\nat all", advice="Do not.")
    said = talk(
        "list",
        f"push {second}:refs/heads/main",
        f"push {second}:refs/tags/v1",
        "push :refs/heads/main",
        "push none:refs/heads/main",
        f"push +{other}:refs/heads/main",
        "",
    )
    assert said[3:-1] == [
        "error refs/heads/main no way",
        "error refs/tags/v1 the server has one branch, main, and no tags",
        "error refs/heads/main the branch of the server cannot be deleted",
        "error refs/heads/main 'none' is no commit",
        "error refs/heads/main non-fast forward",
    ]
    assert talk.told[:2] == ["no way\nat all", "hint: Do not."]
    talk.refusal = OutOfDate("late")
    said = talk("list", f"push {second}:refs/heads/main", "")
    assert said[-2] == "error refs/heads/main fetch first"


def test_unknown_requests_are_refused(talk):
    with pytest.raises(UsageError, match="connect"):
        talk("connect git-upload-pack")
