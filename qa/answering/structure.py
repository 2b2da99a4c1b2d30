"""The structure of a model's answer as Markdown: paragraphs, lists, tables, lead-ins, bold."""

from __future__ import annotations

from qa.types import AnswerSentence
from vectorstore.text.language import is_english

ROW = "|"


def structured(sentence: AnswerSentence, previous: AnswerSentence | None, cited: str) -> str:
    """Return a sentence with what parts it from the ``previous`` one, and ``cited``, its marks, behind it."""
    text = sentence.markdown or sentence.text
    if previous is not None and (row := _next_row(sentence, previous)):
        return f"\n{row}{cited}"
    opens = previous is None or previous.block != sentence.block
    lead = f"{sentence.lead_in}\n" if sentence.lead_in else ""
    if sentence.item == ROW:
        text = text if text.startswith(ROW) else f"{ROW} {text}"
        row = f"{text.rstrip(' |')} {cited} |" if cited else text
        rule = "|" + "---|" * max(1, text.strip().strip(ROW).count(ROW) + 1)
        if opens:
            headed = sentence.lead_in.startswith(ROW)
            row = f"{lead}{rule}\n{row}" if headed else f"{lead}{row}\n{rule}"
        return _parting(sentence, previous) + row
    if lead and sentence.item:
        lead += "\n"
    return _parting(sentence, previous) + lead + sentence.item + text + cited


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
