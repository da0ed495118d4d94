"""The help has topics, from the source of the manual."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli import topics
from zope.app.fssync.testing.commands import run_zsync
from zope.app.fssync.testing.processes import environment


def test_each_file_is_a_topic() -> None:
    folder = Path(topics.__file__).parent / "topics"
    assert {each.stem for each in folder.iterdir()} == set(topics.TOPICS)


def shown(place: Path, topic: str) -> str:
    """What the help says of a topic."""
    done = run_zsync("help", topic, cwd=place, env=environment(place))
    assert done.returncode == 0
    return done.stdout.decode()


@pytest.mark.parametrize("topic", sorted(topics.TOPICS))
def test_a_topic_is_plain_text_that_fits(topic: str, tmp_path: Path) -> None:
    said = shown(tmp_path, topic)
    assert all(markup not in said for markup in ("``", "::", ":doc:", "==="))
    assert max(map(len, said.splitlines())) < 80


def test_the_words_and_the_letters_are_explained(tmp_path: Path) -> None:
    assert "C  in conflict" in shown(tmp_path, "letters")
    assert "\nwithheld\n   There, but not yours" in shown(tmp_path, "glossary")


def test_the_help_of_help_names_the_topics(tmp_path: Path) -> None:
    said = shown(tmp_path, "help")
    assert all(f"{name}  " in said for name in topics.TOPICS)
