"""Texts, files and images are bytes, with a name and a type beside them."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.oldest]


def test_a_file_keeps_its_name_and_type_when_its_bytes_change(editor, plone):
    data = b"\0new\r\n" * 5
    editor.path("data").write_bytes(data)

    editor.commit()

    file = f"site[{editor.name!r}].data.file"
    said = plone.run(f"f = {file}; print(f.filename, f.contentType, f.data)")
    assert said == f"data.bin application/x-data {data!r}\n"


def test_name_and_type_of_a_file_are_lines(editor, plone):
    fields = editor.part("data", "fields")
    editor.edit(fields, "data.bin", "data.dat")
    editor.edit(fields, "application/x-data", "text/plain")

    editor.commit()

    file = f"site[{editor.name!r}].data.file"
    said = plone.run(f"f = {file}; print(f.filename, f.contentType, f.getSize())")
    assert said == "data.dat text/plain 256000\n"


def test_a_text_stays_what_it_is_filtered_as(editor, plone):
    editor.path("page").write_text("<p onclick='x()'>A</p><script>x()</script>")

    editor.commit()

    said = plone.run(
        f"text = site[{editor.name!r}].page.text\n"
        "print(text.outputMimeType, text.output)"
    )
    assert said == "text/x-html-safe <p>A</p>\n"


def test_a_type_that_the_field_does_not_take_is_refused(editor):
    fields = editor.part("page", "fields")
    fields.write_text(fields.read_text() + "text:type = text/x-html-safe\n")

    assert "cannot be declared to be text/x-html-safe" in editor.commit(status=6)


def test_a_text_is_filtered_when_it_is_shown(editor, plone):
    editor.path("page").write_text("<p>Hello</p><script>alert(1)</script>\n")

    editor.commit()

    said = plone.run(f"print(site[{editor.name!r}].page.text.output)")
    assert "Hello" in said
    assert "script" not in said
    shown = plone.request("GET", f"/Plone/{editor.name}/page", user=None).text
    assert "Hello" in shown
    assert "alert(1)" not in shown
