"""Settings: where they come from, and what they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.cli.config_cmd import config
from zope.app.fssync.client.configuration import SETTINGS
from zope.app.fssync.testing.person import Person


class Configured(Person):
    """Somebody whose settings are elsewhere."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, home)
        self.settings = home / "settings"
        self.file = self.settings / "zsync" / "config.toml"

    def __call__(self, *args: str, **more: Any) -> str:
        return super().__call__(*args, XDG_CONFIG_HOME=str(self.settings), **more)


@pytest.fixture
def zsync(tmp_path):
    return Configured(tmp_path)


@pytest.fixture
def copy(zsync):
    """The file of settings of a working copy."""
    control = zsync.home / "@@Zope"
    control.mkdir()
    (control / "Root").write_text("http://127.0.0.1/demo\n")
    return control / "config.toml"


def test_settings_are_listed_with_their_origin(zsync, copy):
    assert zsync("config") == ""
    zsync("config", "set", "credential.helper", "cache", "!x 'y'")
    zsync("config", "set", "credential.keyring", "False")
    zsync("config", "set", "http.proxy", "http://me:secret@proxy:3128")
    zsync("config", "set", "--working-copy", "timeout.read", "90")
    zsync("config", "set", "timeout.read", "60")
    shown = zsync("config", "--list", "--show-origin", "-o", "timeout.connect=1.5")
    assert shown.splitlines() == [
        f"{zsync.file}\tcredential.helper=cache",
        f"{zsync.file}\tcredential.helper=!x 'y'",
        f"{zsync.file}\tcredential.keyring=false",
        f"{zsync.file}\thttp.proxy=http://me:***@proxy:3128",
        "command line\ttimeout.connect=1.5",
        f"{copy}\ttimeout.read=90",
    ]
    assert zsync("config", "get", "credential.helper") == "cache\n!x 'y'\n"
    assert zsync("config", "get", "timeout.read", "-o", "timeout.read=5") == "5\n"
    zsync("config", "unset", "--working-copy", "timeout.read")
    assert zsync("config", "get", "timeout.read") == "60\n"
    zsync("config", "unset", "timeout.read")
    assert zsync("config", "get", "timeout.read", status=1) == ""
    zsync("config", "unset", "timeout.read", status=1)
    assert "is not set in" in zsync.said


def test_a_working_copy_sets_only_what_is_harmless(zsync, copy):
    zsync("config", "set", "--working-copy", "commit.editor", "vi", status=2)
    lines = ["[odd]", "key = 1"]
    for known in SETTINGS:
        section, _, name = known.key.partition(".")
        lines += [f"[{section}]"] * (f"[{section}]" not in lines)
        at = lines.index(f"[{section}]") + 1
        value = {"seconds": "5", "flag": "true"}.get(known.kind, "'x'")
        lines.insert(at, f"{name} = {value}")
    copy.write_text("\n".join(lines))
    taken = {line.partition("=")[0] for line in zsync("config").splitlines()}
    assert taken == {"timeout.connect", "timeout.read", "timeout.answer"}
    assert "'tls.ca' is not taken from a working copy" in zsync.said
    assert "there is no setting 'odd.key'" in zsync.said


def test_a_working_copy_of_anybody_sets_nothing(zsync, copy):
    copy.write_text("[timeout]\nread = 5\n")
    zsync.home.chmod(0o777)
    zsync("config", status=8)
    assert "is not used" in zsync.said


@pytest.mark.parametrize(
    "text",
    ["timeout.read = -1", "timeout.read = nan", "timeout.read = true", "[timeout"],
)
def test_a_wrong_value_in_a_file_is_an_error_that_names_it(zsync, copy, text):
    copy.write_text(f"{text}\n")
    zsync("config", status=1)
    assert "zsync: @@Zope/config.toml" in zsync.said
    assert "hint: " in zsync.said


def test_a_link_in_a_working_copy_is_not_followed(zsync, copy):
    (zsync.home / "elsewhere").write_text("[timeout]\nread = 5\n")
    copy.symlink_to(zsync.home / "elsewhere")
    zsync("config", status=8)
    zsync("config", "set", "--working-copy", "timeout.read", "7", status=8)
    assert "read = 5" in (zsync.home / "elsewhere").read_text()


def test_ones_own_file_may_be_a_link(zsync):
    target = zsync.home / "dotfiles.toml"
    target.write_text("# mine\n[timeout]\nread = 5 # short\n")
    zsync.file.parent.mkdir(parents=True)
    zsync.file.symlink_to(target)
    zsync("config", "set", "timeout.answer", "9")
    assert zsync.file.is_symlink()
    assert target.read_text() == "# mine\n[timeout]\nread = 5 # short\nanswer = 9.0\n"


def test_a_file_that_others_write_is_refused(zsync):
    zsync("config", "set", "timeout.answer", "9")
    zsync.file.chmod(0o666)
    zsync("config", status=4)
    assert "others can write them" in zsync.said


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["config", "get", "tls.cas"], "did you mean 'tls.ca'?"),
        (["config", "get", "zzz"], "help config"),
        (["config", "get"], "config takes"),
        (["config", "nosuch"], "config takes"),
        (["config", "set", "timeout.read", "x"], "a number of seconds"),
        (["config", "set", "timeout.read", "1", "2"], "takes one value"),
        (["config", "set", "credential.keyring", "x"], "true or false"),
        (["status", "-o", "nosuch=1"], "there is no setting 'nosuch'"),
        (["-o", "timeout.read=0", "status"], "a number of seconds"),
        (["status", "-o", "x"], "-o takes KEY=VALUE"),
    ],
)
def test_a_wrong_command_line_is_told(zsync, args, message):
    zsync(*args, status=2)
    assert message in zsync.said


def test_outside_of_a_working_copy_there_is_none_to_set(zsync):
    zsync("config", "set", "--working-copy", "timeout.read", "1", status=1)
    assert "no working copy" in zsync.said


def test_the_help_names_every_setting():
    text = config.description()
    assert all(f"\n{known.key} " in text for known in SETTINGS)


def test_config_keeps_a_setting(zsync):
    zsync("config", "set", "timeout.read", "7")
    assert zsync("config", "get", "timeout.read") == "7\n"
    zsync("config", "get", "timeout.answer", status=1)
