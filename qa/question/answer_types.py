"""The type of answer that a question wants, the measure that it counts in, how many things, and whether it compares."""

from __future__ import annotations

import re
from typing import NamedTuple

from qa.question.query import LASTING, AnswerType
from qa.text.quantities import whole_number
from vectorstore.text.language import with_han

_PLURAL = r"(?!(?:was|has|does|its|says|goes)\b)(?:[a-z][a-z-]*[^\Wsui]s|people|children|men|women)\b"
_WHICH_ONES = (
    rf"\bwhich (?:(?:\d+|two|three|four|five|six|seven|eight|nine|ten|other) )?{_PLURAL}"
    rf"|\bwhich (?:[\w-]+ ){{1,3}}?{_PLURAL} (?:are|were|do|did|have|had|can|could|will|would|must|should|[a-z]+ed)\b"
)
"""Several of them: a plural behind "which", or some words later before a verb ("which supplier delivers" has none)."""

# The first pattern that is found decides; more telling ones stand first. Chinese, then English.
_PATTERNS: tuple[tuple[AnswerType, str], ...] = (
    (AnswerType.REASON, r"为什么|为何|为啥|缘何|凭什么|原因|怎么会|\bwhy\b|\breasons?\b"),
    (
        AnswerType.SUMMARY,
        r"总结(?![的了出过])|概括|概述|归纳|综述|简述|介绍一下|说说|讲讲|谈谈|\bsummar|\boverview\b|\bdescribe\b",
    ),
    (
        AnswerType.PERCENT,
        r"占比|比例|比重|百分之|百分比|几成|(?:覆盖|增长|完成|达标|满意|合格|入住|降|减|增)[幅率]|率(?:是|为|达)?多少"
        r"|\bper ?cent|\bproportion|\b(?:share|slice|fraction|portion) of\b|\bwhat (?:share|rate)\b"
        r"|\b(?:interest|vacancy) rate\b|率$",
    ),
    (AnswerType.NUMBER, r"\bhow many\b|\bhow (?:long|often)\b"),
    (
        AnswerType.MONEY,
        r"多少钱|多少(?:个)?(?:亿|万|千|百)?[元块]|多少资金|多少经费|金额|(?<!哪)几(?:亿|万|千|百)?[元块]|花了多少"
        r"|资金(?:是|有|为|达)?多少|(?<!by )\bhow much (?:money|funding|cash|debt|revenue|profit|income|rent|tax)\b"
        r"|(?<!by )\bhow much (?:was|were|did|does|do|is|are|has|have|will|would)\b"
        r"|^what (?:is|was|are|were|does|did|do|will|would)\b.*\b(?:costs?|price|bonus|salary|budget|fine|dividend)\b"
        r"|\bwhat (?:sum|amount)\b|\b(?:what|how much)\b.{0,40}\b(?:funds|funding|investment)\b",
    ),
    (
        AnswerType.NUMBER,
        r"多少|(?<![哪第])几[个名位家次项件人条支户处所场期类种年届批座间天岁级层轮]|数量|人数|总数|几何|[^\W\d]数[?？]?$"
        r"|\bhow many\b|\bnumber of\b|\bhow much\b",
    ),
    (
        AnswerType.DATE,
        r"什么时候|什么时间|啥时候|何时|何年|哪[一]?[年天月日]|几月|几号|几年|日期|时间(?:是|为|在)|时间$"
        r"|\bwhen\b|\bwhat (?:year|date|time|day)\b|\bwhich (?:year|month)\b",
    ),
    (
        AnswerType.LIST,
        r"哪些|哪[三四五六七八九十几两]|[三四五六七八九十两](?:[个项类种支大]|方面)[^，,。]{0,8}(?:是|叫|指)(?:什么|啥|谁)"
        r"|分别|列举|列出|都(?:有|叫|是|包括|指)|包括什么"
        rf"|\bwhat are\b|{_WHICH_ONES}|\blist\b",
    ),
    (
        AnswerType.PERSON,
        r"谁|哪位|何人|什么人|姓名|姓什么|姓啥|\bwho(?:m|se)?\b"
        r"|(?:书记|主任|[局市县区镇乡村院校社行处科部站队]长|经理|主席|总裁|负责人|作者|记者|编辑|人员|代表)[^，,。]{0,4}(?:叫|是)(?:什么|啥)(?!时)",
    ),
    (
        AnswerType.MANNER,
        r"如何|怎么|怎样|咋|何以|采取什么|什么(?:办法|措施|做法|方式|方法|举措)"
        r"|\bhow (?:did|does|do|is|are|was|were|has|have|can)\b|\bin what way\b|\bmeasures?\b",
    ),
    (AnswerType.PLACE, r"哪里|何处|哪儿|什么地方|位于|哪[一几两]?个?(?:[省市县区镇乡村街国园]|小区|社区)|\bwhere\b"),
    (
        AnswerType.YES_NO,
        r"是否|有没有|是不是|能不能|会不会|(?:[吗嘛]|(?<![什怎这那多])么)\s*[?]?$|^(?:is|are|was|were|did|does|do|has|have|can)\b",
    ),
)

# "多少名司机", "几个村": the measure word, and what is counted.
_COUNTED = re.compile(
    with_han(
        r"(?:多少|几)\s*(?:亿|万|千|百|余|多)?\s*([名人位个家次项件条支户处所场期类种批座间岁届级轮元块吨亩公里平方米天年月个]{0,2})\s*(\h{0,6})"
    )
)

_HOW_LONG = re.compile(r"多久|多长时间|\bhow (?:long|often)\b")

# "which of them has more": 多 by itself, unlike the 多 of 多少 and 许多.
_BARE = r"(?:谁|哪(?![些怕])).{0,24}?"
_END = r"(?:一?[些点]|[呢啊呀]?\s*(?:[?？。,，]|$))"

COMPARATIVE = re.compile(
    rf"{_BARE}(?:(?<![许很])[多高大早晚长]|(?<!多)少|[低小短]){_END}|"
    r"比较|相比|对比|谁更|哪[个家里]?.{0,8}(?:更|最)|最(?:多|少|高|低|大|小|早|晚|长|短|快)|更(?:多|少|高|低|大|小|早|晚|长|短)"
    r"|多还是|高还是|早还是|比[^，,。]{1,16}(?:多|少|高|低|大|小)(?:多少|几|了)"
    r"|\bcompare|\bmore\b.{0,200}\bor\b|\bhigher\b|\blower\b|\b(?:most|highest|largest|lowest|fewest|earliest)\b|\bearlier\b|\blater\b",
    re.I,
)

LARGEST = re.compile(
    rf"{_BARE}(?<![许很])[多高大晚长]{_END}|"
    r"[最更][多高大晚长贵]|\b(?:most|highest|largest|biggest|greatest|longest|more|higher|larger|bigger|later|latest)\b",
    re.I,
)
SMALLEST = re.compile(
    rf"{_BARE}(?:(?<!多)少|[低小早短]){_END}|"
    r"[最更](?:[少低小早短]|便宜)"
    r"|\b(?:fewest|lowest|smallest|shortest|cheapest|fewer|less|lower|smaller|cheaper|earlier|earliest)\b",
    re.I,
)


class Wanted(NamedTuple):
    """What the wording of a question says about its answer; the fields are those of ``Query``."""

    answer_type: AnswerType
    measure: str
    comparative: bool


def wanted(text: str) -> Wanted:
    """Return what ``text`` (normalised) wants."""
    found = next((kind for kind, pattern in _PATTERNS if re.search(pattern, text)), AnswerType.OTHER)
    lasting = found in (AnswerType.NUMBER, AnswerType.DATE, AnswerType.OTHER) and bool(_HOW_LONG.search(text))
    found = AnswerType.NUMBER if lasting else found
    counted = _COUNTED.search(text)
    comparative = bool(COMPARATIVE.search(text))
    if comparative and found in (AnswerType.OTHER, AnswerType.PLACE, AnswerType.PERSON):
        # "哪个县的党员最多" wants numbers to compare
        found = AnswerType.DATE if EARLY_OR_LATE.search(text) else AnswerType.NUMBER
    return Wanted(found, LASTING if lasting else counted[1] if counted else "", comparative)


EARLY_OR_LATE = re.compile(r"[早晚](?:[些点的呢?？]|$)|\b(?:earli|late)")

MOST = 20
"""Things that one would name in a sentence."""

_FEW = r"\d{1,2}|[两二三四五六七八九十]{1,3}"
_HOW_MANY_NAMED = re.compile(
    rf"哪({_FEW})"
    rf"|(?<![\d.第])({_FEW})(?=[大个项类种家批条名支所处位件步级座款起张本部套场期]|方面)[^，,。?？]{{0,16}}?[”\"]?"
    r"(?:分别|各|都|具体|到底|究竟)*(?:是|有|叫|指|包括|名单)(?:哪[几些两二三四五六七八九十\d]|什么(?!时)|啥(?!时)|谁|[?？]|$)"
    r"|\b(?:which|what are the|name the|list the|what were the)\s+(\w+)\b"
    r"(?!\s+(?:counties|districts|cities|towns|companies|reports|documents|places)\b)",  # the documents themselves
    re.I,
)


def list_lengths(text: str, answer_type: AnswerType) -> frozenset[int]:
    """Return how many things ``text`` (normalised) wants named, 2 to 20; empty when it doesn't say."""
    if answer_type in _NO_LISTS:
        return frozenset()
    found = (whole_number(next(filter(None, match))) for match in _HOW_MANY_NAMED.findall(text))
    return frozenset(number for number in found if 2 <= number <= MOST)


_NO_LISTS = frozenset(
    (
        AnswerType.NUMBER,
        AnswerType.PERCENT,
        AnswerType.MONEY,
        AnswerType.DATE,
        AnswerType.REASON,
        AnswerType.MANNER,
    )
)
