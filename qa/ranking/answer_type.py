"""Whether a text offers the type of answer asked for: numbers, shares, amounts, dates, people, places, reasons ..."""

from __future__ import annotations

import re
from collections.abc import Callable

from qa.question.query import LASTING, AnswerType
from qa.text.english_counts import WORDED
from qa.text.quantities import number_strings
from vectorstore.text.language import is_english, with_han
from vectorstore.text.names import MASKED_NAME, PERSON_TAGS, PLACE_TAGS
from vectorstore.text.quotes import quoted
from vectorstore.text.segmentation import tag as tagged

_NO_COUNT = re.compile(
    with_han(
        r"(?:19|20)\d\d年|(?<!\d)\d{1,2}月(?:\d{1,2}日)?|第[\d一二三四五六七八九十百]+|一(?=[个家次项条种类])|\b(?:19|20)\d\d\b(?!\h)"
    )
)
"""Numbers that say when, or which, and not how many."""
_DATE = re.compile(
    r"(?<!\d)\d++[年月日]|\d{4}[-/.]\d{1,2}|(?:19|20)\d\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b|上午|下午|晚上|凌晨|十[一二三四五六七]五|[春夏秋冬][季天节]|(?:立|春|夏|秋|冬)(?:[春夏秋冬]|分|至)日?|年[初中底末]|月[初中底末]"
)
_MONEY = re.compile(
    with_han(
        r"(?:(?<!\d)(?<!\d[,.])\d|[一二三四五六七八九十百千])[\d,.]*+(?:余|多)?\s{0,9}(?:万|亿|千|百){0,4}(?:余|多)?\s{0,9}(?:元|美元|港元|欧元|块|人民币|dollars)|[$¥€£]\s*\d|(?<!\d)(?<!\d\.)\d[\d.]*+(?:余|多)?[亿万](?:余|多)?(?!\h)"
    )
)
_PERCENT = re.compile(r"\d\s*[%‰]|百分之|[一二三四五六七八九]成|个百分点|\d\s*per ?cent")
_SHARE = re.compile(r"[%率比]|per ?cent|share|rate|proportion")
"""Where a table says its unit: not behind each number."""
_REASON = re.compile(
    r"因[为此由]|由于|所以|导致|原因|为了|以便|从而|旨在|致使|鉴于|针对|着眼|造成|引起|引发|得益于|源于|缘于|归因|归功|所致"
    r"|受[^，,。；;]{1,24}影响"
    r"|because|due to|owing to|in order to|so that|therefore|thanks to|reasons?\b|result(?:ed|s)? (?:of|from)"
    r"|as a result|caused|\bcauses?\b|attribut|reflect(?:s|ed|ing)\b|driven by|\bblamed?\b|explain(?:s|ed) by"
    r"|puts? (?:this|it|that) down to"
)
"""A cause, a purpose, or what one was put down to."""
_ITEM_ENDS = re.compile(with_han(r"、|；|;|, |(?<=\h)\+(?=\h)|[”\"][和与及]?(?=[“\"])"))
"""What stands between the items of a list: marks, a plus sign ("基本报酬+补贴"), or an "and" between quotations."""
ROLE = re.compile(
    r"[省市县区镇乡州国]委|[局院校行社部厂会队组村镇乡县市区]长|书记|主任|经理|干部|党员|群众|居民|村民|职工|人员|代表|专家"
    r"|医生|律师|患者|本人|家属|董事|政府|法院|公司|企业|单位|部门|机构|组织|中心|委员会|协会"
)
"""Who does something without a name of their own."""
SURNAMED = re.compile(MASKED_NAME)
"""A name as courts and hospitals write it."""
_PEOPLE = frozenset("名人位")
_SPAN = re.compile(
    r"(?<!\d{3})[\d一二两三四五六七八九十半]\s*(?:余|多)?(?:个?(?:工作日|小时|月|星期|季度)|天|日|年|周|分钟)|每(?:年|月|周|天|日|季)"
    r"|\b(?:minute|hour|day|week|month|year|decade)s?\b|\b(?:once|twice|daily|weekly|monthly|yearly|annually|quarterly)\b"
)
_DAYS = re.compile(r"\d\s*(?:个?工作)?日")


def offers(answer_type: AnswerType, text: str, question: str, names: frozenset[str] = frozenset()) -> float:
    """Return 1.0 when ``text`` (normalised) offers the type of answer, 0.0 when not, 0.5 when that can't be told.

    What already stands in the question is no answer.

    Args:
        question: normalised.
        names: of the text, where capitals tell them; see ``qa.text.english.people``.
    """
    if names and answer_type in (AnswerType.PERSON, AnswerType.PLACE):
        return float(any(name in text and name not in question for name in names))
    offer = _OFFERS.get(answer_type)
    return offer(text, question) if offer else 0.5


def _number(text: str, question: str) -> float:
    worded = is_english(text) and any(m not in question for m in WORDED.findall(text))
    return float(bool(number_strings(_NO_COUNT.sub(" ", text)) - number_strings(question)) or worded)


def _percent(text: str, question: str) -> float:
    return 1.0 if _PERCENT.search(text) else 0.5 * bool(_SHARE.search(text) and number_strings(text))


def _money(text: str, question: str) -> float:
    return 1.0 if _MONEY.search(text) else 0.5 * bool((is_english(text) or "元" in text) and number_strings(text))


def _date(text: str, question: str) -> float:
    return float(any(match not in question for match in _DATE.findall(text)))


def _person(text: str, question: str) -> float:
    if named_people(text, question):
        return 1.0
    return 0.5 if any(role not in question for role in ROLE.findall(text)) else 0.0


def _reason(text: str, question: str) -> float:
    return float(bool(_REASON.search(text)))


def _list(text: str, question: str) -> float:
    return min(1.0, len(_ITEM_ENDS.findall(text)) / 3)


_QUOTATION = quoted(1, 12, '“"')


def named_people(text: str, question: str) -> bool:
    """Whether ``text`` (normalised) names a person who isn't in ``question``; “青蓝工程” is nobody."""
    if any(name not in question for name in SURNAMED.findall(text)):
        return True
    return any(
        tag in PERSON_TAGS and len(word) > 1 and word not in question
        for word, tag in tagged(_QUOTATION.sub("，", text))
    )


_WHICH_PLACE = re.compile(r"哪[一几两]?个?(小区|社区|街道?|[省市县区镇乡村园])")
_NO_PLACE = re.compile(r"[全各每整本该某几个]|乡镇|城乡|城市|农村|城镇|市县|省市")


def _place(text: str, question: str) -> float:
    """Return 1.0 when ``text`` names a place that isn't in ``question``; of the sort that it asks for ("哪个镇")."""
    asked = _WHICH_PLACE.search(question)
    if asked and asked[1] in "省市县区":  # the report's own: its sentences need not name it
        return 0.5
    for word, tag in tagged(text):
        if tag in PLACE_TAGS and word not in question and not asked:
            return 1.0
    sort = asked[1] if asked else "[省市县区镇乡村]"
    return float(
        any(
            match[0] not in question and not _NO_PLACE.search(match[0])
            for match in re.finditer(with_han(rf"\h{{2,3}}{sort}"), text)
        )
    )


_OFFERS: dict[AnswerType, Callable[[str, str], float]] = {
    AnswerType.NUMBER: _number,
    AnswerType.PERCENT: _percent,
    AnswerType.MONEY: _money,
    AnswerType.DATE: _date,
    AnswerType.PERSON: _person,
    AnswerType.PLACE: _place,
    AnswerType.REASON: _reason,
    AnswerType.LIST: _list,
}


def measured(measure: str, text: str) -> float:
    """Return 1.0 when a number in ``text`` stands before the measure word that the question counts in."""
    if not measure:
        return 0.5
    if measure == LASTING:
        return float(bool(_SPAN.search(text)))
    head = measure[0]
    found = {
        match[-1]
        for match in re.findall(
            with_han(r"[\d一二两三四五六七八九十百千万亿](?:余|多)?[万亿千百]?(?:余|多)?\s*\h"), text
        )
    }
    if head in found or (head == "天" and _DAYS.search(text)):
        return 1.0
    return 1.0 if head in _PEOPLE and found & _PEOPLE else 0.0
