"""The rules of a checkout, on trees of dictionaries."""

from __future__ import annotations

import io

from zope.fssync import task
from zope.fssync.metadata import load_entries
from zope.fssync.repository import FileSystemRepository
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.dictionaries import Files
from zope.fssync.tests.dictionaries import Secret
from zope.fssync.tests.dictionaries import Text
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered
from zope.fssync.tests.dictionaries import tree as tree


class TestCheckout:
    def test_the_order_of_records(self, tree):
        stream = io.BytesIO()
        task.Checkout(lookup, SnarfRepository(stream)).perform({"x": Text()}, "top")
        lines = [
            line.partition(b" ")[2].decode()
            for line in stream.getvalue().splitlines()
            if line[:8].isdigit()
        ]
        assert lines == [
            "@@Zope/Entries.xml",
            "top/@@Zope/Entries.xml",
            "top/@@Zope/Extra/x/@@Zope/Entries.xml",
            "top/@@Zope/Extra/x/color",
            "top/x",
        ]

    def test_names_that_collide_get_numbers_and_their_keys(self):
        tree = {"Größe.txt": Text(b"1"), "größe.txt": Text(b"2")}
        files = Files.of(tree)
        entries = load_entries(files["top/@@Zope/Entries.xml"])
        assert sorted(entry["key"] for entry in entries.values()) == sorted(tree)
        assert len({name.lower() for name in entries}) == 2
        for name, entry in entries.items():
            assert files[f"top/{name}"] == tree[entry["key"]].data

    def test_a_directory_of_the_system_takes_it_too(self, tree, tmp_path):
        checkout = task.Checkout(lookup, FileSystemRepository())
        checkout.perform(tree, "top", str(tmp_path))
        assert (tmp_path / "top" / "sub" / "c").read_bytes() == b"gamma"
        assert (tmp_path / "top" / "@@Zope" / "Entries.xml").exists()

    def test_withheld_objects_are_counted_and_absent(self, tree):
        tree["secret"] = Secret(b"hidden")
        stream = io.BytesIO()
        checkout = task.Checkout(lookup, SnarfRepository(stream))
        checkout.perform(tree, "top")
        assert checkout.withheld == ["top/secret"]
        assert b"hidden" not in stream.getvalue()
        assert b"secret" not in stream.getvalue()
