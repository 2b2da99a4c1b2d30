"""The patterns by which quantities are found in a text whose full-width characters were made half-width."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qa.text.quantities.numerals import CHINESE_DIGITS, ENGLISH_NUMBER, ENGLISH_ORDINALS
from qa.text.quantities.units import MAGNITUDE, MONTHS, UNITS


def _alternatives(words: Iterable[str]) -> str:
    """A pattern for any of ``words``, longest first; Latin ones end where the word ends."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) + (r"(?![a-z])" if word.isascii() and word[-1].isalpha() else "") for word in longest
    )


_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = rf"[{CHINESE_DIGITS}]+(?:点[零〇一二三四五六七八九]+)?"
_MONTH = _alternatives(MONTHS)
_SCALE = _alternatives(MAGNITUDE).replace("百|", "百(?!分)|")
_UNIT = _alternatives(UNITS).replace("部|", "部(?!分)|").replace("成|", "成(?![立员为都功果本人长效熟品交绩就])|")
_ORDINAL_WORD = _alternatives(ENGLISH_ORDINALS)

CODE = re.compile(
    r"(?<!\d)\d++(?:\+(?:\d+|[a-z]))+"  # 1+24+3, 1+7+N
    r"|(?<![a-z\d])(?!usd|rmb|cny|eur|hk|(?:fy|(?:early|mid|late|pre|post)-)(?:19|20)\d\d(?!\d))"  # mid-2023 is a year
    r"[a-z]+-?\d++[a-z\d]*(?!\d|[.,]\d)"  # COVID-19, A4
    r"|(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",  # 11:42
    re.I,
)
NUMERIC_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:1[89]|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?:(?P=sep)(?P<d>\d{1,2}))?(?![\d%])"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
CHINESE_DATE = re.compile(
    rf"(?:(?<![\d.])(?P<y>(?:1\d|20)\d\d|[零〇一二三四五六七八九]{{4}})\s*年(?!代))?"
    rf"(?:\s{{0,9}}(?<![\d.])(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:份)?(?:\s*(?P<d>{_DAY})\s*[日号])?"
    rf"|(?<![\d.])(?P<d3>[12]\d|3[01]|0?[1-9])\s*日)?"
)
ENGLISH_DATE = re.compile(
    rf"(?<![a-z])(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<m>{_MONTH})\.?"
    rf"(?:\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))?(?:,?\s+(?P<y>(?:1[89]|20)\d\d)(?!\d))?",
    re.I,
)
SHARE = re.compile(
    rf"(?P<whole>[百千万]|(?<![{CHINESE_DIGITS}]){_CHINESE}|(?<!\d)\d+)分之(?P<part>{_CHINESE}|{_ARABIC})"
)
FRACTIONS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
FRACTION = re.compile(
    rf"(?<![a-z])(?:(?:a|one)[\s-](?P<one>{'|'.join(FRACTIONS)})(?=\s+of\b)"
    rf"|(?P<part>two|three|four|five|seven|nine)[\s-](?P<whole>{'|'.join(FRACTIONS)})s(?![a-z])"
    rf"|(?P<some>{ENGLISH_NUMBER})\s(?:in|out\sof)\s(?:every\s)?(?P<all>{ENGLISH_NUMBER})(?![a-z]))",
    re.I,
)
NUMBER = re.compile(
    rf"(?P<ordinal>第)?(?P<money>(?:us|hk|rmb|cny)?\s?[$¥€£]\s?|(?<![a-z])(?:rmb|cny|usd|eur|hk)\s?)?"
    rf"(?P<minus>(?<![a-z\d)）%])[-−])?"
    rf"(?P<value>(?<![\d.])(?:{_ARABIC})|{_CHINESE}|(?<![a-z])(?:{ENGLISH_NUMBER}|{_ORDINAL_WORD})(?![a-z]))"
    rf"(?P<th>(?<=\d)(?:st|nd|rd|th)(?![a-z]))?"
    rf"(?P<more>\s?[余多餘])?(?P<scale>\s?(?:{_SCALE})|(?(money)m(?![a-z])))?(?P<more2>[余多餘])?(?:[\s-]?(?P<unit>{_UNIT}))?",
    re.I,
)
OVER_BEFORE = re.compile(
    r"(?:(?<![不未])(?<!没有)(?<!不[得应能可会])超过?|逾|突破|不少于|不低于|至少|高于|大于"
    r"|at least|(?<!no )(?<!not )(?<!not be )(?:over|more than|exceed\w*|above))\s*$",
    re.I,
)
UNDER_BEFORE = re.compile(
    r"(?:不到|不足|(?:不[得应能可会]?|没有?|未)超过?|(?<!不)[低少]于|小于|未达|最多|至多|不高于|不多于"
    r"|fewer than|less than|at most|under|below|up to|no more than"
    r"|\bnot (?:be )?(?:over|more than|exceed\w*|above))\s*$",
    re.I,
)
OVER_AFTER = re.compile(r"[^\d，。；,;、]{0,3}(?:[（(]含[）)])?(?:以上|or more)", re.I)
UNDER_AFTER = re.compile(r"内|[^\d，。；,;、]{0,3}(?:[（(]含[）)])?(?:以下|以内|之内|or less|or fewer)", re.I)
RANGE = re.compile(r"\s?(?:[-–—~至到]|to)\s?")
