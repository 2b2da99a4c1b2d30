"""One question in an HTML report: what was asked, answered, cited and expected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.datasets.questions import Question
from eval.metrics.answers import answer_limit
from eval.metrics.scoring import PERFECT, headline
from eval.metrics.text import MARK, comparable, without_marks
from eval.report.markup import Markup, escape, join, tag
from eval.runs.records import CitationRecord, Item

GOOD, BAD, NONE = "good", "bad", "none"

_BLANK_LINES = re.compile(r"[^\S\n]*\n\s*")


def verdict(item: Item) -> str:
    """Return "good", "bad" or "none" for a right, a wrong and an unjudged answer."""
    if item.error or any(item.scores.get(metric, 1.0) < 1.0 for metric in PERFECT):
        return BAD
    metric = headline(item.scores)
    return NONE if metric is None else GOOD if item.scores[metric] >= 1.0 else BAD


def entry(item: Item, asked: Question) -> Markup:
    """Return a question of a run, folded up to a line."""
    body = tag("div", *expected(item, asked), *hits(item), *answered(item), class_="body")
    return details(asked.id, asked.type, asked.question, verdict(item), badge(item), body)


def details(name: str, type_: str, question: str, mark: str, label: Markup, body: Markup) -> Markup:
    """Return a folded question that the page's controls can find."""
    line = tag(
        "summary",
        label,
        tag("code", name),
        tag("span", type_, class_="type"),
        tag("span", question, class_="question"),
    )
    return tag("details", line, body, class_=f"entry {mark}", data_type=type_, data_verdict=mark)


def badge(item: Item) -> Markup:
    """Return a word that says how an answer went."""
    mark = verdict(item)
    if item.error:
        word = "failed"
    elif mark == NONE:
        word = "no verdict"
    else:
        word = ("right" if mark == GOOD else "wrong") + (", abstained" if item.abstained else "")
    return tag("span", word, class_=f"badge {mark}")


def expected(item: Item, asked: Question) -> list[Markup]:
    """Return what was asked and what a right answer says."""
    parts = [tag("p", tag("b", f"{turn.role}: "), turn.content, class_="turn") for turn in asked.history]
    if item.standalone_question and item.standalone_question != asked.question:
        parts.append(_line("read as", item.standalone_question))
    parts.append(_line("expected", asked.answer or ("no reference" if asked.answerable else "an abstention")))
    if asked.note:
        parts.append(_line("note", asked.note))
    return parts


def hits(item: Item) -> list[Markup]:
    """Return what an answer must and must not contain, with what it does contain."""
    asked = item.asked
    if asked is None:
        return []
    parts = []
    text = comparable(without_marks(item.answer))[: answer_limit(asked.type)]
    if asked.must_contain:
        parts.append(_line("must contain", *(_group(group, text) for group in asked.must_contain)))
    if asked.ok_if_contains:
        parts.append(_line("abstains, or corrects with", *(_group(group, text) for group in asked.ok_if_contains)))
    if asked.must_not_contain:
        chips = (_chip(words, BAD if comparable(words) in text else NONE) for words in asked.must_not_contain)
        parts.append(_line("must not contain", *chips))
    return parts


def answered(item: Item) -> list[Markup]:
    """Return the answer, its citations in their sources, the evidence and the scores."""
    if item.error:
        return [tag("p", item.error, class_="error")]
    parts = [tag("p", answer_text(item.answer), class_="answer abstained" if item.abstained else "answer")]
    parts += [_citation(citation) for citation in item.citations]
    parts += _evidence(item)
    parts += [tag("p", warning, class_="warning") for warning in item.warnings]
    parts.append(_figures(item))
    return parts


def answer_text(text: str) -> Markup:
    """Return an answer with its citation marks raised."""
    pieces: list[Markup] = []
    reached = 0
    for found in MARK.finditer(text):
        pieces += [escape(text[reached : found.start()]), tag("sup", found.group())]
        reached = found.end()
    return join([*pieces, escape(text[reached:])])


def _line(label: str, *content: object) -> Markup:
    return tag("p", tag("span", label, class_="label"), " ", join(content, " "), class_="line")


def _group(alternatives: Sequence[str], text: str) -> Markup:
    hit = any(comparable(words) in text for words in alternatives)
    return _chip(" / ".join(alternatives), GOOD if hit else BAD)


def _chip(words: str, mark: str) -> Markup:
    return tag("span", words, class_=f"chip {mark}")


def _citation(citation: CitationRecord) -> Markup:
    where = " · ".join(part for part in (citation.title, citation.section) if part)
    spans = ", ".join(f"{start}–{end}" for start, end in citation.spans)
    pieces = [(_BLANK_LINES.sub("\n", piece), cited) for piece, cited in citation.context or [(citation.quote, True)]]
    return tag(
        "blockquote",
        tag(
            "cite",
            tag("b", f"[{citation.number}] "),
            where or citation.document,
            tag("small", f" {citation.document} {spans}"),
        ),
        tag("div", *(tag("mark", piece) if cited else tag("span", piece) for piece, cited in pieces), class_="source"),
    )


def _evidence(item: Item) -> list[Markup]:
    if item.asked is None or not item.asked.evidence:
        return []
    rows = []
    for quote, found in zip(item.asked.evidence, item.evidence, strict=True):
        rank = f"in passage {found.rank}" if found.rank else "not retrieved"
        marks = [_chip("cited" if found.cited else "not cited", GOOD if found.cited else BAD)]
        marks.append(_chip(rank, GOOD if found.rank and found.rank <= 5 else BAD))
        rows.append(tag("li", join(marks, " "), " ", quote.quote, tag("small", f" {quote.document}")))
    return [tag("div", tag("span", "evidence", class_="label"), tag("ul", *rows, class_="evidence"))]


def _figures(item: Item) -> Markup:
    figures = [f"{name} {value:g}" for name, value in item.scores.items() if name != "abstained"]
    if item.latency_ms:
        figures.append("ms " + " ".join(f"{name} {value:.0f}" for name, value in item.latency_ms.items()))
    figures += [f"judge: {name} {value:g}" for name, value in item.judged.items()]
    if item.dropped or item.unknown_labels:
        figures.append(f"dropped {item.dropped} unknown labels {item.unknown_labels}")
    return tag("p", *(tag("span", figure) for figure in figures), class_="figures")
