"""Enumerations: which sentences stand together as one list, or under one lead or label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from qa.question.answer_types import MOST
from qa.question.query import AnswerType, Query
from qa.ranking.base import CandidateSentence
from qa.ranking.sentence_context import LEAD
from qa.text.quantities import Kind, quantities
from vectorstore.text.language import is_english, with_han
from vectorstore.text.quotes import DOUBLE, marks, quoted
from vectorstore.text.tables import quoted_row
from vectorstore.text.words import STOPWORDS, normalise

LONGEST = 400
"""Characters of a list; a longer one is not quoted whole."""
ALIKE = 0.5
"""Share of the best line's words of the question that another line must have to stand beside it."""


def length(units: Sequence[CandidateSentence]) -> int:
    """Return the characters of ``units``; what rows of one table are quoted with, counts once."""
    texts = [unit.sentence.text for unit in units]
    heads = {head for text in texts if (head := head_of_row(text))}
    return sum(len(text) - len(head_of_row(text)) for text in texts) + sum(map(len, heads))


def head_of_row(text: str) -> str:
    """Return the lines that a table's row is quoted with; empty for what is no row."""
    return text[: text.rindex("\n") + 1] if "\n" in text and quoted_row(text) is not None else ""


def led(
    unit: CandidateSentence, units: Sequence[CandidateSentence], covers: Sequence[float]
) -> list[CandidateSentence]:
    """Return a lead ("壮大集体经济。") with what it opens, since by itself it answers nothing.

    That is the enumeration behind it, or else two sentences.
    """
    behind = [
        CandidateSentence(unit.stored, index) for index in range(unit.index + 1, len(unit.stored.passage.sentences))
    ]
    run = _siblings(behind[0], units, covers) if behind else []
    return [unit, *(run if len(run) > 1 and run[0] == behind[0] else behind[:2])]


_MARK = re.compile(r"[，,：:；;。]")
_NUMERALS = "一二三四五六七八九十"
_ORDINAL = re.compile(rf"[{_NUMERALS}]是|[第其][{_NUMERALS}]|[(（]?[{_NUMERALS}\d]{{1,2}}[)）、.]")


def enumerated(
    unit: CandidateSentence, units: Sequence[CandidateSentence], covers: Sequence[float]
) -> list[CandidateSentence]:
    """Return the enumeration that ``unit`` belongs to, or that stands under it when it is a label ("鉴别诊断：")."""
    following = CandidateSentence(unit.stored, unit.index + 1)
    if is_label(unit) and following.index < len(unit.stored.passage.sentences):
        run = [unit, *_siblings(following, units, covers)]
        return run if length(run) <= LONGEST else [unit]
    return _siblings(unit, units, covers)


def is_label(unit: CandidateSentence) -> bool:
    return unit.sentence.text.rstrip("* ").endswith(("：", ":"))


def incomplete(query: Query, texts: Sequence[str]) -> tuple[int, int] | None:
    """Return how many things an answer lists and how many there are, where these are more; else None.

    How many there are, the question says ("which three gates"), or the line that leads up to the list.

    Args:
        texts: the answer's sentences. Each that opens like the others, or is a row of their table, lists one thing.
    """
    if query.answer_type is not AnswerType.LIST or len(texts) < 2:
        return None
    lead, items = (texts[0], texts[1:]) if texts[0].rstrip("* ").endswith(("：", ":")) else ("", texts)
    above = {text.rpartition("\n")[0] for text in items}
    in_table = len(above) == 1 and above != {""}
    if not in_table and not all(_alike(text, items[0]) for text in items):
        return None
    numbers = query.list_lengths or _counts(above.pop() if in_table else lead)
    complete = any(_lengths(normalise(text)) & numbers for text in texts)
    if len(numbers) != 1 or len(items) >= min(numbers) or complete:
        return None
    return len(items), min(numbers)


def _counts(lead: str) -> frozenset[int]:
    """Return the numbers in a lead that may say how many things it leads up to."""
    whole = {int(one.value) for one in quantities(lead) if one.kind is Kind.NUMBER and one.value and one.value % 1 == 0}
    return frozenset(number for number in whole if 2 <= number <= MOST)


_NUMBERED = re.compile(
    r"[一二三四五六七八九十]是|第[一二三四五六七八九十]|其[一二三四五六七八九十]|[(（]?\d{1,2}[)）.](?!\d)"
)
_QUOTED = quoted(1, 20)
_QUOTES = re.compile(f"[{marks(DOUBLE)}]")
_CHAINED = re.compile(r"[—–→＞>]+|\+")
_JOINED = re.compile(r"[和与及]|\band\b|\bor\b")
_SHORT, _SHORT_ENGLISH = 10, 40
"""Characters: what stands between commas and is longer is hardly an item of a list."""


@lru_cache(maxsize=4096)
def _lengths(text: str) -> frozenset[int]:
    """Return the lengths of the lists inside ``text`` (normalised)."""
    found = {len(re.split("[；;]", text)), len(_NUMBERED.findall(text)), len(_QUOTED.findall(text))}
    latin = is_english(text)
    short = _SHORT_ENGLISH if latin else _SHORT
    for stretch in re.split(r"[。！？!?；;：:\n]", text):
        run = 0
        for part in re.split(r"[，,](?!\d)", stretch):
            for inner in (part, *_QUOTES.split(part)):
                joints = max(inner.count("、"), len(_CHAINED.findall(inner)))
                found.add(joints + 1)
                if _JOINED.search(inner.rsplit("、", 1)[-1]):
                    found.add(max(joints, run if latin else 0) + 2)
            run = run + 1 if len(part) <= short else 0
            found.add(run)
        found.add(len(_QUOTED.findall(stretch)))
    return frozenset(length for length in found if length > 1)


def _siblings(
    unit: CandidateSentence, units: Sequence[CandidateSentence], covers: Sequence[float]
) -> list[CandidateSentence]:
    """Return the enumeration that ``unit`` belongs to: clauses, or paragraphs' first sentences, that open as it does.

    "坚持……；坚持……；", "一是……。二是……。". Where all that is too long, how each begins; or ``unit`` alone.
    """
    sentences = unit.stored.passage.sentences
    first = last = unit.index
    while first > 0 and _alike(sentences[first - 1].text, unit.sentence.text):
        first -= 1
    while last + 1 < len(sentences) and _alike(sentences[last + 1].text, unit.sentence.text):
        last += 1
    run = [CandidateSentence(unit.stored, index) for index in range(first, last + 1)]
    if len(run) == 1 and unit.index == 0:
        run = _paragraphs(unit, units, covers)
    return run if length(run) <= LONGEST else _openings(run, unit) or [unit]


def _openings(run: Sequence[CandidateSentence], best: CandidateSentence) -> list[CandidateSentence]:
    """Return the first clause of each of ``run``, with its mark, and all of ``best``, which answers.

    Nothing when one of them opens with a long clause.
    """
    marks = [_MARK.search(unit.sentence.text, 0, LEAD) for unit in run]
    cut = [
        best if unit.place == best.place else CandidateSentence(unit.stored, unit.index, mark.end())
        for unit, mark in zip(run, marks, strict=True)
        if mark
    ]
    return cut if len(cut) == len(run) else []


def _paragraphs(
    unit: CandidateSentence, units: Sequence[CandidateSentence], covers: Sequence[float]
) -> list[CandidateSentence]:
    """Return the first sentences of the paragraphs next to ``unit``'s that open as it does, itself among them.

    Those with far fewer of the question's words are about something else: "聚焦营商环境" was asked, not "聚焦队伍".
    """
    least = ALIKE * covers[units.index(unit)]
    document, section = unit.stored.document_id, unit.stored.passage.section
    first = {
        other.stored.passage.ordinal: other
        for other, covered in zip(units, covers, strict=True)
        if other.index == 0
        and covered >= least
        and (other.stored.document_id, other.stored.passage.section) == (document, section)
        and _alike(other.sentence.text, unit.sentence.text)
    }
    at = end = unit.stored.passage.ordinal
    first[at] = unit  # which opens with a stop word, perhaps, and so like no other
    while at - 1 in first:
        at -= 1
    while end + 1 in first:
        end += 1
    return [first[ordinal] for ordinal in range(at, end + 1)]


_LATIN_WORD = re.compile(r"[A-Za-z]+")
_SAYS = re.compile(
    with_han(
        r"^(?:\h{1,12}(?:认为|指出|表示|辩称|称|表明|显示)[，,：:]"
        r"|[A-Z][\w.’']*(?: [\w.’']+){0,4}? (?:said|found|held|noted|stated|argued|reported|asked)(?: that|,)) *"
    )
)
"""Who says what follows: "本院认为，". It opens sentences about anything, and no list."""


def _alike(text: str, other: str) -> bool:
    """Whether two clauses open alike: with the same word, no stop word, or each with a number of its own.

    Of Chinese the first two characters are compared, which are a word as a rule.
    """
    row = "\n" in text  # which begins with the lines that its table is quoted with
    text, other = _SAYS.sub("", text), _SAYS.sub("", other)
    if not row and (mine := _LATIN_WORD.match(text)) and (theirs := _LATIN_WORD.match(other)):
        return mine[0].lower() == theirs[0].lower() and mine[0].lower() not in STOPWORDS
    return text[:2] == other[:2] or bool(_ORDINAL.match(text) and _ORDINAL.match(other))
