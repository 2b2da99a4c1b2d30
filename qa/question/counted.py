"""What a question counts: the thing whose number, amount or share it wants."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.text.english_counts import asked_thing
from vectorstore.text.language import is_english
from vectorstore.text.segmentation import tag as tagged

MEASURES = frozenset("名人位个家次项件条支户处所场期类种座间批套只辆台艘架株头吨亩篇份本部册张届轮期级层栋幢")
_STOPS = ("v", "p", "d", "c", "u", "r", "m", "x", "y", "z", "q")


def ends_noun(tag: str) -> bool:
    """Whether a word with that tag is no part of a noun phrase. "zg" is also given to syllables such as 员."""
    return tag.startswith(_STOPS) and tag not in ("vn", "zg")


_ASKING = re.compile(rf"(?:多久|多长时间|多少|几)\s*(?:[万亿千百余]|人次|[{''.join(sorted(MEASURES))}])?")
_BEFORE = re.compile(
    r"(?:一共|总共|共计|共|大概|大约|现在|到底|究竟|各自?|分别|占|达到?|是|为|有|花|投|建|派|搞|得|拿|领|给|了|过|的){1,12}+$"
)
_PARTICLES = re.compile(r"(?<![呢吗啊呀吧哦嘛啦])[呢吗啊呀吧哦嘛啦]+[?？。!！\s]*$")
_VAGUE = frozenset(("钱", "资金", "经费", "金额", "元", "万元", "亿元", "人", "个", "成", "百分点", "美元"))
_TAIL = re.compile(r"(?:的)?(?:数量|人数|总数|数目|数|金额|规模)?(?:是|为)?[?？。呢吗啊呀]{0,20}$")


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
def counted_thing(focus: str, comparative: bool) -> str:
    """Return the thing whose quantity ``focus`` (a question without its documents' names) asks for."""
    if is_english(focus):
        return asked_thing(focus)
    focus = _PARTICLES.sub("", focus)
    focus = _THEN_WHICH.sub("", focus) or focus
    if comparative:
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
    words = list(tagged(text))
    while words and words[-1][1].startswith(("v", "d", "p", "c", "u", "m", "q", "t")) and words[-1][1] != "vn":
        words.pop()
    return "".join(word for word, _ in words)


def _noun(text: str) -> str:
    """Return the nouns that ``text`` begins with."""
    phrase = ""
    for word, tag in tagged(text):
        if ends_noun(tag):
            break
        phrase += word
    return phrase
