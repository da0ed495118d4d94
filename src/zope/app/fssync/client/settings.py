"""What can be set, as scripts of shells have it: nothing is imported for that.

What each is for stands in the help of `zsync config`.
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
