"""Output for people: answers with footnotes, tables, progress bars. Control characters of documents are replaced."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from qa import messages
from qa.answering.quoted_tables import is_same_table, quotation
from qa.answering.rendering import headed, pages, softened
from qa.answering.structure import structured
from vectorstore.text.language import Language, language_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from qa.sessions.chat import ChatAnswer
    from qa.types import AnswerSentence, Citation, PassageHit, QuotedTable

    Progress = Callable[[str, int, int], None]

NEAREST = 3
"""Passages shown below an abstention."""
SNIPPET = 90
UNBROKEN = 10_000

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def out() -> Console:
    """The console on standard output; where no terminal is, no line is broken for its width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBROKEN)


def err() -> Console:
    """The console on standard error: notes and progress."""
    return Console(stderr=True, highlight=False)


def plain(text: str) -> str:
    """Return ``text`` without what a terminal would obey: escape sequences, direction overrides, lone surrogates.

    Every line end is a line feed.
    """
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, limit: int = SNIPPET) -> str:
    """Return the beginning of ``text`` on one line."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def say(console: Console, text: str, style: str = "", end: str = "\n") -> None:
    """Print text as it is: no markup is read in it, and the terminal wraps it."""
    console.print(Text(plain(text), style), soft_wrap=True, end=end)


def raw(text: str) -> None:
    """Print a text character for character to a file or a pipe; a terminal would obey what is in it."""
    if sys.stdout.isatty():
        say(out(), text, end="")
    else:
        sys.stdout.write(text)


def print_answer(answer: ChatAnswer, console: Console) -> None:
    """Print an answer, its footnotes, and what answered it in what time."""
    print_rewritten(answer.question, answer.standalone_question, console)
    previous: AnswerSentence | None = None
    for sentence in answer.sentences:
        print_sentence(sentence, previous, language_of(answer.question), console)
        previous = sentence
    if answer.abstained:
        print_abstention(answer, console)
    print_notes(answer, console)


def print_sentence(
    sentence: AnswerSentence, previous: AnswerSentence | None, language: Language, console: Console
) -> None:
    """Print a sentence of an answer on a line of its own, with its citation marks.

    Names of compared documents stand on each line; a document that is summed up is named once. Paragraphs, lists and
    tables stand as in Markdown; bold words, and the value that was asked for, are underlined at a terminal, where all
    of an answer is bold. How a figure was computed stands behind the marks.
    """
    cited = "".join(f"[{number}]" for number in sentence.citations)
    if sentence.derived is not None:
        cited += messages.WORKED_OUT(language, expression=sentence.derived.expression)
    sentence = _displayed(sentence, console.is_terminal)
    if sentence.document or sentence.section:
        say(console, headed(sentence, previous if sentence.section else None, language) + cited, "bold")
        return
    if sentence.table is not None:
        _print_row(sentence.table, previous.table if previous else None, cited, console)
        return
    text = structured(sentence, previous, cited)
    if text.startswith("\n\n"):
        console.print()
    text = text.strip("\n") if sentence.item or sentence.lead_in else text.strip()
    if previous is not None and previous.block == sentence.block and not sentence.item and previous.item.strip("| "):
        text = " " * len(previous.item) + text
    console.print(_emphasised(text, bool(sentence.markdown) and console.is_terminal), soft_wrap=True)


def _print_row(row: QuotedTable, previous: QuotedTable | None, cited: str, console: Console) -> None:
    """Print a quoted row below its caption and its header, in columns."""
    from rich.table import Table

    if row.caption and (previous is None or not is_same_table(row, previous)):
        say(console, row.caption, "dim")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, cell in zip(row.header, row.cells, strict=True):
        table.add_column(literal(name), justify="right" if cell[-1:].isdigit() or cell.endswith("%") else "left")
    cells = [*row.cells[:-1], row.cells[-1] + cited]
    table.add_row(*(Text(plain(cell), "bold") for cell in cells))
    console.print(table)


def _displayed(sentence: AnswerSentence, underline: bool) -> AnswerSentence:
    """Return a sentence with the value that was asked for in bold, and without the mark that a clause ends with."""
    if sentence.markdown or sentence.item:
        return sentence
    text = softened(sentence.text)
    if not underline or sentence.answer_span is None or sentence.document or "**" in text:
        return sentence.model_copy(update={"text": text})
    start, end = sentence.answer_span
    return sentence.model_copy(update={"text": text, "markdown": f"{text[:start]}**{text[start:end]}**{text[end:]}"})


def _emphasised(text: str, underline: bool) -> Text:
    """Return an answer's text in bold, with the words between ``**`` underlined."""
    if not underline:
        return Text(plain(text), "bold")
    pieces = plain(text).split("**")
    return Text.assemble(*((piece, "bold underline" if at % 2 else "bold") for at, piece in enumerate(pieces)))


def print_abstention(answer: ChatAnswer, console: Console) -> None:
    """Print what is said in place of an answer."""
    say(console, answer.answer, "" if answer.is_reply else "yellow")


def print_rewritten(question: str, standalone: str, console: Console) -> None:
    """Print the question as it was understood, when that differs from what was typed."""
    if standalone != question:
        say(console, f"→ {standalone}", "dim italic")


def print_notes(answer: ChatAnswer, console: Console) -> None:
    """Print what stands below an answer: footnotes or the nearest passages, warnings, and the time it took.

    In the language of the question.
    """
    language = language_of(answer.question)
    if answer.citations:
        console.print()
    for citation in answer.citations:
        _footnote(citation, language, console)
    if answer.abstained and answer.passages and answer.reason not in ("not_about_the_reports", "nothing_more"):
        say(console, messages.NEAREST_PASSAGES(language), "dim")
        for hit in answer.passages[:NEAREST]:
            say(console, f"  · {_place(hit)}: {one_line(hit.text)}", "dim")
    for warning in answer.warnings:
        say(console, f"! {warning}", "yellow")
    answerer = messages.EXTRACTED(language) if answer.answerer == "extractive" else answer.model or answer.answerer
    if answer.is_reply:
        return
    made = messages.TIME_TAKEN(language, answerer=answerer, ms=answer.latency_ms.total)
    usage = answer.usage
    if usage is not None:
        made += messages.TOKENS_TAKEN(language, sent=usage.input_tokens, written=usage.output_tokens)
    say(console, made, "dim")


def _footnote(citation: Citation, language: Language, console: Console) -> None:
    place = " · ".join(filter(None, (_place(citation), pages(citation, language))))
    say(console, f"[{citation.number}] {place}", "cyan")
    quote = Text(plain(quotation(citation, language)), "dim")
    if console.is_terminal:
        console.print(Padding(quote, (0, 0, 0, 4)))
    else:
        console.print(Text("    ").append(quote), soft_wrap=True)


def _place(source: Citation | PassageHit) -> str:
    return " · ".join(part for part in (source.document, source.title, source.section) if part)


@contextmanager
def progress_bar(console: Console, doing: str) -> Iterator[Progress]:
    """Draw a bar that says ``doing`` until the callback (what, done, total) that is given has more to say.

    It is gone at the end, and silent where no terminal is.
    """
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(24), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(doing, total=None)

        def report(what: str, done: int, total: int) -> None:
            percent = f"{100 * done // max(total, 1):3d}%"
            bars.update(task, description=f"{percent} {one_line(what, 40)}", completed=done, total=max(total, 1))

        yield report


def interactive() -> bool:
    """Return whether standard input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def literal(text: str) -> Text:
    """Return text for a table's cell, in which no markup is read."""
    return Text(plain(text))
