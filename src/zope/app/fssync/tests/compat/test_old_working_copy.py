"""Working copies that 3.6.0 left, with our commands, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zope.app.fssync.tests.compat.support import Client
from zope.app.fssync.tests.compat.support import recorded
from zope.app.fssync.tests.compat.workingcopies import ARCHIVES
from zope.app.fssync.tests.compat.workingcopies import VERBS
from zope.app.fssync.tests.compat.workingcopies import answer

ANSWERS = json.loads(recorded("wc-answers.json"))


@pytest.mark.parametrize("name", ARCHIVES)
def test_commands_answer_and_leave_what_360_does(tmp_path: Path, name: str) -> None:
    """Where 3.6.0 ended with a traceback ours succeed."""
    client = Client(tmp_path, old=False)
    for verb in VERBS:
        ours, theirs = answer(client, name, verb), ANSWERS[name][verb]
        assert not ours["failed"]
        if not theirs["failed"]:
            assert (verb, ours) == (verb, theirs)
