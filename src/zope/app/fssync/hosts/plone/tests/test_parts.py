"""Parts of content are files that one may add and remove."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_part_that_is_removed_returns_to_the_default(editor, plone):
    image = editor.part("news", "image")
    editor.zsync("remove", str(image))

    editor.commit()

    said = plone.run(f"print(site[{editor.name!r}].news.image)")
    assert said == "None\n"


def test_an_unknown_part_is_refused(editor):
    part = editor.part("news", "colour")
    part.write_text("red\n")

    assert "no part 'colour'" in editor.commit(status=6)
