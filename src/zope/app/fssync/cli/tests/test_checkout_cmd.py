"""What a checkout leaves out stays out, as a person sees it."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
from zope.app.fssync.testing.demoserver import Place

pytestmark = pytest.mark.slow


def test_excluded_objects_are_told_kept_out_and_brought(place: Place) -> None:
    archived = "demo/notes/archive/2026/report.txt"
    report = place.demo.get(archived)
    said = place("checkout", "--exclude", "/archive", place.url(), "sparse")
    assert "archive" not in said
    notes = place.directory / "sparse" / "notes"
    assert not (notes / "archive").exists()

    shown = json.loads(place("status", "--json", "sparse"))
    assert [message["text"] for message in shown["messages"]] == [
        "hint: left out here of notes: without /archive"
    ]
    known = json.loads(place("info", "--json", "sparse/notes"))["items"][0]
    assert (known["depth"], known["left out"]) == ("infinity", "without /archive")
    (missing,) = json.loads(place("info", "--json", "sparse/notes/archive"))["items"]
    assert missing["state"] == "left out here"

    # Others change what is left out.
    place.demo.put(archived, b"theirs\n")
    assert place("update", "sparse") == "Up to date.\n"
    (notes / "mine.txt").write_text("mine\n")
    place("add", "sparse/notes/mine.txt")
    place("commit", "sparse", "-m", "partial")
    assert place.demo.get(archived) == b"theirs\n"

    assert "archive/" in place("update", "sparse/notes/archive")
    assert (notes / "archive/2026/report.txt").read_bytes() == b"theirs\n"
    place.demo.put(archived, report)
    place("remove", "sparse/notes/mine.txt")
    place("update", "sparse")
    place("commit", "sparse", "-m", "back")
    assert (notes / "archive/2026/report.txt").read_bytes() == report


def test_a_depth_is_set_later(place: Place) -> None:
    place("checkout", "--depth", "files", place.url("/demo"), "flat")
    demo = place.directory / "flat" / "demo"
    assert (demo / "hello.txt").exists()
    assert not (demo / "notes").exists()
    assert place("update", "--set-depth", "immediates", "flat")
    assert (demo / "notes").exists()
    assert not (demo / "notes" / "todo.txt").exists()
    (demo / "notes" / "todo.txt").write_text("in the way\n")
    assert "C" in place("update", "flat/demo/notes/todo.txt", status=3)
    assert (demo / "notes" / "todo.txt").read_text() == "in the way\n"


def test_wrong_depths_are_refused_at_once(place: Place) -> None:
    with place.unchanged():
        said = place("checkout", "--depth", "deep", place.url(), "x", status=2)
        assert "--depth is one of empty, files, immediates, infinity" in said
        said = place("update", "--set-depth", "0", "co", status=2)
        assert "exclude" in said
