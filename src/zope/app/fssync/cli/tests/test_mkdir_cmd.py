"""zsync mkdir."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_mkdir_makes_and_registers(zsync, demo):
    shown = zsync("mkdir", "co/demo/a", "co/demo/a/b")
    assert shown == "A  co/demo/a/\nA  co/demo/a/b/\n"
    assert (demo / "a" / "b").is_dir()


def test_programs_are_told_that_it_is_a_directory(zsync):
    (item,) = zsync.items("mkdir", "co/demo/a")
    assert item == {"action": "added", "path": "co/demo/a", "directory": True}


def test_mkdir_refuses_what_is_there_and_what_has_no_parent(zsync, demo):
    assert "mkdir requires at least one PATH" in zsync.refused("mkdir", status=2)
    assert "co/demo/sub" in zsync.refused("mkdir", "co/demo/sub")
    zsync.refused("mkdir", "co/demo/no/such")
    assert not (demo / "no").exists()


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("co/new", "The root of a working copy is no object"),
        ("new", "It is not in a working copy"),
        ("co/demo/odd/new", "'zsync add -N co/demo/odd' registers it"),
    ],
)
def test_mkdir_says_what_is_wrong_with_the_place(zsync, demo, path, advice):
    (demo / "odd").mkdir()
    said = zsync.refused("mkdir", path)
    assert said.startswith("zsync: know nothing about container")
    assert advice in said
