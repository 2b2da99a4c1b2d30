"""What a question wants named: the type of entity ("谁", "哪几个镇", "哪家公司"), and how many there should be.

Answer types (``AnswerType``) tell numbers from lists; an entity type tells a list of towns from a list of duties.
"""

from __future__ import annotations

import re

from qa.question.intent import DOER
from qa.question.query import NAME, PERSON, AnswerType
from qa.text.quantities import whole_number
from vectorstore.text.language import with_han

NAME_ENDINGS = {
    "街": "街路道巷",
    "路": "街路道巷",
    "村": "村",
    "镇": "镇乡",
    "乡": "镇乡",
    "社区": ("社区",),
    "小区": ("小区",),
    "街道": ("街道",),
    "商圈": ("商圈",),
    "园区": ("园区", "园"),
    "景区": ("景区",),
    "城市": "市",
    "省": "省",
    "省份": "省",
    "大学": ("大学", "学院"),
    "高校": ("大学", "学院"),
    "院校": ("大学", "学院", "学校"),
    "学校": ("大学", "学院", "中学", "小学", "学校"),
    "银行": ("银行", "信用社", "农商行"),
    "金融机构": ("银行", "信用社", "农商行", "保险", "证券", "公司"),
    "公司": ("公司", "集团", "厂"),
    "企业": ("公司", "集团", "企业", "厂"),
    "医院": ("医院", "卫生院"),
    "单位": ("局", "委", "办", "部", "院", "中心", "公司", "协会", "委员会", "大学", "银行", "集团"),
    "酒店": ("酒店", "宾馆"),
    "事务所": ("事务所", "律所"),
    "律所": ("事务所", "律所"),
    "法院": ("法院",),
    "协会": ("协会", "学会", "商会"),
    "俱乐部": ("俱乐部",),
    "基金会": ("基金会",),
    "机构": (
        "局",
        "委",
        "院",
        "中心",
        "公司",
        "协会",
        "委员会",
        "大学",
        "银行",
        "集团",
        "事务所",
        "基金会",
        "所",
        "会",
    ),
    "部门": ("局", "委", "办", "部", "院", "中心", "委员会"),
}
"""What is asked -> how the names of such things end."""
_NOUNS = "|".join(sorted(NAME_ENDINGS, key=len, reverse=True))
_WHICH = re.compile(
    with_han(
        rf"哪(?:一|几|些|\d+|[两二三四五六七八九十]+)?[个条座所家些位支处片]?的?({_NOUNS})(?!\h*书记)"
        rf"|({_NOUNS})(?:分别|都|各|具体)*(?:[是有]哪[些几家个\d两二三四五六七八九十]|叫(?:什么|啥))"
    )
)
_WHO = re.compile(r"谁|哪[一几两]?位|哪[些几]个?人|什么人|何人|姓什么|\bwho(?:m|se)?\b")
_OF_THEM = re.compile(r"[两三四五六七八几](?:个|家|份)(?:地方|[省市县区镇]|报告)?[^,，]{0,4}谁")
_CALLED = re.compile(
    with_han(r"(\h{1,12}?)的?(?:名字|名称)?(?:分别|各自?|又|都)?(?:叫做?|取名|名为)(?:什么|啥|何)(?!时)")
)
_PERSONS = re.compile(r"(?:[人员长手师者友他她]|支?书|书记|主任|经理|总裁|代表|孩子|骨干)$")
MOST = 20
"""Things that one would name in a sentence."""

_FEW = r"\d{1,2}|[两二三四五六七八九十]{1,3}"
_ASKED = re.compile(
    rf"哪({_FEW})"
    rf"|(?<![\d.第])({_FEW})(?=[大个项类种家批条名支所处位件步级座款起张本部套场期]|方面)[^，,。?？]{{0,16}}?[”\"]?"
    r"(?:分别|各|都|具体|到底|究竟)*(?:是|有|叫|指|包括|名单)(?:哪[几些两二三四五六七八九十\d]|什么(?!时)|啥(?!时)|谁|[?？]|$)"
    r"|\b(?:which|what are the|name the|list the|what were the)\s+(\w+)\b"
    r"(?!\s+(?:counties|districts|cities|towns|companies|reports|documents|places)\b)",  # the documents themselves
    re.I,
)


def entity_type(text: str, comparative: bool) -> str:
    """Return the type of entity that ``text`` (normalised) wants named.

    PERSON, a key of NAME_ENDINGS, NAME and a noun, or nothing. A comparison ("谁更早") names what it asks for, and a
    document's name ("谁搞了…") need not stand in its sentences.
    """
    if comparative or _OF_THEM.search(text) or DOER.search(text):
        return ""
    if match := _WHICH.search(text):
        return match[1] or match[2]
    if _WHO.search(text):
        return PERSON
    called = _CALLED.search(text)
    if not called:
        return ""
    return PERSON if _PERSONS.search(called[1]) else NAME + called[1]


def list_lengths(text: str, answer_type: AnswerType) -> frozenset[int]:
    """Return how many things ``text`` (normalised) wants named, 2 to 20; empty when it doesn't say."""
    if answer_type in _NO_LISTS:
        return frozenset()
    found = (whole_number(next(filter(None, match))) for match in _ASKED.findall(text))
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
