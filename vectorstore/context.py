"""A passage's words in the light of its document: what is embedded for dense search."""

from __future__ import annotations

_TITLE_CHARS = 80
_SECTION_CHARS = 120


def in_context(title: str, section: str, text: str) -> str:
    """Return a passage's text below its document's title and its section, one line each; empty ones are left out.

    Long ones are cut, so that the passage itself always fits the embedder's window.
    """
    return "\n".join(part for part in (title[:_TITLE_CHARS], section[:_SECTION_CHARS], text) if part)
