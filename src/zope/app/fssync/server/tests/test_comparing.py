"""How the files of an object differ."""

from __future__ import annotations

from zope.app.fssync.server.comparing import Line
from zope.app.fssync.server.comparing import compared
from zope.app.fssync.server.plainfiles import PlainFile
from zope.fssync.limits import SERVER

GIF = b"GIF89a..."


def file(name: str, content: bytes) -> PlainFile:
    return PlainFile(name, len(content), lambda: [content])


def files(**contents: bytes) -> dict[str, PlainFile]:
    return {name: file(name, content) for name, content in contents.items()}


def test_lines_are_those_of_a_unified_diff() -> None:
    (found,) = compared(files(a=b"1\n2\n", b=b"x"), files(a=b"1\n3\n", b=b"x"))
    assert found.name == "a"
    assert [line for line in found.lines if line.kind != "span"] == [
        Line("del", "-2"),
        Line("ins", "+3"),
    ]


def test_an_image_is_shown_beside_the_other() -> None:
    (found,) = compared(files(a=GIF), files(a=GIF + b"x"))
    assert found.old_image != found.new_image
    assert found.old_image is not None
    assert found.old_image.startswith("data:image/gif;base64,")
    assert found.lines == []


def test_a_new_file_has_new_lines_only() -> None:
    (found,) = compared({}, files(a=b"1\n"))
    assert (found.old_size, found.new_size) == (None, 2)
    assert [line.kind for line in found.lines] == ["span", "ins"]


def test_a_large_file_is_told_by_its_sizes() -> None:
    large = b"x" * (SERVER.compared_size + 1)
    (found,) = compared(files(a=b"1\n"), files(a=large))
    assert (found.old_size, found.new_size, found.lines) == (2, len(large), [])


def test_many_lines_are_cut() -> None:
    text = b"a\n" * (SERVER.compared_lines + 1)
    (found,) = compared({}, files(a=text))
    assert found.cut
    assert len(found.lines) == SERVER.compared_lines


def test_a_directory_has_no_lines() -> None:
    folder = {"/": PlainFile("/", 0, tuple)}
    assert list(compared(folder, folder)) == []
    (found,) = compared({}, folder)
    assert found.lines == []
