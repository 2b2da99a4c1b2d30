"""What sort of thing a question wants named ("谁", "哪几个镇", "哪家公司"), and whether a text names one.

Kinds of answer (``qa.question.analysis.Kind``) tell numbers from lists; a sort tells a list of
towns from a list of duties.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa.answering import comparison
from qa.question.analysis import Question
from qa.ranking.answer_type import NAME_TAGS, PLACE_TAGS, ROLE, named_people, tags
from qa.text import english
from vectorstore.text.words import normalise

PERSON = "谁"
NAME = "名："
"""Before what a name is asked of ("党员服务品牌叫什么")."""
UNTOLD = 0.5
"""Where nothing can be told."""
_HINT = 0.3
"""Somebody is there, though not by name; or a company may be, whose name doesn't say what it is."""

_ENDS = {
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
_PLACES = frozenset(("街", "路", "村", "镇", "乡", "省", "省份", "社区", "小区", "街道", "城市"))
_PROVINCE = frozenset(("省", "省份"))
_PROVINCES = re.compile(
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
    "|内蒙古|广西|西藏|宁夏|新疆|北京|天津|上海|重庆|香港|澳门"
)
_NO_NAMES = frozenset(("城市", "农村", "乡镇", "市区", "城区", "城镇", "县城", "园区"))
"""Places to the segmenter, though no names."""
_NOUNS = "|".join(sorted(_ENDS, key=len, reverse=True))
_WHICH = re.compile(
    rf"哪(?:一|几|些|\d+|[两二三四五六七八九十]+)?[个条座所家些位支处片]?的?({_NOUNS})(?![\u4e00-\u9fff]*书记)"
    rf"|({_NOUNS})(?:分别|都|各|具体)*(?:[是有]哪[些几家个\d两二三四五六七八九十]|叫(?:什么|啥))"
)
_WHO = re.compile(r"谁|哪[一几两]?位|哪[些几]个?人|什么人|何人|姓什么|\bwho(?:m|se)?\b")
_OF_THEM = re.compile(r"[两三四五六七八几](?:个|家|份)(?:地方|[省市县区镇]|报告)?[^,，]{0,4}谁")
_CALLED = re.compile(
    r"([\u4e00-\u9fff]{1,12}?)的?(?:名字|名称)?(?:分别|各自?|又|都)?(?:叫做?|取名|名为)(?:什么|啥|何)(?!时)"
)
_PERSONS = re.compile(r"(?:[人员长手师者友他她]|支?书|书记|主任|经理|总裁|代表|孩子|骨干)$")
_QUOTATION = re.compile(r"[“\"《「]([^“”\"《》「」]{2,20})[”\"》」]")
_BESIDE = 8
"""Characters between a name in quotation marks and what it is the name of."""
_OTHER_NAMES = ("nt", "nz")
_NO_NAME_TAGS = ("v", "m", "q", "d", "p", "c", "u", "x", "r", "f", "t")
_COMMON = re.compile(
    r"^(?:[全各每本该某整农乡城老新大中小]|行政|城乡|民营|非公|国有|重点|相关|有关|基层|贫困|示范|先进|党|党政|群众|集体|两新|上市)$"
)


@lru_cache(maxsize=1024)
def sort(question: Question) -> str:
    """Return the sort of thing that ``question`` wants named: PERSON, a key of the table, NAME and a noun, or nothing.

    A comparison ("谁更早") names what it asks for, and a document's name ("谁搞了…") need not stand in its sentences.
    """
    text = normalise(question.text)
    if question.comparative or _OF_THEM.search(text) or comparison.DOER.search(text):
        return ""
    if match := _WHICH.search(text):
        return match[1] or match[2]
    if _WHO.search(text):
        return PERSON
    called = _CALLED.search(text)
    if not called:
        return ""
    return PERSON if _PERSONS.search(called[1]) else NAME + called[1]


def named(wanted: str, text: str, question: str, names: frozenset[str] = frozenset()) -> float:
    """Return 1.0 when ``text`` (normalised) names one that isn't in ``question``, less when not, UNTOLD without a sort.

    Args:
        wanted: of ``sort``.
        names: of the text, where capitals tell them; see :func:`qa.text.english.people`.
    """
    if not wanted:
        return UNTOLD
    if english.is_english(text):
        return float(any(name in text and name not in question for name in names)) if wanted == PERSON else UNTOLD
    if wanted == PERSON:
        return _somebody(text, question)
    if wanted.startswith(NAME):
        return _called(wanted[-2:], text, question)
    if any(name not in question for name in _instances(wanted, text)):
        return 1.0
    return 0.0 if wanted in _PLACES else _HINT


def _somebody(text: str, question: str) -> float:
    if named_people(text, question):
        return 1.0
    others = [*ROLE.findall(text), *(word for word, tag in tags(text) if tag in _OTHER_NAMES)]
    return _HINT if any(other not in question for other in others) else 0.0


def _called(noun: str, text: str, question: str) -> float:
    """Return 1.0 when a name in quotation marks stands beside ``noun``, UNTOLD when one stands elsewhere."""
    quoted = [match for match in _QUOTATION.finditer(text) if match[1] not in question]
    if any(noun in text[max(0, match.start() - _BESIDE) : match.end() + _BESIDE] for match in quoted):
        return 1.0
    return UNTOLD if quoted else _HINT


@lru_cache(maxsize=65536)
def _instances(wanted: str, text: str) -> tuple[str, ...]:
    """Return the names of such things in ``text``: nouns with such an ending, and something before it."""
    found, stem, kind = [], "", ""
    for word, tag in tags(text):
        if (wanted in _PROVINCE and _PROVINCES.fullmatch(word)) or (
            wanted in _PLACES and tag in PLACE_TAGS and wanted not in _PROVINCE and word not in _NO_NAMES
        ):
            found.append(word)
        for ending in _ENDS[wanted]:
            name = stem + word
            if word.endswith(ending) and len(name) > len(ending) + 1 and not _COMMON.match(name[: -len(ending)]):
                found.append(name)
            elif kind in (*NAME_TAGS, *PLACE_TAGS) and word.startswith(ending):
                found.append(stem + ending)  # the segmenter took the ending for the next word's beginning
        kind = tag
        stem = "" if tag.startswith(_NO_NAME_TAGS) or not word.isalnum() else stem + word
    return tuple(found)
