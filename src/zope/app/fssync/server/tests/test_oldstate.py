"""Ids of transactions; what old states have is in the scenarios."""

from __future__ import annotations

from zope.app.fssync.server.oldstate import transaction_before


def test_before_a_transaction_is_the_state_after_the_one_before() -> None:
    assert transaction_before(bytes.fromhex("0411af3c6d2e8100")) == bytes.fromhex(
        "0411af3c6d2e80ff"
    )
