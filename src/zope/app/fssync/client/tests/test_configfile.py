"""Changing a file of settings."""

import tomllib

import pytest

from zope.app.fssync.client.configfile import change
from zope.app.fssync.client.configuration import setting
from zope.fssync.errors import Error

EDITOR = setting("commit.editor")


def test_all_other_lines_stay(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(
        "# top\n[timeout]\nread = 1\n\n[commit] # mine\neditor = 'a'\n\n[tls]\nca='x'"
    )
    assert change(str(path), EDITOR, 'b"\\\x7f\u00fc')
    text = path.read_text()
    assert text.startswith("# top\n[timeout]\nread = 1\n\n[commit] # mine\neditor = ")
    assert text.endswith("\n\n[tls]\nca='x'\n")
    assert tomllib.loads(text)["commit"] == {"editor": 'b"\\\x7f\u00fc'}
    assert change(str(path), EDITOR, None)
    assert not change(str(path), EDITOR, None)
    assert not change(str(path), setting("timeout.answer"), 2.5)
    assert path.read_text() == (
        "# top\n[timeout]\nread = 1\nanswer = 2.5\n\n[commit] # mine\n\n[tls]\nca='x'\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "commit = {editor = 'a'}\n",
        "commit.editor = 'a'\n",
        "[commit]\neditor = '''a\nb'''\n",
        "commit = 1\n",
    ],
)
def test_files_that_cannot_be_changed_are_left_alone(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(Error, match="cannot change"):
        change(str(path), EDITOR, "b")
    assert path.read_text() == text
