"""What Open WebUI asks and shows beyond OpenAI's API: events in chunks, and its background tasks.

Its page is handed the ``event`` of a chunk as it is. A ``source`` makes a chip that opens the quote; inline ``[n]``
counts the distinct names of sources, chips their distinct ids, so each citation is one event, in order, with a name
and an id of its own.

Its tasks (a title, tags, what to ask next) come as one user message to the same model. They are told by the JSON that
they ask for, and answered without a search.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from qa import messages
from qa.answering.rendering import pages, source_url
from qa.types import Answer, Citation, Event, Finished, Retrieved, Started
from vectorstore.text.language import Language, language_of

TITLE_CHARS = 40
FOLLOW_UPS = 3
_TASK = re.compile(r"\s*### Task:")
_WANTED = re.compile(r"[\"'](title|tags|follow_ups|queries|text|prompt)[\"']\s*(?::|key)")
_SAID = re.compile(r"^(USER|ASSISTANT): ?(.*?)(?=^(?:USER|ASSISTANT): |\Z)", re.S | re.M)


def source_event(citation: Citation, base: str, language: Language) -> dict[str, Any]:
    """Return the event that shows a citation as a source.

    Args:
        base: of the service, without a slash at its end.
    """
    page = pages(citation, language)
    name = " · ".join(part for part in (citation.document, page, f"[{citation.number}]") if part)
    key = f"c{citation.number}"
    url = source_url(base, citation.document_id, citation.spans, citation.sha256)
    metadata: dict[str, Any] = {"source": key, "name": name, "source_url": url}
    if citation.places:
        metadata["page"] = citation.places[0].page - 1  # counted from 0 there
    return {
        "type": "source",
        "data": {"source": {"id": key, "name": name}, "document": [citation.quote], "metadata": [metadata]},
    }


def status_event(event: Event, language: Language) -> dict[str, Any] | None:
    """Return the event that shows how far an answer is; None where nothing new is to be shown."""
    match event:
        case Started():
            return _status(messages.SEARCHING(language), False)
        case Retrieved(passages) if passages:
            return _status(messages.VERIFYING(language, count=len(passages)), False)
        case Finished(answer):
            return _status(_outcome(answer, language), True)
    return None


def _outcome(answer: Answer, language: Language) -> str:
    if answer.warnings:
        return " ".join(answer.warnings)
    if answer.abstained:
        return answer.answer.partition("\n")[0]
    counts = {"sentences": len(answer.sentences), "citations": len(answer.citations)}
    return messages.VERIFIED(language, **counts)


def _status(description: str, done: bool) -> dict[str, Any]:
    return {"type": "status", "data": {"description": description, "done": done}}


def task_answer(prompt: str, suggested: Callable[[], Sequence[str]]) -> str | None:
    """Return the answer to one of Open WebUI's tasks; None where ``prompt`` is none.

    Args:
        prompt: the last user message.
        suggested: returns questions that the library answers.
    """
    if not _TASK.match(prompt):
        return None
    wanted = _WANTED.search(prompt.partition("<chat_history>")[0])
    if wanted is None:
        return None
    chat = prompt.partition("<chat_history>")[2].rpartition("</chat_history>")[0]
    said = _SAID.findall(chat.strip())
    asked = [" ".join(text.split()) for role, text in said if role == "USER"]
    match wanted[1]:
        case "title":
            value: object = _title(asked[0] if asked else "")
        case "follow_ups":
            language = language_of(asked[-1]) if asked else None
            others = [one for one in suggested() if one not in asked and language in (None, language_of(one))]
            value = others[:FOLLOW_UPS]
        case "text" | "prompt":
            value = ""
        case _:  # tags, and queries for a search of its own
            value = []
    return json.dumps({wanted[1]: value}, ensure_ascii=False)


def _title(question: str) -> str:
    title = question.rstrip("？?。. ")
    if not title:
        return messages.NEW_CHAT(language_of(question))
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1].rstrip() + "…"
