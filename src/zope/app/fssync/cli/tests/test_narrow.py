"""Help on a narrow terminal: all of it, and no line longer than need be."""

from __future__ import annotations

import pytest

from zope.app.fssync.cli.narrow import filled
from zope.app.fssync.cli.narrow import fitted
from zope.app.fssync.cli.verbs import COMMANDS
from zope.app.fssync.main import main

HELP = """\
prog tell [-n] NAME ...

Tells each NAME what there
is to be told of it.

  short  a word
  longer than a column
         two words

Options:
  -n, --never               tell nothing,
                            ever
  -m TEXT, --message-of-all=TEXT
                            what to tell

Examples:
  # tell it to one
  prog tell one --message-of-all 'what there is'
"""

NARROW = """\
prog tell [-n] NAME ...

Tells each NAME what there is
to be told of it.

  short
      a word
  longer than a column
      two words

Options:
  -n, --never
      tell nothing, ever
  -m TEXT, --message-of-all=TEXT
      what to tell

Examples:
  # tell it to one
  prog tell one --message-of-all 'what there is'
"""


def test_sentences_are_filled_and_columns_stand_below_each_other() -> None:
    assert fitted(HELP, 30) == NARROW


def test_narrow_text_is_not_changed() -> None:
    assert fitted(NARROW, 30) == NARROW


@pytest.mark.parametrize("name", [*COMMANDS, ""])
def test_all_help_fits_40_columns_but_for_what_can_be_copied(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", *filter(None, [name])]) == 0
    wide = capsys.readouterr().out
    narrow = fitted(wide, 40)
    assert [w for w in narrow.split() if w != "#"] == [
        word for word in wide.split() if word != "#"
    ]
    for line in narrow.splitlines():
        assert len(line) <= 40 or line.startswith("  ") or " " not in line.strip()


def test_the_text_of_a_topic_is_filled() -> None:
    text = (
        "a  added to be\nm  changed\n\nword\n   What it means to\n   those who use it."
    )
    assert filled(text, 12) == (
        "a  added to\nbe\nm  changed\n\nword\n   What it\n   means to\n"
        "   those who\n   use it."
    )
