"""Patterns of ignore files, as git reads them."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest

from zope.app.fssync.client.ignoring import Ignored
from zope.fssync.files import Tree
from zope.fssync.ignorepatterns import Rule
from zope.fssync.ignorepatterns import read_rules


def matches(pattern: str, path: str) -> bool:
    names = path.rstrip("/").split("/")
    return Rule(pattern).matches(names, path.endswith("/"))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a.log", ["a.log", "x/a.log"], ["a.logs", "b"]),
        ("*.log", ["a.log", ".log", "x/y/a.log"], ["a.log.txt"]),
        ("a*c", ["ac", "abc", "abbc"], ["a", "abcd"]),
        ("a*b*c*d", ["abcd", "a1b2c3d", "abcdbcd"], ["acbd", "abcde"]),
        ("/a", ["a"], ["x/a"]),
        ("x/a", ["x/a"], ["y/x/a", "a"]),
        ("x/*", ["x/a"], ["x", "x/a/b"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["a/b", "ba"]),
        ("x/**", ["x/a", "x/a/b"], ["x"]),
        ("x/**/a", ["x/a", "x/y/a", "x/y/z/a"], ["x", "xa", "y/x/a"]),
        ("**/x/**/a/b", ["x/a/b", "w/x/y/a/b", "x/a/c/a/b"], ["x/b", "x/a/c/b"]),
        ("x/**a", ["x/a", "x/ba"], ["x/y/a"]),
        ("**", ["a", "x/a"], []),
        ("/**", ["a", "x/a"], []),
        ("tmp/", ["tmp/", "x/tmp/"], ["tmp"]),
        ("a?c", ["abc", "a.c"], ["ac", "abbc"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "-x"]),
        ("[!a-c]x", ["dx", "-x"], ["ax"]),
        ("[^a-c]x", ["dx"], ["ax"]),
        ("[]-]x", ["]x", "-x"], ["ax"]),
        ("[a\\-c]x", ["ax", "-x", "cx"], ["bx"]),
        ("[[:digit:][:upper:]_]x", ["1x", "Bx", "_x"], ["bx", ":x"]),
        ("[c-a]x", ["cx"], ["ax", "bx", "x"]),
        ("[!c-a]x", ["bx"], ["x"]),
        ("[a-[:digit:]]x", [], ["bx"]),
        ("x[a/b]y", ["xay"], ["x/y", "q/xay"]),
        ("[a", [], ["[a", "a"]),
        ("[[:nosuch:]]", [], ["n", "["]),
        ("a\\", [], ["a", "a\\"]),
        ("\\!a", ["!a"], ["a"]),
        ("\\#a", ["#a"], ["a"]),
        ("a\\*", ["a*"], ["ab"]),
        ("x\\/a", ["x/a"], ["y/x/a"]),
        ("a.b", ["a.b"], ["axb"]),
        ("Über*", ["U\u0308berblick", "Übersicht"], ["Uber"]),
    ],
)
def test_patterns_match_paths(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes if not matches(pattern, path)] == []
    assert [path for path in no if matches(pattern, path)] == []


def test_rules_are_lines_without_comments_and_blanks_at_their_end() -> None:
    text = "\ufeff# x\n\na  \nb\\ \nc\\\\ \n!d\r\n!\n\\#e\nlast"
    rules = read_rules(text, "f")
    assert [(rule.number, rule.text, rule.negated) for rule in rules] == [
        (3, "a", False),
        (4, "b\\ ", False),
        (5, "c\\\\", False),
        (6, "!d", True),
        (8, "\\#e", False),
        (9, "last", False),
    ]
    assert rules[1].matches(["b "], False)


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "b", "**/a/" * 30 + "b", "[a-z]*" * 30 + "/x"]
)
def test_hostile_patterns_end(pattern: str) -> None:
    # With a matcher that tries all ways these would take years.
    path = ["a" * 200] * 40
    path[1::2] = ["a"] * 20
    assert not Rule(pattern).matches(path, False)


# Compared with git itself

PIECES = [
    *("a", "b", "ab", "*", "**", "?", "/", "/", "/**/", "[ab]", "[!a]", "\\a", "\\*"),
    *(".", "*.b", "[[:alpha:]]", "[a-", "**b"),
]
NAMES = ["a", "b", "ab", "a.b", ".b", "*", "ba"]


def random_file(random: random.Random) -> str:
    lines = []
    for _ in range(random.randint(1, 5)):
        line = "".join(random.choices(PIECES, k=random.randint(1, 5)))
        lines.append(random.choice(["", "", "!"]) + line + random.choice(["", "", "/"]))
    return "\n".join(lines)


def tree_of(place: Path) -> list[str]:
    """Make some directories and files, and return their paths."""
    for first in NAMES:
        (place / first).mkdir()
        for second in NAMES:
            below = place / first / second
            if second in ("a", "ab"):
                below.mkdir()
                (below / "a").touch()
                (below / "a.b").touch()
            else:
                below.touch()
    return sorted(str(path.relative_to(place)) for path in place.rglob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_generated_files_ignore_what_git_ignores(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    place = tmp_path / "wc"
    place.mkdir()
    found = tree_of(place)
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    subprocess.run(["git", "init", "-q", "."], cwd=place, env=env, check=True)
    for _ in range(15):
        for where in ("", "a", "a/ab"):
            text = random_file(choose) if choose.random() < 0.7 else ""
            for name in (".gitignore", ".zsyncignore"):
                (place / where / name).write_text(text)
        done = subprocess.run(
            ["git", "check-ignore", "--no-index", "--stdin"],
            cwd=place,
            env=env,
            input="\n".join(found),
            capture_output=True,
            text=True,
        )
        ignored = Ignored(Tree(), str(place))
        ours = {path for path in found if ignored(path, (place / path).is_dir())}
        texts = [
            (place / where / ".zsyncignore").read_text() for where in ("", "a", "a/ab")
        ]
        assert ours == set(done.stdout.splitlines()), texts
