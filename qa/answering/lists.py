"""Enumerations: which sentences stand together as one list, or under one lead or label."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.ranking.base import CandidateSentence
from qa.ranking.sentence_context import LEAD

LONGEST = 400
"""Characters of a list; a longer one is not quoted whole."""
ALIKE = 0.5
"""Share of the best line's words of the question that another line must have to stand beside it."""


def length(units: Sequence[CandidateSentence]) -> int:
    """Return the characters of ``units``."""
    return sum(len(unit.sentence.text) for unit in units)


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
    return run if length(run) <= LONGEST else _openings(run) or [unit]


def _openings(run: Sequence[CandidateSentence]) -> list[CandidateSentence]:
    """Return the first clause of each of ``run``, with its mark; nothing when one of them opens with a long one."""
    marks = [_MARK.search(unit.sentence.text, 0, LEAD) for unit in run]
    cut = [
        CandidateSentence(unit.stored, unit.index, mark.end()) for unit, mark in zip(run, marks, strict=True) if mark
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
    while at - 1 in first:
        at -= 1
    while end + 1 in first:
        end += 1
    return [first[ordinal] for ordinal in range(at, end + 1)]


def _alike(text: str, other: str) -> bool:
    """Whether two clauses open alike: with the same word, or each with a number of its own."""
    return text[:2] == other[:2] or bool(_ORDINAL.match(text) and _ORDINAL.match(other))
