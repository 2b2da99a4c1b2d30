"""Which documents a question is about: one part for each, with the question as it concerns that document alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.question.documents import Subjects
from qa.question.mentions import Mention, named, without
from qa.question.query import Part
from vectorstore.text.words import normalise
from vectorstore.text.years import YEAR, years

# "根据某某的判决书，", "According to the report of X,": says where to look, not what for.
_ACCORDING = re.compile(
    r"^(?:根据|按照|依据|结合|依照|参照|在|从)[^，,。]{0,60}[，,]|^(?:according to|based on|in)\b[^,]{0,80},"
)
_PLAIN = re.compile(
    r"(?:在|从|in\b)(?:[\s的中里内上这那该其份篇个《》“”\"]|里面|当中|之中|关于|(?:\d{4}年?)?(?:[年月季]度|工作|情况|民事|刑事|行政)*(?:报告|年报"
    r"|总结|制度|判决书?|裁定书?|文[件章]|材料|办法|规定|细则|通知|公告|合同|协议|章程|手册|指南|说明书?|条例|方案|计划|纪要"
    r"|病历|新闻|报道|访谈|白皮书)"
    r"|'s?|\b(?:the|of|for|annual|\d{4}|reports?|guide|handbook|manual|minutes|policy|rules|judge?ment|contract|interview"
    r"|article|document|plan)\b)*[，,]"
)
"""Such an opening without the name: "在…的报告中，"; "在…打工的外地人，" says of whom."""


_JOIN = re.compile(r"[和与跟同及、,，;；比]|还是|或|\b(?:and|or|than|vs|versus|with)\b")
_OF_BOTH = re.compile(r"[几多少]倍|倍数|相差|差距|差多少|差几|各多少|各有?几|两[边地县区市家者]|分别")
_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
_AND_YEAR = re.compile(
    rf"(?<!\d)(?P<year>{YEAR})(?!\d)(?P<unit>年?)(?:\s?(?:[和与跟同及或到、,，-]|and|or|to|vs|versus)\s?(?={YEAR}))?"
)
"""A year, with what joins it to the next."""
Group = tuple[tuple[str, ...], float]
"""Documents that go by one name, and the weight of the names that point to them."""

_SAME_NAME = 3
"""More documents than this under one name, and the name tells nothing."""


def decompose(question: str, subjects: Subjects, most: int = 8) -> list[Part]:
    """Return the parts of ``question``, in the order in which it names their documents; one part when it names none.

    A cover: the document that most names point to is taken, its names are struck out, and so on while names are left.
    So "so-and-so of hospital A" is one document, and "A and B" are two. A name that fits many documents alike, with
    nothing else to decide, picks none of them out.
    """
    text = normalise(question).strip()
    mentions = subjects.mentions(text)
    chosen = _cover(mentions, most)
    chosen = [group for group in chosen if not _named_elsewhere(group, chosen, mentions, subjects)]
    chosen = _joined(text, chosen, mentions)
    if not chosen:
        return [Part(text, _focus(text, mentions))]
    parts = []
    for documents, _ in chosen:
        taken = {document for group, _ in chosen if group != documents for document in group}
        others = [m for m in mentions if not m.documents & set(documents) and taken & m.documents]
        mine = tuple(m.text for m in mentions if m.documents & set(documents))
        part = Part(without(text, others), _focus(text, mentions), documents, mine)
        parts += _by_year(part, subjects)
    return parts


def _by_year(part: Part, subjects: Subjects) -> list[Part]:
    """Return ``part``, or one for each year that it asks about, where a document of that name is of each: its report.

    "A's profit in 2022 and 2023" is asked of both reports of A, each of which gives it for its own year.
    """
    asked = list(dict.fromkeys(_YEAR.findall(part.question)))
    if len(part.documents) < 2 or len(asked) < 2:
        return [part]
    infos = subjects.library.directory.infos(part.documents)
    reports = {year: [info.id for info in infos if years(info.title) == {year}] for year in asked}
    if any(len(ids) != 1 for ids in reports.values()):
        return [part]
    return [
        replace(part, question=_in_year(part.question, year), focus=_in_year(part.focus, year), documents=tuple(ids))
        for year, ids in reports.items()
    ]


def _in_year(text: str, year: str) -> str:
    """Return ``text`` without the other years."""
    return _AND_YEAR.sub(lambda found: found["year"] + found["unit"] if found["year"] == year else "", text)


def _cover(mentions: Sequence[Mention], most: int) -> list[Group]:
    left = list(mentions)
    chosen: list[tuple[int, Group]] = []
    while left and len(chosen) < most:
        weights = named(left)
        best = max(weights.values())
        ties = {document for document, weight in weights.items() if weight > best - 1e-9}
        first = min((m for m in left if m.documents & ties), key=lambda m: m.start)
        equals = tuple(sorted(first.documents & ties))
        if len(equals) <= _SAME_NAME:
            chosen.append((first.start, (equals, best)))
        left = [m for m in left if not m.documents & set(equals)]
    return [group for _, group in sorted(chosen)]


def _joined(text: str, chosen: Sequence[Group], mentions: Sequence[Mention]) -> list[Group]:
    """Return the groups that the question puts side by side; of two that nothing joins, the one named more strongly.

    "A and B" are two to ask. In "B's part in the project A" there is one, whatever else goes by the other name.
    """
    kept: list[Group] = []
    opening = _ACCORDING.match(text)
    opened, end = opening.end() if opening else 0, 0
    for group in chosen:
        mine = [m for m in mentions if m.documents & set(group[0])]
        start = mine[0].start
        between = text[max(end, opened) if start >= opened else end : start]
        if not kept or _JOIN.search(between) or _OF_BOTH.search(text):
            kept.append(group)
        elif group[1] > kept[-1][1]:
            kept[-1] = group
        else:
            continue
        end = mine[0].end
    return kept


def _named_elsewhere(group: Group, chosen: Sequence[Group], mentions: Sequence[Mention], subjects: Subjects) -> bool:
    """Whether a document that is named more strongly holds all the names that point to this one as well."""
    documents, weight = group
    names = [m.text for m in mentions if m.documents & set(documents)]
    return any(
        all(any(name in subjects.text(document) for document in other) for name in names)
        for other, stronger in chosen
        if other != documents and stronger > weight
    )


def _focus(text: str, mentions: Sequence[Mention]) -> str:
    opening = _ACCORDING.match(text)
    inside = [m for m in mentions if opening and m.start < opening.end()]
    end = opening.end() if opening and inside and _says_where(opening[0], inside) else 0
    rest = [Mention(m.start - end, m.end - end, m.text, m.documents, m.weight) for m in mentions if m.start >= end]
    focus = re.sub(r"(?:^|(?<=[，,]))\s*(?:和|与|及|以及|、|的|在|and|,|，)+", "", without(text[end:], rest)).strip()
    return re.sub(r"\s+(?:'s\b\s*)?", " ", focus) or text


def _says_where(opening: str, mentions: Sequence[Mention]) -> bool:
    """Whether an opening says where to look and nothing else: "在" and "in" also begin a condition."""
    return not opening.startswith(("在", "从", "in")) or _PLAIN.fullmatch(without(opening, mentions)) is not None
