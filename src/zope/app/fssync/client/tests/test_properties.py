"""Properties of one object: what its parts hold, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zope.app.fssync.client import dublincore
from zope.app.fssync.client.api import FSSync
from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.errors import Error

DC = f"Annotations/a/{dublincore.ANNOTATION}"
OFS = "zope.app.fssync.hosts.ofs.content.properties.Properties"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a working copy with the file ``a``, which has some parts."""

    def make(parts: dict[str, bytes], type: str = "", flag: str = "") -> Path:
        top = tmp_path / "site"
        marks = f'flag="{flag}"' if flag else ""
        write = {
            "../@@Zope/Root": b"http://u@127.0.0.1:1/site",
            "../@@Zope/Entries.xml": entries('name="site" id="/site"'),
            "@@Zope/Entries.xml": entries(f'name="a" id="/site/a" {marks}'),
            "@@Zope/Original/a": b"a",
            "a": b"a",
        }
        for path, data in parts.items():
            what, owner, name = path.split("/")
            place = f"@@Zope/{what}/{owner}"
            write[f"{place}/{name}"] = data
            if not flag:
                write[f"{place}/@@Zope/Original/{name}"] = data
            file = f"{place}/@@Zope/Entries.xml"
            more = f'<entry name="{name}" type="{type}" {marks} /></entries>'.encode()
            write[file] = write.get(file, entries()).replace(b"</entries>", more)
        for path, data in write.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        return top / "a"

    return make


def entries(entry: str = "") -> bytes:
    inner = f"<entry {entry} />" if entry else ""
    return f"<entries>{inner}</entries>".encode()


def shown(path: Path) -> dict[str, tuple[str, ...]]:
    found = FSSync().properties(str(path)).properties()
    return {each.name: each.values for each in found}


def put(path: Path, name: str, *values: str, kind: str = "") -> list[str]:
    lines: list[str] = []
    fs = FSSync(observer=lines.append)
    with fs.change_properties(str(path)) as parts:
        parts.set(name, values, kind)
    return lines


def delete(path: Path, name: str) -> None:
    with FSSync().change_properties(str(path)) as parts:
        parts.delete(name)


def stored(path: Path, part: str) -> bytes:
    return (path.parent / "@@Zope" / part).read_bytes()


def core(**data: tuple[str, ...]) -> bytes:
    return dublincore.dumps(dublincore.NEW._replace(data=data))


def test_dublin_core_has_names_for_people(make: Make) -> None:
    path = make({DC: core(Title=("A",), Subject=("x", "y"), Odd=(), Type=("t", "u"))})
    assert shown(path) == {
        "title": ("A",),
        "subjects": ("x", "y"),
        "Odd": ("",),
        "Type": ("t", "u"),
    }
    assert put(path, "Title", "B")[0] == f"M {path.parent}/@@Zope/{DC}"
    assert put(path, "title", "B") == []
    put(path, "rights", "all")
    put(path, "subjects")
    delete(path, "Type")
    delete(path, "odd")
    expected = core(Title=("B",), Subject=(), Rights=("all",))
    assert stored(path, DC) == expected


def test_an_object_gets_its_first_title(make: Make) -> None:
    path = make({})
    (line,) = put(path, "title", "A")
    assert line.startswith("A ")
    put(path, "creators", "me", "you")
    assert stored(path, DC) == core(Title=("A",), Creator=("me", "you"))
    put(path, "content_type", "text/html")
    assert stored(path, "Extra/a/contentType") == xmlpickle.dumps("text/html")
    delete(path, "contenttype")
    assert shown(path) == {"title": ("A",), "creators": ("me", "you")}


def test_an_edited_text_adds_several_to_a_new_part(make: Make) -> None:
    path = make({})
    text = b"title = A\ndescription (text)\n    one\n    two\nsubjects\n    x\n    y\n"
    with FSSync().change_properties(str(path)) as parts:
        parts.replace(itemtext.loads(text))
    found = FSSync().properties(str(path)).properties()
    assert itemtext.dumps(each.item() for each in found) == text
    assert shown(path)["description"] == ("one\ntwo",)
    before = stored(path, DC)
    with FSSync().change_properties(str(path)) as parts:
        parts.replace(itemtext.loads(text))
    assert stored(path, DC) == before
    with FSSync().change_properties(str(path)) as parts:
        parts.replace([])
    assert shown(path) == {}


def test_times_are_stored_with_their_zone(make: Make) -> None:
    path = make({DC: core()})
    put(path, "expires", "2027-01-02T03:04+01:00")
    assert shown(path) == {"expires": ("2027-01-02T03:04:00+01:00",)}
    put(path, "expires", "2027-01-02")
    assert shown(path)["expires"][0].startswith("2027-01-02T00:00:00")
    for name, value in [("expires", "never"), ("modified", "2027-01-02")]:
        with pytest.raises(Error):
            put(path, name, value)


@pytest.mark.parametrize(
    ("value", "text", "new", "stored_value", "wrong"),
    [
        ("a", "a", "b", "b", None),
        (5, "5", "6", 6, "x"),
        (0.5, "0.5", "1.5", 1.5, "x"),
        (True, "true", "false", False, "maybe"),
        (None, "", "b", "b", None),
    ],
)
def test_plain_values_keep_their_type(
    make: Make,
    value: object,
    text: str,
    new: str,
    stored_value: object,
    wrong: str | None,
) -> None:
    path = make({"Extra/a/size": xmlpickle.dumps(value)})
    assert shown(path) == {"size": (text,)}
    put(path, "size", new)
    assert stored(path, "Extra/a/size") == xmlpickle.dumps(stored_value)
    if wrong is not None:
        with pytest.raises(Error, match="is no"):
            put(path, "size", wrong)
    with pytest.raises(Error, match="one value"):
        put(path, "size", "a", "b")


@pytest.mark.parametrize(
    "data",
    [
        xmlpickle.dumps(["a"]),
        b'<?xml version="1.0"?><pickle><object><klass><global name="system" '
        b'module="os"/></klass><attributes/></object></pickle>',
        b"<?xml broken",
        b"no item (of\n",
    ],
)
def test_other_pickles_are_neither_read_nor_written(make: Make, data: bytes) -> None:
    path = make({"Annotations/a/grants": data, DC: data})
    found = FSSync().properties(str(path))
    assert [each.readable for each in found.properties()] == [False, False]
    assert found.source("grants") == data
    with pytest.raises(Error, match="pickle of objects") as caught:
        put(path, "grants", "x")
    assert "prop edit" in (caught.value.advice or "")
    with FSSync().change_properties(str(path)) as parts:
        parts.replace([])
    assert stored(path, "Annotations/a/grants") == data
    with FSSync().change_properties(str(path)) as parts:
        parts.set_source("grants", b"new")
    assert stored(path, "Annotations/a/grants") == b"new"


def test_properties_of_zope_keep_their_types(make: Make) -> None:
    text = (
        b"lines (lines)\n    a\nnote (text)\n    x\nnumber (int, holds nothing)\n"
        b"odd (string, holds pickled)\ntitle (string) = A\n"
    )
    path = make({"Extra/a/properties": text}, OFS)
    put(path, "title", "B")
    put(path, "lines", "a", "b")
    put(path, "note", "x\ny")
    put(path, "number", "5")
    put(path, "new", "text")
    put(path, "more", "x", kind="tokens")
    assert stored(path, "Extra/a/properties").decode() == (
        "lines (lines)\n    a\n    b\nmore (tokens)\n    x\nnew (string) = text\n"
        "note (text)\n    x\n    y\nnumber (int) = 5\n"
        "odd (string, holds pickled)\ntitle (string) = B\n"
    )
    delete(path, "new")
    assert b"new" not in stored(path, "Extra/a/properties")
    with pytest.raises(Error, match="one value"):
        put(path, "title", "a", "b")


def test_settings_of_zope_are_neither_more_nor_fewer(make: Make) -> None:
    path = make(
        {
            "Extra/a/settings": b"title = A\ncache by\n",
            "Extra/a/permissions": b"View (acquired)\n    Editor\n",
        },
        OFS,
    )
    assert shown(path) == {
        "title": ("A",),
        "cache by": (),
        "permissions/View": ("Editor",),
    }
    put(path, "title", "B")
    put(path, "cache by", "x", "y")
    assert stored(path, "Extra/a/settings") == b"title = B\ncache by\n    x\n    y\n"
    with pytest.raises(Error, match="no property"):
        put(path, "description", "x")
    with pytest.raises(Error, match="setting"):
        delete(path, "title")


def test_a_new_object_of_zope_has_no_properties_yet(make: Make) -> None:
    path = make({}, flag="added")
    special = path.parent.parent / "@@Zope/Extra/site"
    (special / "@@Zope").mkdir(parents=True)
    (special / "@@Zope/Entries.xml").write_bytes(
        entries(f'name="properties" type="{OFS}"')
    )
    with pytest.raises(Error, match="is new"):
        put(path, "title", "A")


def test_removed_settings_can_be_set_again(make: Make) -> None:
    path = make({"Extra/a/contentType": xmlpickle.dumps("a"), DC: core(Title=("A",))})
    for part in ("Extra/a", "Annotations/a"):
        file = path.parent / "@@Zope" / part / "@@Zope/Entries.xml"
        file.write_bytes(file.read_bytes().replace(b" />", b' flag="removed" />'))
    assert shown(path) == {}
    put(path, "content-type", "b")
    put(path, "title", "B")
    assert shown(path) == {"title": ("B",), "contentType": ("b",)}


def test_lost_parts_and_conflicts_are_refused(make: Make) -> None:
    path = make({"Extra/a/contentType": xmlpickle.dumps("a")})
    (path.parent / "@@Zope/Extra/a/contentType").unlink()
    with pytest.raises(Error, match="lost"):
        shown(path)
    (path.parent / "@@Zope/Extra/a/contentType").write_bytes(b"<<<<<<<")
    file = path.parent / "@@Zope/Extra/a/@@Zope/Entries.xml"
    file.write_bytes(file.read_bytes().replace(b" />", b' conflict="yes" />'))
    with pytest.raises(Error, match="in conflict"):
        shown(path)
    file.write_bytes(file.read_bytes().replace(b' conflict="yes"', b""))
    with pytest.raises(Error, match="no property 'b'"):
        FSSync().properties(str(path)).get("b")


def test_nothing_is_changed_of_what_is_to_be_removed(make: Make) -> None:
    path = make({DC: core(Title=("A",))}, flag="removed")
    for name in ("title", "description"):
        with pytest.raises(Error, match="registered for removal") as refused:
            put(path, name, "B")
        assert "zsync commit" in str(refused.value)
    path.unlink()
    with pytest.raises(Error, match="registered for removal") as refused:
        put(path, "title", "B")
    assert f"zsync revert {path}" in str(refused.value)


def test_nothing_is_changed_where_something_of_another_kind_stands(make: Make) -> None:
    path = make({DC: core(Title=("A",))})
    path.unlink()
    path.mkdir()
    with pytest.raises(Error, match="it is of another kind than what was sent"):
        put(path, "title", "B")
    assert shown(path)["title"] == ("A",)
