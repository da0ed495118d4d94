"""Descriptions of objects as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from zope.dublincore.annotatableadapter import ZDCAnnotationData

from zope.fssync import xmlpickle
from zope.fssync.description import ASIDE
from zope.fssync.description import Description
from zope.fssync.description import Part
from zope.fssync.description import dump
from zope.fssync.description import load
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


def test_recorded_objects_come_back() -> None:
    found = list(recorded())
    assert found
    for each in found:
        text = dump(each)
        assert load(text, each) == each
        assert dump(load(text)) == text
        assert b"str(" in text or b"contentType" not in text
