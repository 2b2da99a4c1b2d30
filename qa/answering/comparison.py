"""Comparisons: the figures of several documents side by side, and the conclusion that follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from qa.question.analysis import LARGEST, SMALLEST, Kind, Question
from qa.ranking import quantity_match
from qa.text import quantities
from qa.types import DraftSentence
from vectorstore.text.words import normalise, query_terms

_WHICH = re.compile(
    r"哪[一几两三]?[个家些份边]?(?:地方|县|区|市|镇|地|公司|企业|集团|医院|法院|报告|单位|里)|哪里|哪儿|谁|[两三四五六七八几](?:个|份|家|篇)(?:地方|县|区|市|公司|报告|材料|文件|文章)|各(?:县|区|市|地|家|个)"
    r"|(?:所有|全部)的?(?:地方|县|区|市|镇|公司|企业|集团|医院|法院|报告|单位)"
    r"|\bwhich (?:of|county|district|city|company|report|place)|\ball (?:five|the|of)\b|\beach\b"
)


_DEGREE = re.compile(r"[多少高低大小早晚长短](?=\W*$|一?[些点])")
_COUNTS = 10.0
"""What a figure counts decides; the words beside it only where that says nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one document says."""

    name: str
    drafted: DraftSentence
    thing: str
    """What the question counts, as it asks this document."""


_EXCEPT = re.compile(
    r"(?:^|(?<=[,，]))\s*(?:那么?|请问)?除了?(?P<these>[^,，?？]{1,30}?)(?:以外|之外|外)?[,，]?\s*"
    r"(?=(?:还有|另外|其他|别的|还|又)?有?(?:哪|谁|什么|其他|别的))"
)
DOER = re.compile(r"谁(?:也|都|在|给|把|最?先|率先|还)?(?:搞|做|办|建|推|弄|创|用|派|有|设)")
"""Whoever does something: as a rule the subject of the document, which says so without a name."""
_DOCUMENT = re.compile(
    r"哪[一几两]?[个家些]?(?:地方|[县区]|市(?!场)|地)(?![\u4e00-\u9fff]?[长委])"
    r"|^(?:请问)?哪[一几两]?[个家些]?(?:公司|企业|集团|医院|法院|报告|单位)"
    r"|\bwhich (?:county|district|city|report|place)\b|^which (?:company|hospital|court)\b"
)


def except_for(question: str) -> tuple[str, str]:
    """Return what ``question`` leaves out, and the rest of it: "罗江" and "还有哪里…" of "除了罗江，还有哪里…".

    Two empty strings when it leaves nothing out.
    """
    match = _EXCEPT.search(question)
    return (match["these"], question[: match.start()] + question[match.end() :]) if match else ("", "")


def wants_document(question: str) -> bool:
    """Whether the answer is the document's subject ("哪个县…", "谁搞了…"), which its own sentences need not name."""
    text = normalise(question)
    return bool(_DOCUMENT.search(text) or DOER.search(text))


def asks_which(question: str) -> bool:
    """Whether a question that names no document asks which documents, or asks all of them."""
    text = normalise(question)
    return bool(_WHICH.search(text)) and bool(
        LARGEST.search(text)
        or SMALLEST.search(text)
        or re.search(r"哪几|哪些|还有|各|[两三四五六七八几][个份家篇]|分别|所有|全部|都|有没有|提到|也", text)
    )


def side_by_side(question: Question, text: str, lines: Sequence[Line]) -> Iterator[DraftSentence]:
    """Yield each document's sentence under its name, then the conclusion where the quoted figures force one."""
    for line in lines:
        yield replace(line.drafted, text=f"{line.name}：{line.drafted.text}")
    if (end := conclusion(question, text, lines)) is not None:
        yield end


def conclusion(question: Question, text: str, lines: Sequence[Line]) -> DraftSentence | None:
    """Return "其中最高的是甲（97%）。" when every line has one comparable figure and no two tie for the first place."""
    folded = normalise(text)
    if len(lines) < 2 or not (LARGEST.search(folded) or SMALLEST.search(folded)):
        return None
    figures = [_figure(question, line.thing, folded, line.drafted.text) for line in lines]
    if any(figure is None for figure in figures) or len({figure.unit for figure in figures if figure}) > 1:
        return None
    values = [_value(figure) for figure in figures if figure]
    pick = min if SMALLEST.search(folded) else max
    first = pick(values)
    if values.count(first) > 1:
        return None
    at = values.index(first)
    chosen = figures[at]
    assert chosen is not None
    asked = (SMALLEST if pick is min else LARGEST).search(folded)
    found = _DEGREE.search(asked[0]) if asked else None
    degree = found[0] if found else "小" if pick is min else "大"
    word = f"{'最' if len(lines) > 2 else '更'}{degree}"
    evidence = tuple(item for line in lines for item in line.drafted.evidence)
    return DraftSentence(f"{word}的是{lines[at].name}（{chosen.text}）。", evidence)


def _value(figure: Any) -> Decimal:
    return figure.value if figure.value is not None else Decimal(0)


def _figure(question: Question, thing: str, asked: str, text: str) -> Any:
    """Return the figure of ``text`` that the question asks for: of its kind, counting it, nearest to its words."""
    wanted = set(query_terms(asked))
    folded = normalise(text)
    counts = {
        bound.start: quantity_match.likeness(thing, bound, asked)
        for bound in (quantity_match.bindings(folded) if thing and len(folded) == len(text) else ())
        if quantity_match.fits(question, bound.unit)
    }
    best, nearest = None, 0.0
    for figure in quantities.quantities(text):
        if figure.kind is not quantities.Kind.NUMBER or figure.value is None or figure.article:
            continue
        if question.kind is Kind.PERCENT and "%" not in figure.text:
            continue
        near = text[max(0, figure.start - 24) : figure.end + 8]
        score = _COUNTS * counts.get(figure.start, 0.0) + sum(term in near for term in wanted) + 0.1
        if score > nearest:
            best, nearest = figure, score
    return best
