"""Whether a text names an entity of the type that a question wants named ("谁", "哪几个镇", "哪家公司")."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.question.query import NAME, PERSON
from qa.question.targets import NAME_ENDINGS
from qa.ranking.answer_type import ROLE, named_people
from vectorstore.text.language import is_english
from vectorstore.text.names import ORGANISATION_TAGS, OTHER_TAGS, PERSON_TAGS, PLACE_TAGS
from vectorstore.text.quotes import quoted
from vectorstore.text.segmentation import tag as tagged

UNKNOWN = 0.5
"""Where the text does not show it."""
_HINT = 0.3
"""Somebody is there, though not by name; or a company may be, whose name doesn't say what it is."""

_PLACES = frozenset(("街", "路", "村", "镇", "乡", "省", "省份", "社区", "小区", "街道", "城市"))
_PROVINCE = frozenset(("省", "省份"))
_PROVINCES = re.compile(
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
    "|内蒙古|广西|西藏|宁夏|新疆|北京|天津|上海|重庆|香港|澳门"
)
_NO_NAMES = frozenset(("城市", "农村", "乡镇", "市区", "城区", "城镇", "县城", "园区"))
"""Places to the segmenter, though no names."""
_QUOTATION = quoted(2, 20, '“"《「')
_BESIDE = 8
"""Characters between a name in quotation marks and what it is the name of."""
_OTHER_NAMES = ORGANISATION_TAGS | OTHER_TAGS
_NO_NAME_TAGS = ("v", "m", "q", "d", "p", "c", "u", "x", "r", "f", "t")
_COMMON = re.compile(
    r"^(?:[全各每本该某整农乡城老新大中小]|行政|城乡|民营|非公|国有|重点|相关|有关|基层|贫困|示范|先进|党|党政|群众|集体|两新|上市)$"
)


def named(wanted: str, text: str, question: str, names: frozenset[str] = frozenset()) -> float:
    """Return 1.0 when ``text`` (normalised) names one that isn't in ``question``, less when it doesn't.

    UNKNOWN when no entity is asked for.

    Args:
        wanted: the entity type, as in ``Query``.
        names: of the text, where capitals tell them; see ``qa.text.names.people``.
    """
    if not wanted:
        return UNKNOWN
    if is_english(text):
        return float(any(name in text and name not in question for name in names)) if wanted == PERSON else UNKNOWN
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
    others = [*ROLE.findall(text), *(word for word, tag in tagged(text) if tag in _OTHER_NAMES)]
    return _HINT if any(other not in question for other in others) else 0.0


def _called(noun: str, text: str, question: str) -> float:
    """Return 1.0 when a name in quotation marks stands beside ``noun``, UNKNOWN when one stands elsewhere."""
    quoted = [match for match in _QUOTATION.finditer(text) if match[1] not in question]
    if any(noun in text[max(0, match.start() - _BESIDE) : match.end() + _BESIDE] for match in quoted):
        return 1.0
    return UNKNOWN if quoted else _HINT


@lru_cache(maxsize=65536)
def _instances(wanted: str, text: str) -> tuple[str, ...]:
    """Return the names of such things in ``text``: nouns with such an ending, and something before it."""
    found, stem, kind = [], "", ""
    for word, tag in tagged(text):
        if (wanted in _PROVINCE and _PROVINCES.fullmatch(word)) or (
            wanted in _PLACES and tag in PLACE_TAGS and wanted not in _PROVINCE and word not in _NO_NAMES
        ):
            found.append(word)
        for ending in NAME_ENDINGS[wanted]:
            name = stem + word
            if word.endswith(ending) and len(name) > len(ending) + 1 and not _COMMON.match(name[: -len(ending)]):
                found.append(name)
            elif kind in PERSON_TAGS | PLACE_TAGS and word.startswith(ending):
                found.append(stem + ending)  # the segmenter took the ending for the next word's beginning
        kind = tag
        stem = "" if tag.startswith(_NO_NAME_TAGS) or not word.isalnum() else stem + word
    return tuple(found)
