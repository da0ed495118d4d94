"""Virtual Host Monsters are files with their map of hosts."""

from zope.app.fssync.hosts.ofs.content.tests import samples


def test_hosts_are_lines(edited):
    monster = edited(samples.virtual_host_monster)
    assert monster.files["folder/hosts"] == b"www.test/folder\n*.test/nowhere\n"
    obj = monster.body("b.test/folder\n")
    assert list(obj.fixed_map) == ["b.test"]
    assert monster.files["folder/hosts"] == b"b.test/folder\n"
