"""What a number in a sentence counts, and whether that is what a question asks for.

"挑选出4000余名党员中心户" counts 党员中心户 and not 党员; "党组织达318个" counts 党组织. In Chinese a quantity's noun
stands right behind it or, where nothing does, before it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import rjieba

from qa.question.analysis import LASTING, Kind, Question
from qa.text import english
from vectorstore.text.words import normalise

_QUANTITY = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千]{1,4}(?=[名人位个家次项件条支户处所场期类种座间元批天年]))"
    r"\s*(?:余|多)?(?P<scale>[万亿千百]*)(?:余|多)?\s*(?P<unit>%|‰|个?百分点|[\u4e00-\u9fff]{0,2})"
)
_SPAN = re.compile(r"[天日周]|年(?!份)|个[工月小星季]|小时|分钟|工作|星期")
"""Units that things last."""
_CALENDAR = "年份"
"""Unit of 2020年: a year and not 2020 of them."""
_DATE = re.compile(r"[年月日号届季]")
_MONEY = re.compile(r"元|块|美金|英镑|日元|欧元|人民币")
_PEOPLE = frozenset("名人位")
_MEASURES = frozenset("名人位个家次项件条支户处所场期类种座间批套只辆台艘架株头吨亩篇份本部册张届轮期级层栋幢")
_SURE = 0.75
_DAYS = ("天", "日")
_TWO = re.compile(r"人次|公里|平方|小时|分钟|百分|工作|个(?:月|工(?=作日)|小(?=时)|星(?=期)|季(?=度))")
"""Measures of two characters, or that begin with them: 个小时, and not the 个 of 个小区."""
_LONG_QUALIFIER = 6
"""Characters that may stand between a measure and what it counts."""
_UNTIL = re.compile(r"[^\d，,；;。！？!?：:、\n]{0,16}")
_FILLERS = re.compile(
    r"(?:达到?|共计?|总计|合计|累计|有|为|是|超过?|突破|约|近|至|到|增至|增加到|减少到|的|了|已|大约|不少于|多达|高达|即|仅|就)+$"
)
_STOPS = ("v", "p", "d", "c", "u", "r", "m", "x", "y", "z", "q")
_BACK = 12


def score(question: Question, asked: str, text: str) -> float:
    """Return how well some quantity of ``text`` (normalised) counts what is asked, 0 to 1; 0.5 when nothing is counted.

    Args:
        asked: the thing whose number, amount or share the question wants; empty when that can't be told.
    """
    if not question.wants_quantity or not asked:
        return 0.5
    if english.is_english(asked):
        return english.score(asked, text)
    words = normalise(question.text)
    return max((likeness(asked, bound, words) for bound in bindings(text) if fits(question, bound.unit)), default=0.0)


def fits(question: Question, unit: str) -> bool:
    """Whether a quantity in ``unit`` is of the kind, and in the measure, that ``question`` asks for."""
    if question.kind is Kind.PERCENT:
        return unit.startswith(("%", "‰", "个百", "百分", "成"))
    if question.kind is Kind.MONEY:
        return bool(_MONEY.search(unit))
    if question.measure == LASTING:
        return bool(_SPAN.match(unit))
    if unit.startswith(("%", "‰")) or _DATE.match(unit):
        return question.measure[:1] in (*unit, *_DAYS) if question.measure else False
    if not question.measure:
        return True
    wanted = question.measure[0]
    if wanted in _DAYS:
        return unit[:1] in _DAYS or unit.startswith("个工")
    if "个" in (wanted, unit[:1]) and unit[:1] in _MEASURES:  # stands in for most other measures
        return True
    return unit[:1] == wanted or {wanted, unit[:1]} <= _PEOPLE or wanted not in _MEASURES


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


@lru_cache(maxsize=65536)
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
    tags = list(rjieba.tag(text))
    starts, at = {}, 0
    for index, (word, _) in enumerate(tags):
        starts[at] = index
        at += len(word)
    return starts, tags


@lru_cache(maxsize=65536)
def _head(clause: str) -> str:
    """Return what stands behind the last verb of ``clause`` (专职网格员 of "配备专职网格员"), or all of it."""
    words = list(rjieba.tag(clause))
    last = max((at for at, (_, tag) in enumerate(words) if tag.startswith("v") and tag != "vn"), default=-1)
    head = "".join(word for word, _ in words[last + 1 :])
    return head if len(head) > 1 else clause


def _stops(tag: str) -> bool:
    """Whether a word with that tag is no part of a noun phrase. "zg" is also given to syllables such as 员."""
    return tag.startswith(_STOPS) and tag not in ("vn", "zg")


def _behind(text: str, end: int, starts: dict[int, int], tags: list[tuple[str, str]]) -> str:
    """Return the nouns, with what qualifies them, that begin at ``end``."""
    index = starts.get(end)
    if index is None:  # the measure word and the noun are one word to the segmenter
        rest = re.match(r"[\u4e00-\u9fff]{2,12}", text[end:])
        if not rest:
            return ""
        tags, index = list(rjieba.tag(rest[0])), 0
    phrase = ""
    for word, tag in tags[index:]:
        if _stops(tag) and not (phrase and (word == "的" or tag == "q")):
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


def states(question: Question, asked: str, text: str) -> bool:
    """Whether ``text`` (normalised) says how much there is of the very thing asked."""
    words = normalise(question.text)
    fitting = (bound for bound in bindings(text) if fits(question, bound.unit))
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


_ASKING = re.compile(rf"(?:多久|多长时间|多少|几)\s*(?:[万亿千百余]|人次|[{''.join(sorted(_MEASURES))}])?")
_BEFORE = re.compile(
    r"(?:一共|总共|共计|共|大概|大约|现在|到底|究竟|各自?|分别|占|达到?|是|为|有|花|投|建|派|搞|得|拿|领|给|了|过|的)+$"
)
_PARTICLES = re.compile(r"[呢吗啊呀吧哦嘛啦]+[?？。!！\s]*$")
_VAGUE = frozenset(("钱", "资金", "经费", "金额", "元", "万元", "亿元", "人", "个", "成", "百分点", "美元"))
_TAIL = re.compile(r"(?:的)?(?:数量|人数|总数|数目|数|金额|规模)?(?:是|为)?[?？。呢吗啊呀]*$")


_COMPARED = re.compile(
    r"(?:(?:最|更|比较)[快慢早晚长短]|(?:最|更|比较)?(?:[多高低大小]|(?<!多)少))(?:一?[些点])?(?:的?(?:是|在)?(?:谁|哪).*|[呢啊呀?？。\s]*)$"
)
_WHICH = re.compile(
    r"^.*?(?:谁|哪(?:里|儿|[一几两]?[个家些边]?(?:地方|县|区|市|镇|村|公司|企业|医院|单位)?))(?:的|有)?"
)
"""What a comparison puts around the thing compared: "哪个县的……更多", "……最多的是谁"."""
_THEN_WHICH = re.compile(
    r"[,，;；。?？]\s*(?:其中|又|到底|究竟)?(?:谁|哪[一几两]?[个家边里]?[^,，多少几]{0,4}).{0,10}$"
)
"""What follows when the figures themselves are asked for: "……各有多少，谁最多"."""


@lru_cache(maxsize=4096)
def asked_thing(question: Question, focus: str) -> str:
    """Return the thing whose quantity ``focus`` (a question without its documents' names) asks for."""
    if english.is_english(focus):
        return english.asked_thing(focus)
    focus = _PARTICLES.sub("", focus)
    focus = _THEN_WHICH.sub("", focus) or focus
    if question.comparative:
        focus = _WHICH.sub("", _COMPARED.sub("", focus))
    match, noun = _ASKING.search(focus), ""
    if match:
        noun = _noun(focus[match.end() :])
        if noun and noun not in _VAGUE:
            return noun
        focus = focus[: match.start()]
    before = _BEFORE.sub("", _TAIL.sub("", focus)).strip(" ,，的")
    *rest, last = re.split(r"([的,，?？。!！;；里中 ])", before)
    if rest[-1:] == ["的"]:  # 的授信: what stands behind 的 is a noun
        return last[-8:]
    thing = _without_verbs(last)
    return "" if noun and thing != last else thing[-8:]  # 评几个人: people, whoever they are


def _without_verbs(text: str) -> str:
    """Return ``text`` without verbs, adverbs and times at its end: 集体经济 of "集体经济能进账", nothing of "摸索"."""
    words = list(rjieba.tag(text))
    while words and words[-1][1].startswith(("v", "d", "p", "c", "u", "m", "q", "t")) and words[-1][1] != "vn":
        words.pop()
    return "".join(word for word, _ in words)


def _noun(text: str) -> str:
    """Return the nouns that ``text`` begins with."""
    phrase = ""
    for word, tag in rjieba.tag(text):
        if _stops(tag):
            break
        phrase += word
    return phrase
