"""Descriptions of objects as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.dublincore.annotatableadapter import ZDCAnnotationData

from zope.fssync import itemtext
from zope.fssync import xmlpickle
from zope.fssync.description import ASIDE
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.repository import SnarfRepository

STR = "builtins.str"
DC = "Annotations/zope.app.dublincore.ZopeDublinCore"
DC_TYPE = "zope.dublincore.annotatableadapter.ZDCAnnotationData"
PROPERTIES = "zope.app.fssync.hosts.ofs.content.properties.Properties"


def entry(**attributes: str) -> dict[str, str]:
    return {"keytype": STR, **attributes}


def pickle(value: Any, **attributes: str) -> Part:
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return Part(entry(**{"type": name, **attributes}), xmlpickle.dumps(value))


def core(**elements: str) -> Part:
    data = ZDCAnnotationData()
    data.update({key.replace("_", "."): (value,) for key, value in elements.items()})
    return Part(entry(type=DC_TYPE), xmlpickle.dumps(data))


def file(**parts: Part) -> Description:
    kind = "zope.app.file.file.File"
    paths = {"contentType": "Extra/contentType", "core": DC}
    return Description(
        entry(type=kind, factory=kind),
        {paths.get(name, f"Annotations/{name}"): part for name, part in parts.items()},
    )


def changed(description: Description, old: str, new: str) -> Description:
    """Return what becomes of a description whose text is edited."""
    text = dump(description).decode()
    assert old in text
    return load(text.replace(old, new).encode(), description)


def test_a_file_of_the_toolkit() -> None:
    found = file(
        contentType=pickle("text/plain"),
        core=core(
            Title="Demo — Übersicht", Date_Modified="2026-11-22", Creator="zope.x"
        ),
    )
    assert dump(found).decode() == (
        "type = zope.app.file.file.File\n"
        "Extra/contentType = text/plain\n"
        "\n"
        f"[{DC}]\n"
        "Creator = zope.x\n"
        "Title = Demo — Übersicht\n"
    )
    assert load(dump(found), found) == found


def test_an_object_of_zope() -> None:
    data = b"tags (lines)\n    b\n    a\ntitle (string) = A title\n"
    settings = {"type": "a.SQLSettings", "factory": "a.SQLSettings"}
    found = Description(
        entry(type="OFS.Image.File", factory="OFS.Image.File", binary="true"),
        {
            "Extra/properties": Part(entry(type=PROPERTIES, factory=PROPERTIES), data),
            "Extra/settings": Part(entry(**settings), b"connection = db\n"),
        },
    )
    assert dump(found).decode() == (
        "type = OFS.Image.File\n"
        "binary = true\n"
        "\n"
        "[Extra/properties]\n"
        "tags (lines)\n    b\n    a\n"
        "title (string) = A title\n"
        "\n"
        "[Extra/settings]\n"
        "@type = a.SQLSettings\n"
        "connection = db\n"
    )
    assert load(dump(found)) == found


def test_a_pickle_of_a_class_is_shown_as_it_is() -> None:
    data = xmlpickle.dumps(Path("a"))
    found = file(other=Part(entry(type="my.Thing"), data))
    lines = "".join(f"    {line}\n" for line in data.decode().splitlines())
    told = f"\n[Annotations/other]\n@type = my.Thing\n@text\n{lines}"
    assert dump(found).decode().endswith(told)
    assert load(dump(found)) == found


def test_what_is_no_text_is_shown_in_base64() -> None:
    found = file(other=Part(entry(type="my.Thing", factory="my.Thing"), b"\0\xff" * 40))
    assert "\n@base64\n    AP8A/wD/" in dump(found).decode()
    assert load(dump(found)) == found


def test_a_large_part_is_shown_as_it_is() -> None:
    found = file(a=pickle(["x" * 1000] * 70), b=pickle(["x" * 1000] * 60))
    text = dump(found).decode()
    assert "\nAnnotations/b = [\n" in text
    assert "\n[Annotations/a]\n@type = builtins.list\n@text\n" in text
    assert load(text.encode()) == found


def test_mappings_are_sections() -> None:
    found = file(settings=pickle({"colour": "red", "sizes": [1, 2]}))
    assert (
        dump(found)
        .decode()
        .endswith(
            "\n[Annotations/settings]\n@form = dict\ncolour = red\nsizes = [1, 2]\n"
        )
    )
    assert load(dump(found)) == found


def test_parts_may_have_parts() -> None:
    part = Part(entry(type="my.File", factory="my.File"), b"hello")
    found = file(a=part)
    found.parts["Annotations/@@Zope/Extra/a/contentType"] = pickle("text/plain")  # type: ignore[index]
    found.parts["Annotations/dir"] = Part(entry(type="my.Dir"), None)  # type: ignore[index]
    found.parts["Annotations/dir/b"] = part  # type: ignore[index]
    assert load(dump(found)) == found


def test_only_the_server_sets_the_time_of_the_last_change() -> None:
    base = file(core=core(Title="One", Date_Modified="2026-11-22"))
    assert "Modified" not in dump(base).decode()
    assert changed(base, "One", "Two") == file(
        core=core(Title="Two", Date_Modified="2026-11-22")
    )
    assert changed(base, f"\n[{DC}]\nTitle = One\n", "") == file()
    with pytest.raises(MetadataDamaged, match="set by the server"):
        changed(base, "Title = One", "Date.Modified = 2026-11-23")


def test_a_time_of_the_last_change_alone_is_kept_from_the_base() -> None:
    base = file(core=core(Date_Modified="2026-11-22"))
    assert dump(base) == dump(file())
    assert load(dump(base), base) == base
    assert load(dump(file(core=core(Title="x"))), base) == file(
        core=core(Date_Modified="2026-11-22", Title="x")
    )


def test_a_part_of_which_no_line_changed_is_that_of_the_base() -> None:
    strange = xmlpickle.dumps(["a"]).replace(b"<list>", b"<list >")
    base = file(a=Part(entry(type="x"), strange), b=pickle([1]))
    found = changed(base, "Annotations/b = [1]", "Annotations/b = [ 1, 2 ]")
    assert found.parts["Annotations/a"] is base.parts["Annotations/a"]
    assert found.parts["Annotations/b"] == pickle([1, 2])


def test_an_empty_text_says_nothing() -> None:
    base = file(b=pickle(1))
    assert load(b"", base) is base
    assert load(b"\n") == Description({}, {})


def test_a_part_is_removed_with_its_lines_and_added_by_lines() -> None:
    base = file(b=pickle([1]))
    assert changed(base, "Annotations/b = [1]\n", "") == file()
    text = dump(file()) + b"Extra/contentType = text/html\n"
    assert load(text, base) == file(contentType=pickle("text/html"))


@pytest.mark.parametrize(
    "path",
    [
        "Extra/../x",
        "Extra/a/../../b",
        "Extra//x",
        "Other/x",
        "/Extra/x",
        "Extra/@@Zope",
        "Extra/@@Zope/Entries.xml",
        "Extra/@@Zope/Extra",
        "Extra/@@Zope/Original/a/b",
        "Extra/a/@@Zope",
        "Extra/@@zope/x",
        "Extra/\x07",
    ],
)
def test_parts_never_become_paths_elsewhere(path: str) -> None:
    with pytest.raises(PathRefused):
        dump(Description({}, {path: pickle(1)}))
    for text in (f"{itemtext.quote(path)} = 1\n", f"[{itemtext.quote(path)}]\n@text\n"):
        with pytest.raises((PathRefused, MetadataDamaged)):
            load(text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = /a", "'id' is no attribute of an object"),
        ("flag = removed", "'flag' is no attribute"),
        ("a b = x", "'a b' is no attribute"),
        ("type", "'type' has no value"),
        ("type (x) = y", "'type' has no value"),
        ("@python = 3", "what is '@python'"),
        ("@other = 2", "what is '@other'"),
        ("Extra/a = [1", "no value"),
        ("Extra/a", "there is no value"),
        ("Extra/a = 1\n[Extra/a]\n@value = 1", "line 2: 'Extra/a' is there twice"),
        ("[Extra/a]", "line 1: 'Extra/a' has no content"),
        ("[Extra/a]\n@form = poem", "a form that this zsync does not know: 'poem'"),
        ("[Extra/a]\n@form = dict\nx", "line 3: there is no value"),
        ("[Extra/a]\n@text\n    x\nx = 1", "'x' beside '@text'"),
        ("[Extra/a]\n@text\n@value = 1", "'@value' beside '@text'"),
        ('[Extra/a]\n@text\n    "x', "not closed"),
        ("[Extra/a]\n@base64\n    x", "no base64"),
        ("[Extra/a]\n@python = 2", "what is '@python'"),
        ("[Extra/a]\n@id = /a\n@value = 1", "'id' is no attribute"),
        ("Extra/a = 1\nExtra/a/b = 1", "'Extra/a' is no directory"),
        ("[Extra/properties]\na (x", "a kind that does not end"),
        (f"[{DC}]\nTitle (x) = 1", "has no kind"),
        (f"[{DC}]\nTitle = 1\n    2", "a value on the line, and lines below"),
    ],
)
def test_lines_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(MetadataDamaged, match=message) as caught:
        load(text.encode(), path="a.txt")
    assert "a.txt: line " in str(caught.value)


def test_conflicts_are_refused() -> None:
    with pytest.raises(ConflictsRemain):
        load(b"type = a\n<<<<<<< mine\n")


def _core(elements: dict[str, list[str]]) -> bytes:
    data = ZDCAnnotationData()
    data.update({key: tuple(values) for key, values in elements.items()})
    return xmlpickle.dumps(data)


NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["type", "factory", "keytype", "provides", "key", "text", "x"]),
    st.text(max_size=5) | st.sampled_from(["none", "builtins.str", "a.B"]),
    max_size=4,
)
DATA = (
    st.binary(max_size=30)
    | st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace"))
    | st.sampled_from([None, ASIDE])
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.binary(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=5,
    ).map(xmlpickle.dumps)
    | st.dictionaries(
        st.text(max_size=3), st.lists(st.text(max_size=5)), max_size=3
    ).map(_core)
)
PATHS = st.sampled_from(
    ["Extra/properties", "Extra/contentType", "Extra/attributes", DC]
) | NAMES.map("Annotations/{}".format)


DESCRIPTIONS = st.builds(
    Description, ATTRIBUTES, st.dictionaries(PATHS, st.builds(Part, ATTRIBUTES, DATA))
)


@given(DESCRIPTIONS)
def test_descriptions_come_back(description: Description) -> None:
    text = dump(description)
    found = load(text) if text else Description({}, {})
    assert found == description
    assert load(text, description) == description
    assert dump(found) == text


def recorded() -> Iterator[Description]:
    """Yield the objects that release 3.6.0 was recorded with."""
    for path in sorted((Path(__file__).parent / "data").rglob("*.snarf")):
        with open(path, "rb") as stream:
            yield from described(SnarfRepository(stream))


def described(repository: SnarfRepository) -> Iterator[Description]:
    metadata = repository.getMetadata()
    folders = {
        path.rpartition("@@Zope")[0].rstrip("/") for path in repository.iterPaths()
    }
    for folder in folders:
        if "@@Zope" in folder:
            continue
        for name in metadata.getnames(folder):
            parts = {}
            for special in ("Extra", "Annotations"):
                base = "/".join(filter(None, [folder, "@@Zope", special, name]))
                for each in metadata.getnames(base):
                    path = f"{base}/{each}"
                    parts[f"{special}/{each}"] = Part(
                        metadata.getentry(path), repository.readFile(path)
                    )
            found = metadata.getentry(f"{folder}/{name}".lstrip("/"))
            found.pop("id", None)
            yield Description(found, parts)


def test_what_was_recorded_comes_back() -> None:
    found = list(recorded())
    assert found
    for each in found:
        text = dump(each)
        assert load(text, each) == each
        assert dump(load(text)) == text
        assert b"str(" in text or b"contentType" not in text
