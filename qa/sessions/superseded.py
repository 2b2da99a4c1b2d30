"""Marks what became, since an answer was stored, of the versions of documents that it cites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa.sessions.conversations import Message
from qa.types import Citation

if TYPE_CHECKING:
    from vectorstore.library import Library


def marked(messages: Sequence[Message], library: Library) -> list[Message]:
    """Return the messages with ``superseded`` set in citations whose document was replaced or removed."""
    cited = {citation.document_id for one in messages if one.answer is not None for citation in one.answer.citations}
    held = library.versions.current(sorted(cited))
    if all(_is_current(c, held) for one in messages if one.answer is not None for c in one.answer.citations):
        return list(messages)
    return [_marked(message, held) for message in messages]


def _marked(message: Message, held: dict[str, str]) -> Message:
    if message.answer is None:
        return message
    citations = [
        citation
        if _is_current(citation, held)
        else citation.model_copy(update={"superseded": "replaced" if citation.document_id in held else "removed"})
        for citation in message.answer.citations
    ]
    return message.model_copy(update={"answer": message.answer.model_copy(update={"citations": citations})})


def _is_current(citation: Citation, held: dict[str, str]) -> bool:
    """Of answers from before versions were noted, only whether the document is there is known."""
    return held.get(citation.document_id) == citation.sha256 or (not citation.sha256 and citation.document_id in held)
