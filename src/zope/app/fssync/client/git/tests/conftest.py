"""A repository, and commits made in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zope.app.fssync.client.git.plumbing import Commit
from zope.app.fssync.client.git.plumbing import FastImport
from zope.app.fssync.client.git.plumbing import Git

Make = Callable[..., str]

SAID = Commit(b"Jo <jo> 1 +0000", b"Jo <jo> 1 +0000", b"Said\n")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    found = Git(str(tmp_path / "repository.git"))
    found.run("init", "--quiet", "--bare", found.directory)
    return found


@pytest.fixture
def make(git: Git) -> Make:
    """Make a commit of files, None for one that is gone, and return its id."""

    def commit(files: dict[str, str | None], *parents: str) -> str:
        with FastImport(git, "refs/test/main") as writer:
            writer.begin(SAID, parents)
            for path, content in files.items():
                if content is None:
                    writer.remove(path)
                else:
                    writer.write(path, len(content), [content.encode()])
            return writer.end()

    return commit
