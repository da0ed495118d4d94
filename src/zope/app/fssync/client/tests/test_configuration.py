"""Settings of the command line, of a working copy and of a person, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client import configuration
from zope.app.fssync.client.configuration import Value
from zope.app.fssync.client.configuration import load
from zope.app.fssync.client.configuration import parsed
from zope.app.fssync.client.configuration import setting
from zope.app.fssync.client.configuration import working_copy_file
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a person."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = Path(configuration.user_file())
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("commit.editor", ["vi -n"], "vi -n"),
        ("credential.helper", ["cache", "", "store"], ["cache", "store"]),
        ("credential.keyring", ["True"], True),
        ("timeout.read", ["7"], 7.0),
    ],
)
def test_words_are_values(key: str, words: list[str], value: Value) -> None:
    assert parsed(setting(key), words) == value


@pytest.mark.parametrize(
    ("key", "words", "text"),
    [
        ("timeout.read", ["soon"], "'timeout.read' is a number of seconds, at most "),
        ("timeout.read", ["nan"], "'timeout.read' is a number of seconds, at most "),
        ("timeout.read", ["0"], "'timeout.read' is a number of seconds, at most "),
        ("credential.keyring", ["1"], "'credential.keyring' is true or false: '1'"),
        ("commit.editor", ["a", "b"], "'commit.editor' takes one value"),
        ("diff.tool", ["a\0"], "'diff.tool' is a text"),
    ],
)
def test_other_words_are_refused(key: str, words: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        parsed(setting(key), words)


def test_an_unknown_setting_is_refused_with_one_that_is_near() -> None:
    with pytest.raises(UsageError, match=r"no setting 'timeout\.raed'") as error:
        setting("timeout.raed")
    assert "did you mean 'timeout.read'" in str(error.value.advice)
    with pytest.raises(UsageError) as error:
        setting("x")
    assert error.value.advice == "'zsync help config' lists the settings."


def test_the_command_line_counts_first(own: Path, tmp_path: Path) -> None:
    own.write_text("[timeout]\nread = 1\nconnect = 2\n")
    found = load(str(tmp_path), ["timeout.read=3"])
    assert found.seconds("timeout.read", 9) == 3
    assert found.seconds("timeout.connect", 9) == 2
    assert found.seconds("timeout.answer", 9) == 9
    assert list(found.shown()) == [
        ("timeout.connect", 2.0, str(own)),
        ("timeout.read", 3.0, "command line"),
    ]
    with pytest.raises(UsageError, match=r"-o takes KEY=VALUE: 'timeout\.read'"):
        load(str(tmp_path), ["timeout.read"])


def test_values_have_the_kind_that_is_asked_for(own: Path, tmp_path: Path) -> None:
    own.write_text('diff.tool = "meld"\ncredential.helper = "cache"\n')
    found = load(str(tmp_path))
    assert found.text("diff.tool") == "meld"
    assert found.texts("credential.helper") == ["cache"]
    assert found.flag("diff.tool") is False
    assert found.text("credential.helper") is None


def test_a_working_copy_sets_what_is_harmless(own: Path, co: Path) -> None:
    path = working_copy_file(str(co / "sub"))
    assert path is not None
    Path(path).write_text('timeout.read = 5\ndiff.tool = "evil"\nnosuch = 1\n')
    said: list[str] = []
    found = load(str(co), warn=said.append)
    assert found.seconds("timeout.read", 9) == 5
    assert found.text("diff.tool") is None
    assert said == [
        f"warning: {path}: 'diff.tool' is not taken from a working copy; set it in "
        "your own file, or with -o",
        f"warning: {path}: there is no setting 'nosuch'",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timeout.read = 'x'", "'timeout.read' is a number"),
        ("=", "is not TOML"),
        (f"a = {'1' * 5000}", "is not TOML: Exceeds the limit"),
        (f"{'a.' * 100}b = 1", "is not TOML: a key of many parts"),
    ],
)
def test_a_file_that_is_wrong_is_named(
    own: Path, tmp_path: Path, text: str, said: str
) -> None:
    own.write_text(text)
    with pytest.raises(Error, match=said) as error:
        load(str(tmp_path))
    assert error.value.path == str(own)


def test_dots_in_a_text_make_no_parts(own: Path, tmp_path: Path) -> None:
    own.write_text(f"diff.tool = '{'.' * 100}'")
    assert load(str(tmp_path)).text("diff.tool") == "." * 100


def test_a_file_that_others_can_write_is_refused(own: Path, tmp_path: Path) -> None:
    own.write_text("")
    own.chmod(0o666)
    with pytest.raises(AccessDenied, match="others can write them"):
        load(str(tmp_path))


def test_outside_of_a_working_copy_there_is_no_file_of_one(tmp_path: Path) -> None:
    assert working_copy_file(str(tmp_path)) is None
