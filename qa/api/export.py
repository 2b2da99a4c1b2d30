"""Exports a conversation as Markdown: each sentence with footnotes, each footnote with its quote and place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from qa.answering.quoted_tables import markdown_rows, quotation
from qa.answering.rendering import pages
from qa.answering.structure import ITEM, ROW, structured
from qa.messages import sentence_text
from qa.sessions.conversations import Conversation, Message
from qa.types import Answer, AnswerSentence, Citation, QuotedTable
from vectorstore.text.language import Language, language_of

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_SPECIAL_AT_LINE_START = re.compile(r"^([^\S\n]*)([-+=]|\d+[.)])", re.MULTILINE)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\uff1f\uff1a\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NAME_CHARS = 80


def markdown(conversation: Conversation, messages: Iterable[Message]) -> str:
    """Return the conversation as Markdown. Footnotes are numbered through; no text can become markup."""
    title = escaped(conversation.title) or conversation.id
    parts = [f"# {title}", f"*{conversation.created}*"]
    notes: list[str] = []
    for message in messages:
        if message.role == "user":
            first, _, rest = message.content.strip().partition("\n")
            parts.append(f"## {escaped(first)}")
            parts += [escaped_lines(rest)] if rest.strip() else []
        elif message.answer is not None:
            parts += _answer(message.answer, notes)
    return "\n\n".join([*parts, *notes]) + "\n"


def _answer(answer: Answer, notes: list[str]) -> Iterator[str]:
    """Yield the paragraphs of an answer, and append its footnotes to ``notes``."""
    if answer.standalone_question != answer.question:
        yield f"→ {escaped(answer.standalone_question)}"
    if answer.is_reply:
        yield from (escaped_lines(paragraph) for paragraph in answer.answer.split("\n\n") if paragraph.strip())
        return
    if answer.abstained:
        yield f"*{escaped(answer.answer)}*"
        return
    first = len(notes)
    notes += [_note(first + citation.number, citation, language_of(answer.question)) for citation in answer.citations]
    # Neighbouring sentences about one document, or of one of its sections, make a paragraph, which opens with the name.
    language, last = language_of(answer.question), ""
    for (document, section), sentences in groupby(
        answer.sentences, key=lambda sentence: (sentence.document, sentence.section)
    ):
        text = sentence_text(_with_footnotes(sentences, first), escaped(section), language)
        named = bool(document) and document != last
        yield sentence_text(text, f"**{escaped(document)}**" if named else "", language)
        last = document


def _with_footnotes(sentences: Iterable[AnswerSentence], first: int) -> str:
    """Return sentences in their paragraphs, lists and tables, each with its footnotes."""
    text = ""
    row: QuotedTable | None = None
    previous: AnswerSentence | None = None
    for sentence in sentences:
        cited = _computed(sentence) + "".join(f"[^{first + number}]" for number in sentence.citations)
        if sentence.table is not None:
            parting = "\n\n" if text and row is None else ""
            text += parting + markdown_rows(sentence.table, row, cited, _inside)
            row, previous = sentence.table, None
            continue
        quoted = sentence.model_copy(
            update={name: _in_place(sentence, name) for name in ("text", "lead_in", "markdown")}
        )
        text += ("\n\n" if row is not None else "") + structured(quoted, previous, cited)
        row, previous = None, quoted
    return text


def _computed(sentence: AnswerSentence) -> str:
    """Return how a sentence's figures were computed, in brackets behind it."""
    return f" ({escaped(sentence.derived.expression)})" if sentence.derived else ""


def _in_place(sentence: AnswerSentence, name: str) -> str:
    """Return a text of a sentence with all escaped but the bars of a table's row and, in its Markdown, bold words."""
    text: str = getattr(sentence, name)
    if name == "lead_in" and ("\n" in text or ITEM.match(text)):
        return "\n".join(map(_led, text.split("\n")))
    kept = [ROW] if sentence.item == ROW and text.startswith(ROW) else []
    kept += ["**"] if name == "markdown" else []
    pattern = "|".join(map(re.escape, kept))
    if not pattern:
        return escaped(text)
    return "".join(part if part in kept else _spaced(part) for part in re.split(f"({pattern})", text))


def _led(line: str) -> str:
    """Return a line of what leads in escaped, but for an item's mark with its bold words and a row's bars."""
    mark = ITEM.match(line)
    start, kept = (mark.end(), "**") if mark else (0, ROW if line.startswith(ROW) else "\n")
    return line[:start] + "".join(
        part if part == kept else _spaced(part) for part in re.split(f"({re.escape(kept)})", line[start:])
    )


def _spaced(text: str) -> str:
    """Return ``text`` escaped, with a space at its ends where it has one."""
    inner = escaped(text)
    return (" " if text[:1].isspace() else "") + inner + (" " if inner and text[-1:].isspace() else "")


def _note(number: int, citation: Citation, language: Language) -> str:
    page = pages(citation, language)
    place = " · ".join(escaped(part) for part in (citation.title, citation.section, citation.document, page) if part)
    offsets = ", ".join(f"{start}–{end}" for start, end in citation.spans)
    return f"[^{number}]: {place} ({offsets}): “{escaped_lines(quotation(citation, language), 4)}”"


def escaped_lines(text: str, indent: int = 0) -> str:
    """Return ``text`` escaped, with its line ends as Markdown's hard ones; empty lines are left out.

    Args:
        indent: spaces before each line but the first: four keep a footnote together.
    """
    lines = [line for line in map(escaped, text.splitlines()) if line]
    return ("\\\n" + " " * indent).join(lines)


def file_name(title: str, otherwise: str) -> str:
    """Return a conversation's title as a file's name without an ending, fit for every system; else ``otherwise``."""
    return " ".join(_NOT_IN_NAMES.sub(" ", title).split())[:NAME_CHARS].strip(" .") or otherwise


def _inside(text: str) -> str:
    """Return ``text`` as ``escaped`` does, for a place that is not a line's start."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def escaped(text: str) -> str:
    """Return ``text`` on one line, with Markdown's and HTML's special characters escaped."""
    line = _inside(text)
    return _SPECIAL_AT_LINE_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", line)
