"""zsync upgrade."""

import pytest

pytestmark = pytest.mark.layout(3)


@pytest.mark.slow
def test_upgrade_makes_the_layout_that_is_named(zsync, demo):
    zsync("downgrade", "co")
    assert zsync("-C", "co/demo", "upgrade", "--layout", "2") == "Converted '.'.\n"
    assert (demo / "@@Zope").exists()
    assert not (demo / "@@Zope" / "Original").exists()
    zsync("upgrade", "--layout", "3", "co")
    assert (demo / "@@readme.txt.meta").exists()
    assert not (demo / "@@Zope").exists()
    assert zsync("status", "co") == ""


def test_upgrade_refuses_a_layout_that_is_none(zsync):
    said = zsync.refused("upgrade", "--layout", "4", "co", status=2)
    assert said.startswith(
        "zsync: there is no layout '4'\nhint: Write 1 for that of 3.6.0"
    )


def test_upgrade_of_what_is_new_has_nothing_to_do(zsync):
    document = zsync.document("upgrade", "--layout", "3", "co")
    assert document["items"] == []
    assert document["messages"][0]["text"] == "Nothing to convert in 'co'."
