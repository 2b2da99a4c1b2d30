"""What a number in a sentence counts, and whether that is what a question asks for.

"挑选出4000余名党员中心户" counts 党员中心户 and not 党员; "党组织达318个" counts 党组织. In Chinese a quantity's noun
stands right behind it or, where nothing does, before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from qa.question.counted import MEASURES, ends_noun
from qa.question.query import LASTING, AnswerType, Query
from qa.text import english_counts
from vectorstore.text.language import is_english, with_han
from vectorstore.text.segmentation import tag as tagged

_QUANTITY = re.compile(
    with_han(
        r"(?P<number>\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千]{1,4}(?=[名人位个家次项件条支户处所场期类种座间元批天年]))"
        r"\s*(?:余|多)?(?P<scale>[万亿千百]*)(?:余|多)?\s*(?P<unit>%|‰|个?百分点|\h{0,2})"
    )
)
_SPAN = re.compile(r"[天日周]|年(?!份)|个[工月小星季]|小时|分钟|工作|星期")
"""Units that things last."""
_CALENDAR = "年份"
"""Unit of 2020年: a year and not 2020 of them."""
_DATE = re.compile(r"[年月日号届季]")
_MONEY = re.compile(r"元|块|美金|英镑|日元|欧元|人民币")
_PEOPLE = frozenset("名人位")
_SURE = 0.75
_DAYS = ("天", "日")
_TWO = re.compile(r"人次|公里|平方|小时|分钟|百分|工作|个(?:月|工(?=作日)|小(?=时)|星(?=期)|季(?=度))")
"""Measures of two characters, or that begin with them: 个小时, and not the 个 of 个小区."""
_LONG_QUALIFIER = 6
"""Characters that may stand between a measure and what it counts."""
_UNTIL = re.compile(r"[^\d，,；;。！？!?：:、\n]{0,16}")
_FILLERS = re.compile(
    r"(?:达到?|共计?|总计|合计|累计|有|为|是|超过?|突破|约|近|至|到|增至|增加到|减少到|的|了|已|大约|不少于|多达|高达|即|仅|就){1,12}$"
)
_BACK = 12


def score(query: Query, asked: str, text: str) -> float:
    """Return how well some quantity of ``text`` (normalised) counts what is asked, 0 to 1; 0.5 when nothing is counted.

    Args:
        asked: the thing whose number, amount or share the question wants; empty when that can't be told.
    """
    if not query.wants_quantity or not asked:
        return 0.5
    if is_english(asked):
        return english_counts.score(asked, text)
    words = query.normal
    return max((likeness(asked, bound, words) for bound in bindings(text) if fits(query, bound.unit)), default=0.0)


def fits(query: Query, unit: str) -> bool:
    """Whether a quantity in ``unit`` is of the kind, and in the measure, that ``query`` asks for."""
    if query.answer_type is AnswerType.PERCENT:
        return unit.startswith(("%", "‰", "个百", "百分", "成"))
    if query.answer_type is AnswerType.MONEY:
        return bool(_MONEY.search(unit))
    if query.measure == LASTING:
        return bool(_SPAN.match(unit))
    if unit.startswith(("%", "‰")) or _DATE.match(unit):
        return query.measure[:1] in (*unit, *_DAYS) if query.measure else False
    if not query.measure:
        return True
    wanted = query.measure[0]
    if wanted in _DAYS:
        return unit[:1] in _DAYS or unit.startswith("个工")
    if "个" in (wanted, unit[:1]) and unit[:1] in MEASURES:  # stands in for most other measures
        return True
    return unit[:1] == wanted or {wanted, unit[:1]} <= _PEOPLE or wanted not in MEASURES


class Bound(NamedTuple):
    """A quantity and what it counts."""

    unit: str
    thing: str
    clause: str
    """What stands before the number since the last mark."""
    behind: str
    """What stands behind its unit until the next mark or number, at most 16 characters."""
    start: int
    """Offset of its number."""


@lru_cache(maxsize=4096)
def bindings(text: str) -> tuple[Bound, ...]:
    """Return the quantities of ``text`` (normalised)."""
    found = []
    matches = list(_QUANTITY.finditer(text))
    if not matches:
        return ()
    starts, tags = _words(text)
    for match in matches:
        if match["number"] == "一":  # 一名党员就是一面旗帜: an article
            continue
        unit = match["unit"]
        end = match.end()
        two = unit.startswith(("%", "‰")) or _MONEY.search(unit) or _TWO.match(text, end - 2)
        if len(unit) == 2 and not two:
            unit, end = unit[:1], end - 1  # "名党": the noun begins there
        if unit.startswith("年") and len(match["number"]) == 4:
            unit = _CALENDAR
        clause = _clause(text, match.start())
        thing = _behind(text, end, starts, tags) or _head(_FILLERS.sub("", clause.rstrip()))[-_BACK:]
        found.append(Bound(unit, thing, clause, _UNTIL.match(text, end)[0], match.start()))  # type: ignore[index]
    return tuple(found)


def _words(text: str) -> tuple[dict[int, int], list[tuple[str, str]]]:
    tags = list(tagged(text))
    starts, at = {}, 0
    for index, (word, _) in enumerate(tags):
        starts[at] = index
        at += len(word)
    return starts, tags


@lru_cache(maxsize=4096)
def _head(clause: str) -> str:
    """Return what stands behind the last verb of ``clause`` (专职网格员 of "配备专职网格员"), or all of it."""
    words = list(tagged(clause))
    last = max((at for at, (_, tag) in enumerate(words) if tag.startswith("v") and tag != "vn"), default=-1)
    head = "".join(word for word, _ in words[last + 1 :])
    return head if len(head) > 1 else clause


def _behind(text: str, end: int, starts: dict[int, int], tags: list[tuple[str, str]]) -> str:
    """Return the nouns, with what qualifies them, that begin at ``end``."""
    index = starts.get(end)
    if index is None:  # the measure word and the noun are one word to the segmenter
        rest = re.match(with_han(r"\h{2,12}"), text[end:])
        if not rest:
            return ""
        tags, index = list(tagged(rest[0])), 0
    phrase = ""
    for word, tag in tags[index:]:
        if ends_noun(tag) and not (phrase and (word == "的" or tag == "q")):
            break
        phrase += word
    return phrase.rstrip("的")


def _clause(text: str, start: int) -> str:
    """Return the words of the clause that lead up to ``start``."""
    return re.split(r"[，,；;。！？!?：:\n]|(?<=[个名项家户人支条%])、", text[:start])[-1]


def likeness(asked: str, bound: Bound, question: str) -> float:
    """Return how far what is counted is what is asked: 1 for the same thing, less for one that only shares words."""
    if same := _same(asked, bound, question):
        return same
    if len(asked) > 1 and 0 < bound.behind.find(asked) <= _LONG_QUALIFIER:
        return 0.7  # 220个乡村振兴建设项目: to the segmenter 振兴 is a verb
    thing = bound.thing
    if not thing:
        return 0.0
    if thing.startswith(asked):
        return 0.3  # 党员干部 are no 党员
    common = len(set(asked) & set(thing)) / len(set(asked))
    head = 0.3 if asked[-1] == thing[-1] else 0.0
    return min(0.9, 0.6 * common + head)


def states(query: Query, asked: str, text: str) -> bool:
    """Whether ``text`` (normalised) says how much there is of the very thing asked."""
    words = query.normal
    fitting = (bound for bound in bindings(text) if fits(query, bound.unit))
    return bool(asked) and any(_same(asked, bound, words) >= _SURE for bound in fitting)


_ALL = re.compile(r"^(?:全[省市县区镇乡村国部]|所有|一共|总共)的?")
_HOW_MANY = re.compile(r"(?<=..)(?:总?人数|总数|总量|数量|总额|金额|数)$")


def _same(asked: str, bound: Bound, question: str) -> float:
    """Return how surely both are one thing, 0 when they aren't.

    小区党组织 are some of the 党组织, unless the question has 小区 too; what the question adds may stand before the
    number.
    """
    thing = _HOW_MANY.sub("", bound.thing)
    if thing and thing.endswith(asked):
        return 1.0 - 0.3 * _missing(_ALL.sub("", thing[: -len(asked)]), question)
    if len(thing) > 1 and asked.endswith(thing):
        return 1.0 - 0.3 * _missing(asked[: -len(thing)], bound.clause)
    return 0.0


def _missing(characters: str, text: str) -> float:
    """Return the share of ``characters`` that ``text`` doesn't have."""
    return sum(character not in text for character in characters) / len(characters) if characters else 0.0
