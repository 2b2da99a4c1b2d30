"""A conversation as Markdown: each sentence with footnotes, each footnote with the quote and its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qa.sessions.conversations import Conversation, Message
from qa.types import Answer, Citation

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINE_MARKS = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def markdown(conversation: Conversation, messages: Iterable[Message]) -> str:
    """Return the conversation. Footnotes are numbered through the whole of it; what was typed stays text."""
    title = escaped(conversation.title) or conversation.id
    parts = [f"# {title}", f"*{conversation.created}*"]
    notes: list[str] = []
    for message in messages:
        if message.role == "user":
            parts.append(f"## {escaped(message.content)}")
        elif message.answer is not None:
            parts += _answer(message.answer, notes)
    return "\n\n".join([*parts, *notes]) + "\n"


def _answer(answer: Answer, notes: list[str]) -> Iterator[str]:
    if answer.standalone_question != answer.question:
        yield f"→ {escaped(answer.standalone_question)}"
    if answer.abstained:
        yield f"*{escaped(answer.answer)}*"
        return
    first = len(notes)
    notes += [_note(first + citation.number, citation) for citation in answer.citations]
    yield "".join(
        escaped(sentence.text) + "".join(f"[^{first + number}]" for number in sentence.citations)
        for sentence in answer.sentences
    )


def _note(number: int, citation: Citation) -> str:
    place = " · ".join(escaped(part) for part in (citation.title, citation.section, citation.document) if part)
    offsets = ", ".join(f"{start}–{end}" for start, end in citation.spans)
    return f"[^{number}]: {place} ({offsets}): “{escaped(citation.quote)}”"


def escaped(text: str) -> str:
    """Return ``text`` on one line, with nothing in it that Markdown or HTML would obey."""
    line = _MARKS.sub(r"\\\1", " ".join(text.split()))
    return _LINE_MARKS.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", line)
