"""The structure of a model's answer as Markdown: paragraphs, lists, tables, lead-ins, bold."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa.types import AnswerSentence, DraftSentence
from vectorstore.text.language import is_english

ROW = "|"
ITEM = re.compile(r"[ \t]{0,20}(?:-|\d{1,4}\.) ")
"""The mark of a lead-in that heads a part of a list."""


def lead_in_of(leads: Iterable[DraftSentence]) -> str:
    """Return lead-ins, the outer ones first, as Markdown: one that heads part of a list keeps its mark and its bold."""
    text = ""
    for lead in leads:
        item = "" if lead.place.item == ROW else lead.place.item
        text += _below(text, lead.place.item) + item + (lead.place.markdown or lead.text)
    return text


def _below(lead: str, item: str) -> str:
    """Return what parts a lead-in from what begins with ``item``: an empty line where a list follows a paragraph."""
    if not lead:
        return ""
    return "\n\n" if item and not ITEM.match(lead.rpartition("\n")[2]) else "\n"


def structured(sentence: AnswerSentence, previous: AnswerSentence | None, cited: str) -> str:
    """Return a sentence with what parts it from the ``previous`` one, and ``cited``, its marks, behind it."""
    text = sentence.markdown or sentence.text
    if previous is not None and (row := _next_row(sentence, previous)):
        return f"\n{row}{cited}"
    opens = previous is None or previous.block != sentence.block
    lead = sentence.lead_in
    if sentence.item == ROW:
        lead += "\n" if lead else ""
        text = text if text.startswith(ROW) else f"{ROW} {text}"
        row = f"{text.rstrip(' |')} {cited} |" if cited else text
        rule = "|" + "---|" * max(1, text.strip().strip(ROW).count(ROW) + 1)
        if opens:
            headed = sentence.lead_in.rpartition("\n")[2].startswith(ROW)
            row = f"{lead}{rule}\n{row}" if headed else f"{lead}{row}\n{rule}"
        return _parting(sentence, previous) + row
    return _parting(sentence, previous) + lead + _below(lead, sentence.item) + sentence.item + text + cited


def _next_row(sentence: AnswerSentence, previous: AnswerSentence) -> str:
    """Return a quoted row of a table without what it is quoted with, where the row before says that."""
    table, above = sentence.table, previous.table
    same = table is not None and above is not None and (table.caption, table.header) == (above.caption, above.header)
    return sentence.text.rstrip().rpartition("\n")[2] if same else ""


def _parting(sentence: AnswerSentence, previous: AnswerSentence | None) -> str:
    if previous is None:
        return ""
    if previous.block != sentence.block:
        return "\n\n"
    if sentence.item or sentence.lead_in:
        return "\n"
    return " " if is_english(previous.text) or is_english(sentence.text) else ""
