"""zsync status."""

import pytest

pytestmark = pytest.mark.layout(3)


def test_paths_are_called_from_where_one_stands(zsync, demo):
    (demo / "readme.txt").write_text("mine\n")
    assert zsync("-C", "co/demo", "status") == "M  readme.txt\n"
    assert zsync("status", "co") == "M  co/demo/readme.txt\n"


def test_files_moved_by_hand_are_hinted_at(zsync, demo):
    (demo / "readme.txt").rename(demo / "a.txt")
    assert zsync("status", "co").endswith(
        "hint: 'co/demo/readme.txt' seems to be 'co/demo/a.txt' now; if you moved it: "
        "'zsync move --after co/demo/readme.txt co/demo/a.txt'\n"
    )
    assert "hint" not in zsync("status", "-q", "co")


def test_programs_are_told_the_action(zsync, demo):
    (demo / "readme.txt").unlink()
    (demo / "new.txt").write_text("")
    found = {item["path"]: item["action"] for item in zsync.items("status", "co")}
    assert found == {
        "co/demo/readme.txt": "missing",
        "co/demo/new.txt": "unregistered",
    }


def test_status_of_what_is_not_there_is_refused(zsync):
    assert "nothing known about 'co/nosuch'" in zsync.refused("status", "co/nosuch")
