"""Replies to what is no question about the reports: small talk, and what the service is and holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa import messages
from qa.answering.overview import heading
from qa.question.query import Query
from qa.types import AbstentionReason, Answer, DocumentLink, Intent
from vectorstore.text.language import Language
from vectorstore.types import DocumentInfo

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

MOST_DOCUMENTS = 30
"""Documents that are listed by name; ``GET /documents`` lists all."""


def reply(query: Query, library: Corpus) -> Answer | None:
    """Return the reply to ``query``; None where it asks something about the reports."""
    if query.intent is Intent.SMALL_TALK:
        message = messages.GOING_ON if query.history else messages.GREETING
        return _reply(query, "small_talk", message(query.language))
    if query.intent is not Intent.SERVICE:
        return None
    documents = library.directory.first(MOST_DOCUMENTS, query.scope)
    listed = _listed(documents, library.directory.count(query.scope), query.language)
    text = f"{messages.ABOUT(query.language)}\n\n{listed}"
    links = [
        DocumentLink(document=info.name, document_id=info.id, title=info.title, date=info.date) for info in documents
    ]
    return _reply(query, "about_the_service", text, links)


def nothing_more(answer: Answer, language: Language) -> Answer:
    """Return ``answer``, an abstention, as one that says that there is no more of what was answered before."""
    return answer.model_copy(update={"answer": messages.NOTHING_MORE(language), "reason": "nothing_more"})


def _reply(query: Query, reason: AbstentionReason, text: str, documents: Sequence[DocumentLink] = ()) -> Answer:
    return Answer(
        question=query.typed,
        standalone_question=query.standalone,
        answer=text,
        abstained=True,
        reason=reason,
        intent=query.intent,
        documents=list(documents),
    )


def _listed(documents: Sequence[DocumentInfo], count: int, language: Language) -> str:
    """Return the first of ``count`` documents, one a line, by title and date."""
    if not documents:
        return messages.NO_DOCUMENTS(language)
    lines = [messages.DOCUMENTS(language, count=count)]
    lines += [f"{place}. {heading(info, language)}" for place, info in enumerate(documents, start=1)]
    if count > len(documents):
        lines.append(messages.MORE_DOCUMENTS(language, count=count - len(documents)))
    return "\n".join(lines)
