"""The names of settings and their values, for completion, without other imports.

The help of `zsync config` explains them.
"""

from __future__ import annotations

__all__ = ["HARMLESS", "KINDS"]

#: What a key takes: text, texts, flag or seconds.
KINDS = {
    "checkout.layout": "text",
    "commit.editor": "text",
    "core.pager": "text",
    "credential.helper": "texts",
    "credential.keyring": "flag",
    "diff.tool": "text",
    "http.proxy": "text",
    "tls.ca": "text",
    "timeout.connect": "seconds",
    "timeout.read": "seconds",
    "timeout.answer": "seconds",
}

#: What a working copy may set, which may come from a stranger.
HARMLESS = frozenset(["timeout.connect", "timeout.read", "timeout.answer"])
