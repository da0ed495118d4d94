"""Several clones, and several processes, push to one database at once."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import pytest

from zope.app.fssync.testing.gitperson import Clone

pytestmark = pytest.mark.slow

_CLONES = 2
_COMMITS = 2


def test_all_commits_arrive_once(folder, jane):
    clones = [jane.clone(folder.url, f"clone{n}") for n in range(_CLONES)]
    subjects = set()
    for number, clone in enumerate(clones):
        for count in range(_COMMITS):
            clone.write(f"{number}.txt", f"{count}\n")
            clone.write(f"fruit/{number}-{count}.txt", f"{count}\n")
            subject = f"{count} of {number}"
            clone.commit(subject)
            subjects.add(subject)
    with ThreadPoolExecutor(_CLONES) as pool:
        rejected = list(pool.map(Clone.push_all_the_same, clones))
    for each in chain(*rejected):
        assert "[rejected]" in each, each
    assert [] in rejected
    told = folder.log()
    assert [told.count(each) for each in subjects] == [1] * len(subjects)
    fresh = jane.clone(folder.url, "fresh")
    subjects_there = fresh.log()
    assert [subjects_there.count(each) for each in subjects] == [1] * len(subjects)
    for clone in clones:
        clone("pull", "--quiet", "--ff-only")
        assert clone.head() == fresh.head()
    assert {f"{number}.txt" for number in range(_CLONES)} <= fresh.files()


def test_one_push_of_several_from_the_same_state_arrives(folder, jane):
    clones = [jane.clone(folder.url, f"clone{n}") for n in range(_CLONES)]
    for number, clone in enumerate(clones):
        clone.write("todo.txt", f"- buy {number} plums\n")
        clone.commit(f"Buy {number} plums")
    barrier = Barrier(_CLONES)

    def race(clone: Clone) -> subprocess.CompletedProcess[str]:
        barrier.wait()
        return clone.push()

    with ThreadPoolExecutor(_CLONES) as pool:
        done = list(pool.map(race, clones))
    (winner,) = [n for n, each in enumerate(done) if each.returncode == 0]
    assert folder.get("todo.txt") == f"- buy {winner} plums\n"
    for each in done:
        assert each.returncode == 0 or "[rejected]" in each.stderr, each.stderr


def test_processes_of_one_clone_wait_or_are_told(folder, clone):
    clone.write("todo.txt", "- buy plums\n")
    clone.commit("Buy plums")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(Clone.push, [clone, clone]))
    assert 0 in [each.returncode for each in done]
    assert folder.log().count("Buy plums") == 1
    clone("fetch", "--quiet")
    assert clone.status() == "## main...origin/main"
