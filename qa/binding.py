"""What a number in a sentence counts, and whether that is what a question asks for.

"挑选出4000余名党员中心户" counts 党员中心户 and not 党员; "党组织达318个" counts 党组织. In Chinese a quantity's noun
stands right behind it or, where nothing does, before it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

from qa.question import Kind, Question

_QUANTITY = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千]{1,4}(?=[名人位个家次项件条支户处所场期类种座间元批]))"
    r"\s*(?:余|多)?(?P<scale>[万亿千百]*)(?:余|多)?\s*(?P<unit>%|‰|个?百分点|[\u4e00-\u9fff]{0,2})"
)
_DATE = re.compile(r"[年月日号届季]")
_MONEY = re.compile(r"元|块|美金|英镑|日元|欧元|人民币")
_PEOPLE = frozenset("名人位")
_MEASURES = frozenset("名人位个家次项件条支户处所场期类种座间批套只辆台艘架株头吨亩篇份本部册张届轮期级层栋幢")
_TWO = frozenset(("人次", "公里", "平方", "小时", "分钟", "百分", "工作"))
"""Measures of two characters."""
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
    return max((_likeness(asked, bound) for unit, bound in bindings(text) if _fits(question, unit)), default=0.0)


def _fits(question: Question, unit: str) -> bool:
    if question.kind is Kind.PERCENT:
        return unit.startswith(("%", "‰", "个百", "百分", "成"))
    if question.kind is Kind.MONEY:
        return bool(_MONEY.search(unit))
    if unit.startswith(("%", "‰")) or _DATE.match(unit):
        return question.measure[:1] in unit if question.measure else False
    if not question.measure:
        return True
    wanted = question.measure[0]
    return unit[:1] == wanted or {wanted, unit[:1]} <= _PEOPLE or wanted not in _MEASURES


@lru_cache(maxsize=65536)
def bindings(text: str) -> tuple[tuple[str, str], ...]:
    """Return for each quantity of ``text`` its unit and the words that it counts."""
    found = []
    matches = list(_QUANTITY.finditer(text))
    if not matches:
        return ()
    starts, tags = _words(text)
    for match in matches:
        unit = match["unit"]
        end = match.end()
        if len(unit) == 2 and not unit.startswith(("%", "‰")) and not _MONEY.search(unit) and unit not in _TWO:
            unit, end = unit[:1], end - 1  # "名党": the noun begins there
        found.append((unit, _behind(text, end, starts, tags) or _before(text, match.start())))
    return tuple(found)


def _words(text: str) -> tuple[dict[int, int], list[tuple[str, str]]]:
    tags = list(rjieba.tag(text))
    starts, at = {}, 0
    for index, (word, _) in enumerate(tags):
        starts[at] = index
        at += len(word)
    return starts, tags


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
        if tag.startswith(_STOPS) and tag != "vn" and not (phrase and (word == "的" or tag == "q")):
            break
        phrase += word
    return phrase.rstrip("的")


def _before(text: str, start: int) -> str:
    """Return the words of the clause that lead up to ``start``."""
    clause = re.split(r"[，,；;。！？!?：:\n]|(?<=[个名项家户人支条%])、", text[:start])[-1]
    return _FILLERS.sub("", clause.rstrip())[-_BACK:]


def _likeness(asked: str, bound: str) -> float:
    """Return how far what is counted is what is asked: 1 for the same thing, less for one that it only qualifies."""
    if not bound:
        return 0.0
    if bound.endswith(asked) or (len(bound) > 1 and asked.endswith(bound)):
        return 1.0
    common = len(set(asked) & set(bound)) / len(set(asked))
    head = 0.3 if asked[-1] == bound[-1] else 0.0
    return min(0.9, 0.6 * common + head)


_ASKING = re.compile(rf"(?:多少|几)\s*(?:[万亿千百余]|人次|[{''.join(sorted(_MEASURES))}])?")
_BEFORE = re.compile(
    r"(?:一共|总共|共计|共|大概|大约|现在|到底|究竟|各自|分别|占|达到?|是|为|有|花|投|建|派|搞|得|拿|领|给|了|过|的)+$"
)
_VAGUE = frozenset(("钱", "资金", "经费", "金额", "元", "万元", "亿元", "人", "个", "成", "百分点", "美元"))
_TAIL = re.compile(r"(?:的)?(?:数量|人数|总数|数目|数|金额|规模)?(?:是|为)?[?？。呢吗啊呀]*$")


@lru_cache(maxsize=4096)
def asked_thing(question: Question, focus: str) -> str:
    """Return the thing whose quantity ``focus`` (a question without its documents' names) asks for."""
    match = _ASKING.search(focus)
    if match:
        thing = _noun(focus[match.end() :])
        if thing and thing not in _VAGUE:
            return thing
        focus = focus[: match.start()]
    before = _BEFORE.sub("", _TAIL.sub("", focus)).strip(" ,，的")
    return re.split(r"[的,，里中 ]", before)[-1][-8:]


def _noun(text: str) -> str:
    """Return the nouns that ``text`` begins with."""
    phrase = ""
    for word, tag in rjieba.tag(text):
        if tag.startswith(_STOPS) and tag != "vn":
            break
        phrase += word
    return phrase
