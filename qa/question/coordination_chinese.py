"""Things that a Chinese question puts side by side: "人口、面积和党员数", "青石乡和白沙乡", "2023年和2024年"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.question.mentions import Mention
from qa.question.side_by_side import SideBySide
from vectorstore.text.language import HAN
from vectorstore.text.names import NAME_TAGS, proper_names
from vectorstore.text.segmentation import tag
from vectorstore.text.titles import ORGANISATION, place_stem
from vectorstore.text.words import normalise
from vectorstore.text.years import YEAR
from vectorstore.types import Span

_JOINS = frozenset(("、", "和", "与", "及", "以及", "跟", "还有"))
_EACH = r"(?:分别|各自?|都)"
_HOW_MUCH = r"(?:多少|几|多[大长高远重宽深久]|谁(?=\W|$)|何时|什么(?:时候|时间))"
_ASKED = re.compile(
    rf"{_EACH}{{0,2}}(?:各?是|为|有|达到?|共有)?{_HOW_MUCH}|{_EACH}{{1,2}}(?:是|为|有)?(?:什么|啥|哪|怎么?样|如何)"
)
"""What asks for an attribute right behind it; for what isn't a number or a person only where each is asked for."""
_ASKS = re.compile(r"多少|几|什么|啥|谁|哪|何|怎|如何|吗")
_TOGETHER = re.compile(
    r"之间|相[差比同距]|距离|差距|差多少|一共|总共|合计|共计|加起来|关系|区别|不同|联系|联合|合作|共同|一起|同比|增[长加减幅速]|下降|降[低幅]|变化|倍"
)
"""What is said of several things together, not of each."""
_CLAUSE = re.compile(r"[^,，。;；:：?？!！]+")
_BEFORE = frozenset(
    ("的", "请问", "告诉", "告诉我", "想知道", "是", "有", "在", "对", "把", "给", "介绍", "列出", "说明")
)
"""Words behind which an item begins; within another word, as 在 of 在建工程, they are part of the item."""
_OF_YEAR = re.compile(rf"{YEAR}年(?:度|底|末)?")
_YEAR = re.compile(rf"{YEAR}年?度?")
_PLACE = re.compile(rf"[{HAN}]{{1,6}}[省市县区州旗镇乡村]")
_NAME_ENDS = rf"(?=的|{_EACH}|$|[^{HAN}]|有|新|共)"
_SHORTEST, _LONGEST = 2, 12
_LATIN = re.compile(r"[A-Z][a-z][\w.&-]*(?: [A-Z][\w.&-]*)*")
_NO_ITEM = re.compile(rf"{_ASKS.pattern}|{_TOGETHER.pattern}|的|分别|各|可以|[了占]$")
_COUNTED = re.compile(
    rf"(?P<one>(?:多少|几)[{HAN}]{{1,8}}?)(?:、|和|与|以及|及|还有|[,，])(?P<other>(?:多少|几)[{HAN}]{{1,8}})(?=[?？]|$)"
)
"""多少名党员和多少个党组织"""
_ONE_BY_ONE = re.compile("分别|各自|各(?=[有是多几])")


def side_by_side(text: str, mentions: Sequence[Mention] = ()) -> SideBySide | None:
    """Return the attributes, names or years that ``text`` asks side by side; None where that isn't sure.

    Args:
        mentions: of documents in it, whose places are those of its normal form.
    """
    if found := _COUNTED.search(text):
        return SideBySide([found.span("one"), found.span("other")], False)
    names = [] if len(normalise(text)) != len(text) else [(m.start, m.end) for m in mentions]
    for clause in _CLAUSE.finditer(text):
        if (found_here := _in_clause(text, clause.span(), names)) is not None:
            return found_here
    return None


def pieces(phrase: str) -> list[str]:
    return [word for word, _ in tag(phrase)]


def of_one(tail: str) -> str:
    """Return what stands behind the last one without 分别, which speaks of several."""
    return _ONE_BY_ONE.sub("", tail, count=1)


def forms(name: str) -> list[str]:
    """Return how a text may write a name: 2023年 stands in a table's head as 2023."""
    if _YEAR.fullmatch(name):
        return [name.rstrip("年度")]
    return [form for form in (name, place_stem(name)) if len(form) > 1]


def _in_clause(text: str, clause: Span, names: Sequence[Span]) -> SideBySide | None:
    joints = _joints(text, clause, names)
    if not joints:
        return None
    first = _first_start(text, clause[0], joints[0][0], names)
    starts, ends = [first, *(end for _, end in joints)], [start for start, _ in joints]
    last = _last_end(text, starts[-1], clause[1], names)
    items = [_stripped(text, start, end) for start, end in zip(starts, [*ends, last], strict=True)]
    labels = [text[start:end] for start, end in items]
    if any(not _SHORTEST <= len(label) <= _LONGEST or _NO_ITEM.search(label) for label in labels):
        return None
    if all(_is_name(label) or item in names for label, item in zip(labels, items, strict=True)):
        asks = _ASKS.search(text, last, clause[1]) is not None and not _TOGETHER.search(text, last)
        return SideBySide(items, True) if asks else None
    if any(_is_name(label) or item in names for label, item in zip(labels, items, strict=True)):
        return None
    return SideBySide(items, False) if _ASKED.match(text, last) and not _ASKS.search(text, clause[0], first) else None


def _joints(text: str, clause: Span, names: Sequence[Span]) -> list[Span]:
    """Return where 、 and 和 stand between things; a name such as 和平镇 has none inside."""
    found, at = list[Span](), clause[0]
    for word, _ in tag(text[clause[0] : clause[1]]):
        span = (at, at + len(word))
        at = span[1]
        if word in _JOINS and not any(start < span[1] and span[0] < end for start, end in names):
            found.append(span)
    return found


def _first_start(text: str, start: int, joint: int, names: Sequence[Span]) -> int:
    """Return where the first item begins: behind the document's name, another body's or place's, a year, or 的."""
    if name := next((begin for begin, end in names if end == joint), None):
        return name
    if (year := re.search(rf"{_YEAR.pattern}$", text[start:joint])) is not None:
        return start + year.start()
    bounds, at, words = [end for _, end in names], start, set[int]()
    for word, _ in tag(text[start:joint]):
        at += len(word)
        words.add(at)
        if word in _BEFORE:
            bounds.append(at)
    bounds += [found.end() for found in ORGANISATION.finditer(text, start, joint) if found.end() in words]
    bounds += [found.end() for found in _OF_YEAR.finditer(text, start, joint)]
    return max((bound for bound in bounds if start < bound < joint), default=start)


def _last_end(text: str, start: int, end: int, names: Sequence[Span]) -> int:
    """Return where the last item ends: with a name or a year, or before what asks for it."""
    if name := next((stop for begin, stop in names if begin == start), None):
        return name
    if year := _YEAR.match(text, start, end):
        return year.end()
    space = len(text[start:end]) - len(text[start:end].lstrip())
    if latin := _LATIN.match(text, start + space, end):
        return latin.end()
    asked = _ASKED.search(text, start, end)
    word, kind = next(iter(tag(text[start:end])), ("", ""))
    either = [_PLACE.pattern, *([re.escape(word)] if kind in NAME_TAGS and len(word) > 1 else [])]
    place = re.match(rf"(?:{'|'.join(either)}){_NAME_ENDS}", text[start:end])
    if place and (asked is None or start + place.end() <= asked.start()):
        return start + place.end()
    return asked.start() if asked else end


def _is_name(label: str) -> bool:
    patterns = (_YEAR, _PLACE, _LATIN)
    return any(pattern.fullmatch(label) for pattern in patterns) or label in proper_names(label)


def _stripped(text: str, start: int, end: int) -> Span:
    label = text[start:end]
    return start + len(label) - len(label.lstrip()), end - (len(label) - len(label.rstrip()))
