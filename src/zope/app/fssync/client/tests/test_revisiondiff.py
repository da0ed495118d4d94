"""Two revisions, or one and the files here, are compared."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.client.revisiondiff import Comparison
from zope.app.fssync.client.revisiondiff import compare_revisions
from zope.app.fssync.client.tests.old import OldStates
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import NoLongerThere
from zope.fssync.merge.diffformat import DiffOptions
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.repository import SnarfRepository
from zope.fssync.sides import ABSENT
from zope.fssync.sides import Side

A, B = (f"{number:016x}" for number in (1, 5))
URL = "http://localhost/demo/a.txt"


def compared(states: dict[str, bytes | None], first: str, second: str | None) -> bytes:
    found: list[bytes] = []
    compare_revisions(
        OldStates(states), URL, (first, second), "-U 0", found.append, str
    )
    return b"".join(found)


def test_two_states_are_compared() -> None:
    assert compared({A: b"a\n", B: b"b\n"}, A, B) == (
        b"--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+b\n"
    )


def test_a_url_is_compared_with_what_is_there_now() -> None:
    assert compared({A: b"a\n", B: b"b\n"}, A, None).endswith(b"-a\n+b\n")


def test_files_that_were_not_there_are_new() -> None:
    assert compared({A: None, B: b"b\n"}, A, B).startswith(b"--- /dev/null\n")


def test_objects_of_neither_revision_are_told() -> None:
    with pytest.raises(NoLongerThere, match="neither"):
        compared({A: None}, A, A)


TITLED = b"""<?xml version="1.0" encoding="utf-8" ?>
<pickle>
  <initialized_object>
    <klass>
      <global name="__newobj__" module="copyreg"/>
    </klass>
    <arguments>
      <tuple>
        <global name="ZDCAnnotationData" module="zope.dublincore.annotatableadapter"/>
      </tuple>
    </arguments>
    <state>
      <dictionary>
        <item key="data">
            <dictionary>
              <item key="Title">
                  <tuple>
                    <unicode>%s</unicode>
                  </tuple>
              </item>
            </dictionary>
        </item>
      </dictionary>
    </state>
  </initialized_object>
</pickle>
"""


def titled(title: bytes, raw: bytes = b"") -> Side:
    """A file with metadata, as an archive has it."""
    archive = Archive()
    archive.set_entry("U\u0308.txt", key="\u00dc.txt" if raw else "", type="a.File")
    archive["U\u0308.txt"] = b"same\n"
    below = "@@Zope/Annotations/U\u0308.txt"
    archive.set_entry(f"{below}/zope.app.dublincore.ZopeDublinCore", type="a.Data")
    archive[f"{below}/zope.app.dublincore.ZopeDublinCore"] = TITLED % title
    archive.set_entry(f"{below}/raw", type="a.Raw")
    archive[f"{below}/raw"] = raw or b"\0"
    repository = SnarfRepository(io.BytesIO(archive.dump()))
    return Side(ArchiveSource(repository), "U\u0308.txt")


def shown(before: Side, after: Side, parts: bool = False) -> list[str]:
    found: list[bytes] = []
    options = DiffOptions.parse("-U 0")
    Comparison(options, found.append, str, parts=parts).show(before, after, "x.txt")
    return b"".join(found).decode().splitlines()


def test_metadata_are_shown_as_a_description_has_them() -> None:
    head, hunk = ["--- a/@@x.txt.meta", "+++ b/@@x.txt.meta"], "@@ -13 +13 @@"
    lines = shown(titled(b"One"), titled(b"Two"))
    assert lines == [*head, hunk, "-Title = One", "+Title = Two"]
    assert shown(titled(b"One"), titled(b"One")) == []
    assert "+Title = One" in shown(ABSENT, titled(b"One"))


def test_parts_too_large_for_a_description_are_shown_for_themselves() -> None:
    first, second = titled(b"One", b"\0a"), titled(b"One", b"\0b")
    (line,) = shown(first, second)
    assert line.startswith("Binary files a/@@Zope/Annotations/x.txt/raw and ")


def test_layouts_with_files_for_the_parts_have_these() -> None:
    lines = shown(titled(b"One"), titled(b"Two"), parts=True)
    place = "@@Zope/Annotations/x.txt/zope.app.dublincore.ZopeDublinCore"
    assert lines[:2] == [f"--- a/{place}", f"+++ b/{place}"]
